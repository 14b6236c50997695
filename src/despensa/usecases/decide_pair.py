"""
Tell two records apart for ever, or say that somebody was asked; "the same" is `change_household`.

0 decided before as seen? · 1 both people in reach · 2 record the decision and the leaf. Nobody's food
changes by it; asked, the later registration's money waits until a day (`duplicates.queries.money_waits`). Source: docs/explanation/design.md, section 7.11.
"""

from dataclasses import replace
from uuid import UUID

from django.db import IntegrityError, transaction

from despensa.domain.act import Acting
from despensa.domain.duplicate import Verdict, earlier_first, money_waits_until
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries, store
from despensa.records.sealed_journal import workspace_entries
from despensa.records.staff import queries as staff

ACTION = "decide_pair"


def decide_pair(
    pair_id: UUID, verdict: Verdict, *, seen: int, acting: Acting, sealer: JournalSealer
) -> None:
    """
    Record a decision on a pair as it was `seen`: the number of its latest decision, 0 for none.

    Told apart again, a pair stays as it is: that was decided for ever.
    Raises: ChangeRefused when it was told apart, decided meanwhile, is one person already, or out of
        reach.
    """
    if acting.staff is None:
        raise ValueError("a pair is decided by a person")
    if verdict is Verdict.SAME:
        raise ValueError("two records become one by an operation on their households")
    reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
    try:
        with transaction.atomic(using=REGISTRY):
            pair = queries.pair(pair_id)
            records = {} if pair is None else queries.records([pair.first, pair.second])
            if pair is None or not all(reach.holds(one.area) for one in records.values()):
                raise ChangeRefused(Why.NO_SUCH_HOUSEHOLD)
            if pair.decided.verdict is Verdict.NOT_SAME:
                if verdict is Verdict.NOT_SAME:
                    return
                raise ChangeRefused(Why.TOLD_APART)
            if pair.decided.number != seen or pair.decided.verdict is Verdict.SAME:
                raise ChangeRefused(Why.PAIR_DECIDED)
            decision = store.NewDecision(pair_id, seen + 1, verdict)
            if verdict is Verdict.ASKED:
                _, later = earlier_first(*(one.record for one in records.values()))
                until = money_waits_until(acting.day, store.first_question(pair_id))
                decision = replace(decision, later=later.person, money_waits_until=until)
            store.add_decision(decision, staff=acting.staff, at=acting.at)
            entries = workspace_entries(
                journal_store.act(REGISTRY, ACTION, acting),
                "duplicate_decision",
                journal.Op.INSERT,
                [store.decision_body(decision)],
                acting=acting,
                sealer=sealer,
            )
            journal_store.append(REGISTRY, entries)
    except IntegrityError as error:
        raise ChangeRefused(Why.PAIR_DECIDED) from error
