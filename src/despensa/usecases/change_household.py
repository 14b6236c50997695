"""
Change a household: one operation, previewed before, undone after, sent twice done once.

0 carried out before under this id? · 1 let operations on these households take turns and load what
is so · 2 decide · 3 record roles, timeline, what is carried over, who looked, and the leaf.
Nothing here touches a lease. Source: docs/decisions/0015-households-are-histories.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from despensa.domain.act import Acting
from despensa.domain.duplicate import Verdict
from despensa.domain.encoding import dcbor
from despensa.domain.household.change import decide
from despensa.domain.household.operation import Kind, Order
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.household.situation import Change, Situation
from despensa.domain.household.undo import decide_undo
from despensa.domain.ports.keeper import Access, KeyedPerson, PersonVault, Purpose
from despensa.domain.reach import Reach
from despensa.domain.registration.draft import PersonDraft
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries as pairs
from despensa.records.duplicates import store as pair_store
from despensa.records.duplicates import teaching
from despensa.records.households import queries, store
from despensa.records.households.change_journal import change_entry, keys_of
from despensa.records.order_digest import order_digest
from despensa.records.registry import batch_store
from despensa.records.registry import store as registry
from despensa.records.registry.batch_journal import batch_entries
from despensa.records.registry.household_rows import newcomer_batch
from despensa.records.sealed_journal import workspace_entries
from despensa.records.staff import queries as staff
from despensa.records.wallet import store as wallets

ACTION = "change_household"
CARRY_TOPIC = "carry_over"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An operation with the people it registers, in the order of its `newcomers`."""

    order: Order
    newcomers: tuple[PersonDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """The operation's id and whether it was done now; False when it had been."""

    operation: UUID
    is_new: bool


def change_household(
    wanted: Wanted, *, acting: Acting, vault: PersonVault, today: date, catalogue_version: int
) -> Changed:
    """
    Return that the operation is done.

    Raises: ChangeRefused when it may not be done, or the household was changed meanwhile.
    """
    order = wanted.order
    digest = order_digest(ACTION, (astuple(order), wanted.newcomers), vault)
    if acting.staff is None:
        raise ValueError("a household is changed by a person")
    if order.kind is Kind.ERASURE:
        raise ChangeRefused(Why.NEEDS_TWO)
    if order.kind is Kind.FILE_UPDATE:
        raise ChangeRefused(Why.CAME_WITH_A_FILE)
    if _is_known(order.id, digest):
        return Changed(order.id, is_new=False)
    try:
        lesson = _lesson(order, acting, vault, today)
        with transaction.atomic(using=REGISTRY):
            store.lock(_touched(order))
            if _is_known(order.id, digest):
                return Changed(order.id, is_new=False)
            situation, change = preview_change(order, acting=acting, today=today)
            keys = _add_newcomers(wanted, acting, vault, catalogue_version)
            people = _people(change, situation)
            keys |= keys_of(people)
            access = _access(people, acting)
            registry.record_look(access, acting=acting)
            store.write(change, digest=digest, staff=acting.staff, at=acting.at)
            act = journal_store.act(REGISTRY, ACTION, acting)
            # who died, or belongs to no household now, has no identity card of ours either
            gone = wallets.end_cards_of_nowhere(people, at=acting.at)
            entry = change_entry(
                change, act=act, acting=acting, vault=vault, keys=keys,
                besides=wallets.end_plans(gone, reason=wallets.ASKED, at=acting.at),
            )  # fmt: skip
            journal_store.append(REGISTRY, [entry])
            cycles = store.add_carries(change)
            if cycles:
                journal_store.post(REGISTRY, _messages(change, cycles, access, acting))
            if order.kind is Kind.SAME_PERSON:
                _close_pair(order, acting, vault)
            if lesson is not None:
                teaching.note(lesson, day=acting.day, vault=vault)
    except (IntegrityError, store.RolesTaken, ChangeRefused) as error:
        # the same operation at the same time, or another one on the same people
        if _is_known(order.id, digest):
            return Changed(order.id, is_new=False)
        if isinstance(error, ChangeRefused):
            raise
        raise ChangeRefused(Why.CHANGED_MEANWHILE) from error
    return Changed(order.id, is_new=True)


def _is_known(operation: UUID, digest: bytes) -> bool:
    known = queries.operation(operation)
    if known is None:
        return False
    if known[0] != digest:
        raise ChangeRefused(Why.ID_USED_OTHERWISE)
    return True


def _touched(order: Order) -> list[UUID]:
    """Return the households whose operations take turns with this one."""
    if order.kind is not Kind.UNDO:
        return list(queries.situation(order).households)
    found = None if order.undoes is None else queries.operation(order.undoes)
    if found is None or order.household not in found[1].versions:
        raise ChangeRefused(Why.NO_SUCH_CHANGE)
    return list(found[1].versions)


def preview_change(order: Order, *, acting: Acting, today: date) -> tuple[Situation, Change]:
    """
    Return what is so and what the operation would change; nothing is written.

    Raises: ChangeRefused, also for a household out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("a household is changed by a person")
    reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
    if order.kind is Kind.UNDO and order.undoes is not None:
        found = queries.operation(order.undoes)
        latest = None if found is None else found[1]
        situation = queries.situation_of([] if latest is None else list(latest.versions))
        if latest is not None and latest.moved is not None and reach.holds(latest.moved.before):
            return situation, decide_undo(order, latest, situation)
        _require_reach(situation.households, situation, reach)
        return situation, decide_undo(order, latest, situation)
    chosen = (order.head, order.other_head, order.collector, order.kept)
    named = [*order.people, *filter(None, chosen)]
    if queries.unknown(named) - set(order.newcomers):
        raise ChangeRefused(Why.NOBODY_KNOWN)
    if queries.dead(named):
        raise ChangeRefused(Why.DIED)
    if queries.erased(named):
        raise ChangeRefused(Why.ERASED)
    if pairs.replaced(named):
        raise ChangeRefused(Why.SAME_AS_ANOTHER)
    situation = queries.situation(order)
    _require_reach([order.household, order.other], situation, reach)
    if order.kind is Kind.SAME_PERSON:
        _require_open_pair(order)
    return situation, decide(order, situation, today=today, new_id=acting.new_id)


def _require_open_pair(order: Order) -> None:
    """Refuse two records that nobody found to resemble each other, or that are one already."""
    found = None if order.pair is None else pairs.pair(order.pair)
    if found is None or {found.first, found.second} != {*order.people, order.kept}:
        raise ChangeRefused(Why.NOBODY_NAMED)
    if found.decided.verdict is Verdict.NOT_SAME:
        raise ChangeRefused(Why.TOLD_APART)
    if found.decided.verdict is Verdict.SAME:
        raise ChangeRefused(Why.PAIR_DECIDED)


def _lesson(
    order: Order, acting: Acting, vault: PersonVault, today: date
) -> teaching.Lesson | None:
    """Return what the search learns from putting two records together, or loses with the undo."""
    if order.kind is Kind.SAME_PERSON and order.kept is not None:
        people, change, at = [*order.people, order.kept], order.id, acting.at
    else:
        undone = None if order.undoes is None else pairs.made_one_by(order.undoes)
        if undone is None or order.undoes is None:
            return None
        (people, at), change = undone, order.undoes
    # nobody is looked at for what may not be done
    preview_change(order, acting=acting, today=today)
    return teaching.lesson(
        people, change, at, is_undone=order.kind is Kind.UNDO, acting=acting, vault=vault
    )


def _close_pair(order: Order, acting: Acting, vault: PersonVault) -> None:
    """Write that two records are of one person; undoing the operation opens the pair again."""
    assert order.pair is not None, "checked with the order"
    assert acting.staff is not None, "checked at the start"
    found = pairs.pair(order.pair)
    assert found is not None, "a pair stays for ever"
    [later] = order.people
    decision = pair_store.NewDecision(
        order.pair, found.decided.number + 1, Verdict.SAME, change=order.id, later=later
    )
    pair_store.add_decision(decision, staff=acting.staff, at=acting.at)
    act = journal_store.act(REGISTRY, ACTION, acting)
    journal_store.append(
        REGISTRY,
        workspace_entries(
            act, "duplicate_decision", journal.Op.INSERT, [pair_store.decision_body(decision)],
            acting=acting, sealer=vault,
        ),
    )  # fmt: skip


def _require_reach(named: Iterable[UUID | None], situation: Situation, reach: Reach) -> None:
    """Refuse a household out of reach as if it did not exist."""
    for household in named:
        known = None if household is None else situation.households.get(household)
        if known is not None and not reach.holds(known.area):
            raise ChangeRefused(Why.NO_SUCH_HOUSEHOLD)


def _add_newcomers(
    wanted: Wanted, acting: Acting, vault: PersonVault, catalogue_version: int
) -> dict[UUID, KeyedPerson]:
    people = list(zip(wanted.order.newcomers, wanted.newcomers, strict=True))
    if not people:
        return {}
    batch, keys = newcomer_batch(people, acting=acting, vault=vault)
    batch_store.write_batch(batch, register_import=wanted.order.id)
    act = journal_store.act(REGISTRY, ACTION, acting)
    journal_store.append(
        REGISTRY,
        batch_entries(
            batch, act=act, acting=acting, vault=vault, catalogue_version=catalogue_version
        ),
    )
    return dict(zip(wanted.order.newcomers, keys, strict=True))


def _people(change: Change, situation: Situation) -> list[UUID]:
    """Return whose records are concerned: everybody in the touched households, and who changes."""
    touched = {household.id for household in change.households}
    rows = (
        *change.begun, *change.ended, *change.voided, *change.reopened,
        *(r for r in situation.memberships.values() if r.is_current and r.household in touched),
    )  # fmt: skip
    people = {row.holder for row in rows if not row.is_institution}
    return sorted(people, key=lambda person: person.bytes)


def _access(people: Sequence[UUID], acting: Acting) -> Access:
    assert acting.staff is not None, "checked at the start"
    return Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.CORRECT_RECORD,
        persons=tuple(person.bytes for person in people),
        fields=(),
    )


def _messages(
    change: Change, cycles: Sequence[UUID], access: Access, acting: Acting
) -> list[journal_store.Message]:
    """Return what the ledger is asked for: households, a share, and the look it is asked under."""
    share = change.share
    assert share is not None, "only a share is carried"
    undoes = None if change.order.undoes is None else change.order.undoes.bytes
    return [
        journal_store.Message(
            acting.new_id(),
            CARRY_TOPIC,
            dcbor.encode(
                [
                    change.order.id.bytes,
                    cycle.bytes,
                    share.source.bytes,
                    share.target.bytes,
                    share.numerator,
                    share.denominator,
                    undoes,
                    access.entry,
                    access.staff,
                    access.at,
                ]
            ),
        )
        for cycle in cycles
    ]
