"""
Carry over what is free of an entitlement: linked transfers between two accounts of an open cycle.

1 take the orders that are new · 2 move what no phone holds, of those and of all that still wait
· 3 record the transfers, the leaf and the message about them. All or none; an order has the
keeper's own name for it, so that it is taken once. Leases and their rows are never touched.
Source: docs/explanation/design.md, sections 5, 7.6, 7.7 and 8.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.encoding import dcbor
from despensa.domain.household import carry
from despensa.domain.ledger.account import AccountKind
from despensa.domain.ledger.transfer import Cause, Transfer
from despensa.domain.ports.keeper import CycleKeeper
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Entry
from despensa.records import journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import carry_store
from despensa.records.ledger import store as ledger
from despensa.records.sealed_journal import cycle_entries

ACTION = "carry_over"
CARRIED_TOPIC = "carried_over"
_Held = Mapping[tuple[bytes, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class CarryOrder:
    """
    A share of one account to another; `undoes` gives back what an earlier one moved instead.

    `reference` and `undoes` are the keeper's names, never the operation's.
    """

    reference: UUID
    cycle: UUID
    debit: bytes = field(repr=False)
    credit: bytes = field(repr=False)
    numerator: int = 1
    denominator: int = 1
    undoes: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Moved:
    """One transfer of one carry-over."""

    waiting: carry_store.Waiting
    unit: int
    quantity: int


def carry_over(orders: Sequence[CarryOrder], *, acting: Acting, keeper: CycleKeeper) -> int:
    """
    Return how many transfers were made, for these orders and for what waited before them.

    Orders are taken in their order; one that was taken before changes nothing.
    """
    made: list[_Moved] = []
    with transaction.atomic(using=LEDGER):
        carry_store.take_turns()
        for order in orders:
            if _begin(order):
                made += _move_all(acting)
        made += _move_all(acting)
        if made:
            journal_store.append(LEDGER, _entries(made, acting, keeper))
            journal_store.post(LEDGER, [_message(made, acting)])
    return len(made)


def _begin(order: CarryOrder) -> bool:
    """Return whether an order is taken for the first time, with what it wants fixed."""
    is_share = order.undoes is None
    everything = is_share and order.numerator == order.denominator
    first = carry_store.begin(
        order.reference,
        cycle=order.cycle,
        debit=order.debit,
        credit=order.credit,
        is_everything=everything,
    )
    if not first:
        return False
    if order.undoes is not None:
        # what it still waited for is wanted no more, and what it moved is wanted back
        carry_store.settle([order.undoes])
        back = [
            carry.Line(line.unit, line.moved)
            for line in carry_store.moved_by(order.undoes)
            if line.moved
        ]
        carry_store.add_lines(order.reference, back)
    elif not everything:
        held = carry_store.holdings([order.debit, order.credit])
        carry_store.add_lines(
            order.reference,
            [
                carry.Line(unit, carry.wanted(balance, order.numerator, order.denominator))
                for (account, unit), (balance, _) in sorted(held.items())
                if account == order.debit
            ],
        )
    return True


def _move_all(acting: Acting) -> list[_Moved]:
    """Return every transfer that could be made; one may make the next one possible."""
    made: list[_Moved] = []
    while True:
        moved = _move_once(acting)
        if not moved:
            return made
        made += moved


def _move_once(acting: Acting) -> list[_Moved]:
    waiting = carry_store.waiting()
    # both sides are locked in one order, as preparing a lease does
    held = carry_store.holdings([a for item in waiting for a in (item.debit, item.credit)])
    waiting = [_with_all_units(item, held) for item in waiting]
    moved: list[_Moved] = []
    taken: dict[tuple[bytes, int], int] = {}
    for item in waiting:
        for line in item.lines:
            key = (item.debit, line.unit)
            balance, leased = held.get(key, (0, 0))
            standing = carry.Standing(balance - taken.get(key, 0), leased)
            quantity = carry.due(line, standing)
            if quantity > 0:
                moved.append(_Moved(item, line.unit, quantity))
                taken[key] = taken.get(key, 0) + quantity
    _write(moved, acting)
    if not moved:
        _settle(waiting, held)
    return moved


def _with_all_units(item: carry_store.Waiting, held: _Held) -> carry_store.Waiting:
    """Return a carry-over of everything with a line for each unit there is by now."""
    if not item.is_everything:
        return item
    known = {line.unit for line in item.lines}
    more = [
        carry.Line(unit, None)
        for account, unit in sorted(held)
        if account == item.debit and unit not in known
    ]
    if not more:
        return item
    carry_store.add_lines(item.id, more)
    return carry_store.Waiting(
        item.id, item.cycle, item.debit, item.credit, item.is_everything, (*item.lines, *more)
    )


def _write(moved: Sequence[_Moved], acting: Acting) -> None:
    if not moved:
        return
    ledger.ensure_named(
        [
            (move.waiting.credit, move.unit, AccountKind.ENTITLEMENT, move.waiting.cycle)
            for move in moved
        ]
    )
    ledger.add_transfers(
        (
            acting.new_id(),
            Transfer(
                move.waiting.debit,
                move.waiting.credit,
                move.unit,
                move.quantity,
                Cause.CARRY_OVER,
                move.waiting.id.bytes,
            ),
        )
        for move in moved
    )
    carry_store.count_moved([(move.waiting.id, move.unit, move.quantity) for move in moved])


def _settle(waiting: Sequence[carry_store.Waiting], held: _Held) -> None:
    """Mark what waits for nothing more, now that nothing is due."""
    coming: set[bytes] = {item.credit for item in waiting}
    settled = []
    for item in waiting:
        more_may_come = item.debit in coming
        standings = [
            (line, carry.Standing(*held.get((item.debit, line.unit), (0, 0))))
            for line in item.lines
        ]
        if not item.lines and more_may_come:
            continue
        if all(
            carry.is_settled(line, standing, more_may_come=more_may_come)
            for line, standing in standings
        ):
            settled.append(item.id)
    if settled:
        carry_store.settle(settled)


def _message(made: Sequence[_Moved], acting: Acting) -> journal_store.Message:
    """Return what the registry is told: how much of which unit, under the keeper's names."""
    total: dict[tuple[bytes, bytes, int], int] = {}
    for move in made:
        key = (move.waiting.id.bytes, move.waiting.cycle.bytes, move.unit)
        total[key] = total.get(key, 0) + move.quantity
    rows = [[*key, quantity] for key, quantity in sorted(total.items())]
    return journal_store.Message(acting.new_id(), CARRIED_TOPIC, dcbor.encode(rows))


def _entries(made: Sequence[_Moved], acting: Acting, keeper: CycleKeeper) -> Iterator[Entry]:
    """Yield each cycle's accounts, sealed to its key."""
    act = journal_store.act(LEDGER, ACTION, acting)
    for cycle in sorted({move.waiting.cycle for move in made}, key=lambda one: one.bytes):
        rows = [
            (move.waiting.debit, move.waiting.credit, move.unit, move.quantity)
            for move in made
            if move.waiting.cycle == cycle
        ]
        yield from cycle_entries(
            act,
            "transfer",
            cycle.bytes,
            journal.encode_table(("debit", "credit", "unit", "amount"), rows),
            acting=acting,
            keeper=keeper,
        )
