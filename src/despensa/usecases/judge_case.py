"""
Say what a case was; it is closed when two people say the same.

0 said before? · 1 the case and its area · 2 does somebody else say the same · 3 record word and end.
Nothing else follows: no household, card or entitlement is touched by a case, whatever is said of it.
Source: docs/explanation/design.md, sections 7.8 and 10.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.reach import Reach
from despensa.domain.redemption.verdict import Verdict
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.redemption import case_queries, case_store


class NoSuchCase(LookupError):
    """There is no such open case in reach; the text says so."""


class WordGiven(ValueError):
    """Whoever says it has said something of this case already; the text says so."""


def judge_case(subject: UUID, verdict: Verdict, *, reach: Reach, acting: Acting) -> bool:
    """
    Return whether the case is closed by this word.

    A person says one thing of a case, once: who disagrees waits for a third person.
    Raises: NoSuchCase, also out of reach; WordGiven.
    """
    if acting.staff is None:
        raise NoSuchCase("A case is judged by people: nothing was changed.")
    with transaction.atomic(using=LEDGER):
        case_store.take_turns(subject)
        found = case_queries.cases(None, only=subject)
        if not found or case_store.ended(subject) or not reach.holds(found[0].area):
            raise NoSuchCase("There is no such open case in reach: nothing was changed.")
        if not case_store.add_word(
            subject, staff=acting.staff, verdict=int(verdict), now=acting.at
        ):
            raise WordGiven("You have said what this case was: another person is needed.")
        others = case_store.others_who_said(subject, int(verdict), staff=acting.staff)
        rows = journal_rows.inserted(
            "case_word", [(subject.bytes + acting.staff.bytes, {"verdict": int(verdict)})]
        )
        if others:
            case_store.end(
                subject, int(verdict), first=others[0], second=acting.staff, now=acting.at
            )
            columns: dict[int | str, object] = {
                "verdict": int(verdict),
                "first": others[0].bytes,
                "second": acting.staff.bytes,
            }
            rows += journal_rows.inserted("case_end", [(subject.bytes, columns)])
        journal_store.record(LEDGER, "judge_case", acting, rows)
    return bool(others)
