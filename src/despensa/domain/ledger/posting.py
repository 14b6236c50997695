"""
What happens to a batch of orders: posted, replayed or refused, each by itself or as a group.

Decides the readable form of posting: same id and same content replays, other content is refused,
orders of one group are carried out all or none, and an amount that is held is posted or voided
once. Clean batches are one SQL statement (`records.ledger.posting_store`), proven equal to this.
Source: docs/explanation/design.md, section 8.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import groupby
from struct import Struct
from typing import NamedTuple

from despensa.domain.ledger.transfer import Cause

# id16, debit16, credit16, unit u32, amount u64, cause u16, cause_id16
PACKED = Struct(">16s16s16sIQH16s")
ORDERS_MAX = 8_190
AMOUNT_MAX = (1 << 63) - 1
_ID_LENGTH = 16


class MalformedOrder(ValueError):
    """The order could never be carried out: the text says which part of it and why."""


class Move(NamedTuple):
    """
    An order to move an amount; with `held` it waits there, off the debit account, to be ended.

    Orders with the same `group` (not None) that follow each other are carried out all or none.
    Units: whole items or minor units. Ids and accounts are 16 raw bytes.
    """

    id: bytes
    debit: bytes
    credit: bytes
    unit: int
    amount: int
    cause: int
    cause_id: bytes
    held: bytes | None = None
    group: int | None = None


class End(NamedTuple):
    """An order to end a held amount: posted to where it was going, or voided back."""

    id: bytes
    hold: bytes
    is_posted: bool
    group: int | None = None


class Hold(NamedTuple):
    """An amount that left its account and has not arrived; `ended_by` is the transfer that ended it."""

    id: bytes
    held: bytes
    debit: bytes
    credit: bytes
    unit: int
    amount: int
    ended_by: bytes | None = None


class Outcome(IntEnum):
    """What became of one order; numbers are never reused."""

    POSTED = 1
    REPLAYED = 2
    OVERDRAWN = 3
    NO_ACCOUNT = 4
    OTHER_CONTENT = 5
    GROUP_REFUSED = 6
    NO_HOLD = 7
    HOLD_ENDED = 8


Order = Move | End


@dataclass(slots=True)
class Books:
    """
    What the books say of everything a batch names.

    `balances` has each account that exists; None where no limit is kept. `known` has the transfers
    that were written under an id of the batch, `holds` what it names or makes.
    """

    balances: dict[tuple[bytes, int], int | None]
    known: dict[bytes, Move] = field(default_factory=dict)
    holds: dict[bytes, Hold] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posting:
    """Outcomes in the order of the batch, and what is written for them."""

    outcomes: tuple[Outcome, ...]
    transfers: tuple[Move, ...]
    holds: tuple[Hold, ...]
    ends: tuple[tuple[bytes, bytes, bool], ...]


def require_wellformed(orders: Sequence[Order]) -> None:
    """
    Refuse a batch with an order that could never be carried out, before anything is asked.

    Raises: MalformedOrder naming its place.
    """
    if len(orders) > ORDERS_MAX:
        raise MalformedOrder(f"a batch has at most {ORDERS_MAX} orders, not {len(orders)}")
    for place, order in enumerate(orders, 1):
        fault = _fault(order)
        if fault:
            raise MalformedOrder(f"order {place}: {fault}")


def decide(orders: Sequence[Order], books: Books) -> Posting:
    """
    Return what becomes of each order, in their order, and what is to be written.

    `books` is used up: its balances and holds are moved on.
    Holds: a group is posted whole, replayed whole or refused whole.
    """
    outcomes: list[Outcome] = []
    transfers: list[Move] = []
    holds: list[Hold] = []
    ends: list[tuple[bytes, bytes, bool]] = []
    for group in _groups(orders):
        found, made = _try(group, books)
        if any(one > Outcome.REPLAYED for one in found) or len(set(found)) > 1:
            _undo(made, books)
            if len(group) > 1:
                found = [one if one > Outcome.REPLAYED else Outcome.GROUP_REFUSED for one in found]
        else:
            for order, move in made:
                transfers.append(move)
                if isinstance(order, End):
                    ends.append((order.hold, order.id, order.is_posted))
                elif order.held is not None:
                    holds.append(books.holds[order.id])
        outcomes += found
    return Posting(tuple(outcomes), tuple(transfers), tuple(holds), tuple(ends))


def first_leg(order: Move) -> Move:
    """Return the transfer an order writes at once: to its credit account, or to where it is held."""
    if order.held is None:
        return order._replace(group=None)
    return order._replace(credit=order.held, cause=int(Cause.HOLD), held=None, group=None)


def last_leg(order: End, hold: Hold) -> Move:
    """Return the transfer that ends a hold."""
    credit = hold.credit if order.is_posted else hold.debit
    cause = Cause.HOLD_POSTED if order.is_posted else Cause.HOLD_VOIDED
    return Move(order.id, hold.held, credit, hold.unit, hold.amount, int(cause), hold.id)


def pack(transfers: Iterable[Move]) -> bytes:
    """Return transfers as the journal keeps a batch of them: 78 bytes each."""
    return b"".join(PACKED.pack(*transfer[:7]) for transfer in transfers)


def _fault(order: Order) -> str | None:
    if len(order.id) != _ID_LENGTH:
        return "an id has 16 bytes"
    if isinstance(order, End):
        return None if len(order.hold) == _ID_LENGTH else "a hold's id has 16 bytes"
    if type(order.amount) is not int or not 0 < order.amount <= AMOUNT_MAX:
        return "the amount is a positive whole number of minor units"
    places = {order.debit, order.credit} | ({order.held} if order.held is not None else set())
    if any(len(place) != _ID_LENGTH for place in (*places, order.cause_id)):
        return "accounts and causes have 16 bytes"
    if len(places) != 2 + (order.held is not None):
        return "debit, credit and where it is held are different accounts"
    return None


def _groups(orders: Sequence[Order]) -> Iterator[list[Order]]:
    for key, together in groupby(enumerate(orders), lambda one: one[1].group):
        if key is None:
            for _, order in together:
                yield [order]
        else:
            yield [order for _, order in together]


def _try(group: Sequence[Order], books: Books) -> tuple[list[Outcome], list[tuple[Order, Move]]]:
    """Return the outcome of each order of a group, and what was moved on in the books for it."""
    found: list[Outcome] = []
    made: list[tuple[Order, Move]] = []
    for order in group:
        move = _leg(order, books)
        if isinstance(move, Outcome):
            found.append(move)
            continue
        before = books.known.get(order.id)
        if before is not None:
            found.append(_replayed(order, move, before, books))
            continue
        outcome = _moved(move, books)
        found.append(outcome)
        if outcome is Outcome.POSTED:
            books.known[order.id] = move
            _note(order, books)
            made.append((order, move))
    return found, made


def _leg(order: Order, books: Books) -> Move | Outcome:
    if isinstance(order, Move):
        return first_leg(order)
    hold = books.holds.get(order.hold)
    if hold is None:
        return Outcome.NO_HOLD
    if hold.ended_by is not None and hold.ended_by != order.id:
        return Outcome.HOLD_ENDED
    return last_leg(order, hold)


def _replayed(order: Order, move: Move, before: Move, books: Books) -> Outcome:
    """Return whether an id that was used before says the same again."""
    same = before[:7] == move[:7]
    if isinstance(order, Move) and order.held is not None:
        hold = books.holds.get(order.id)
        same = same and hold is not None and hold.credit == order.credit
    return Outcome.REPLAYED if same else Outcome.OTHER_CONTENT


def _moved(move: Move, books: Books) -> Outcome:
    debit, credit = (move.debit, move.unit), (move.credit, move.unit)
    if debit not in books.balances or credit not in books.balances:
        return Outcome.NO_ACCOUNT
    left = books.balances[debit]
    if left is not None and left < move.amount:
        return Outcome.OVERDRAWN
    _shift(books.balances, move, 1)
    return Outcome.POSTED


def _shift(balances: dict[tuple[bytes, int], int | None], move: Move, sign: int) -> None:
    for account, amount in ((move.debit, -move.amount), (move.credit, move.amount)):
        before = balances[account, move.unit]
        if before is not None:
            balances[account, move.unit] = before + sign * amount


def _note(order: Order, books: Books) -> None:
    if isinstance(order, End):
        books.holds[order.hold] = books.holds[order.hold]._replace(ended_by=order.id)
    elif order.held is not None:
        books.holds[order.id] = Hold(
            order.id, order.held, order.debit, order.credit, order.unit, order.amount
        )


def _undo(made: Sequence[tuple[Order, Move]], books: Books) -> None:
    for order, move in reversed(made):
        _shift(books.balances, move, -1)
        del books.known[order.id]
        if isinstance(order, End):
            books.holds[order.hold] = books.holds[order.hold]._replace(ended_by=None)
        elif order.held is not None:
            del books.holds[order.id]
