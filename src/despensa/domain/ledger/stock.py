"""
Goods at a point: what an entry of stock moves, and what an end-of-day report says.

Entries are never changed: a mistake is reversed by another entry. No account of stock has a limit,
so that no record of goods ever stands in the way of a hand-over.
Source: docs/explanation/design.md, sections 7 and 8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from despensa.domain.ledger.account import AccountKind

# below are the units of benefits; from here on the goods that parcels hold
FIRST_CONTENT_ITEM = 1_000_000
TEXT_MAX = 60
LINES_MAX = 50
QUANTITY_MAX = 1_000_000_000


class EntryKind(IntEnum):
    """What was done with goods; numbers are never reused."""

    DELIVERY = 1
    GIVEN = 2
    LOSS = 3
    RETURN = 4
    OPENED = 5
    COUNT = 6
    REVERSAL = 7


class LossReason(IntEnum):
    """Why goods are gone; the list is closed and numbers are never reused."""

    DAMAGED = 1
    SPOILED = 2
    EXPIRED = 3
    STOLEN = 4
    MISSING = 5


class StockRefused(ValueError):
    """The entry says something that cannot be; the text says what and how to mend it."""


@dataclass(frozen=True, slots=True)
class StockLine:
    """So many of an item; `is_made` marks what came out of an opened parcel."""

    item: int
    quantity: int
    is_made: bool = False


@dataclass(frozen=True, slots=True)
class StockEntry:
    """
    One act with goods at a point. `id` is made by whoever writes it, so that twice is once.

    Holds: donor and lot with its expiry on deliveries; a waybill on deliveries and returns; a
    reason on losses.
    """

    id: bytes
    point: bytes
    day: date
    kind: EntryKind
    lines: tuple[StockLine, ...]
    lot: str = ""
    expires_on: date | None = None
    donor: str = ""
    waybill: str = ""
    reason: LossReason | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A quantity of an item from one kind of account of the point to another."""

    debit: AccountKind
    credit: AccountKind
    item: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ItemDay:
    """
    One item at one point on one day; `before` is what was left the evening before.

    `opened` is above 0 where opened parcels brought it, below where it was opened itself.
    """

    item: int
    before: int = 0
    received: int = 0
    given: int = 0
    lost: int = 0
    returned: int = 0
    opened: int = 0
    counted: int | None = None

    @property
    def left(self) -> int:
        """Return what should be there; below 0 where more was given than was written down."""
        return self.before + self.received + self.opened - self.given - self.lost - self.returned

    @property
    def difference(self) -> int | None:
        """Return how much more was counted than should be there, or None without a count."""
        return None if self.counted is None else self.counted - self.left


_MOVES: Mapping[EntryKind, tuple[AccountKind, AccountKind]] = {
    EntryKind.DELIVERY: (AccountKind.STOCK_SUPPLIED, AccountKind.POINT_STOCK),
    EntryKind.GIVEN: (AccountKind.POINT_STOCK, AccountKind.STOCK_GIVEN),
    EntryKind.LOSS: (AccountKind.POINT_STOCK, AccountKind.STOCK_LOST),
    EntryKind.RETURN: (AccountKind.POINT_STOCK, AccountKind.RETURNED),
}
_STAFF_WRITES = frozenset(EntryKind) - {EntryKind.GIVEN, EntryKind.REVERSAL}


def check(entry: StockEntry, *, today: date) -> None:
    """
    Refuse an entry that says something that cannot be.

    Raises: StockRefused.
    """
    if entry.kind not in _STAFF_WRITES:
        raise StockRefused("Hand-overs and reversals are written by the system itself.")
    if not 1 <= len(entry.lines) <= LINES_MAX:
        raise StockRefused(f"Name at least one item and at most {LINES_MAX}.")
    least = 0 if entry.kind is EntryKind.COUNT else 1
    for line in entry.lines:
        if not least <= line.quantity <= QUANTITY_MAX or line.is_made:
            raise StockRefused(f"A quantity is a whole number from {least} to {QUANTITY_MAX:,}.")
    if len({line.item for line in entry.lines}) != len(entry.lines):
        raise StockRefused("An item is named twice: write its whole quantity once.")
    if entry.day > today:
        raise StockRefused("This day has not come yet: give today or an earlier day.")
    if (entry.reason is not None) != (entry.kind is EntryKind.LOSS):
        raise StockRefused("A loss has a reason from the list, and nothing else has one.")
    _check_texts(entry)


def _check_texts(entry: StockEntry) -> None:
    is_delivery = entry.kind is EntryKind.DELIVERY
    if not is_delivery and (entry.lot or entry.donor or entry.expires_on):
        raise StockRefused("Lot, expiry and donor belong to a delivery.")
    if entry.waybill and entry.kind not in {EntryKind.DELIVERY, EntryKind.RETURN}:
        raise StockRefused("A waybill belongs to a delivery or a return.")
    for text in (entry.lot, entry.donor, entry.waybill):
        if len(text) > TEXT_MAX or not text.isprintable() or text != text.strip():
            raise StockRefused(
                f"Lot, donor and waybill are one line of at most {TEXT_MAX} characters."
            )


def with_contents(
    entry: StockEntry, contents: Mapping[int, Sequence[tuple[int, int]]]
) -> tuple[StockLine, ...]:
    """
    Return the lines of an entry with what its opened parcels hold.

    Shape: `contents` is parcel -> (item, quantity in one).
    Raises: StockRefused for a parcel whose contents nobody wrote down.
    """
    if entry.kind is not EntryKind.OPENED:
        return entry.lines
    made: dict[int, int] = {}
    for line in entry.lines:
        if not contents.get(line.item):
            raise StockRefused(
                "What is in this parcel was not written down yet: despensa stock contents."
            )
        for item, quantity in contents[line.item]:
            made[item] = made.get(item, 0) + quantity * line.quantity
    return entry.lines + tuple(StockLine(item, made[item], is_made=True) for item in sorted(made))


def moves(kind: EntryKind, lines: Sequence[StockLine]) -> list[Move]:
    """
    Return what lines of an entry move; a count moves nothing.

    >>> moves(EntryKind.LOSS, [StockLine(1, 3)])[0].credit
    <AccountKind.STOCK_LOST: 22>
    """
    if kind is EntryKind.OPENED:
        pairs = [
            (AccountKind.STOCK_OPENED, AccountKind.POINT_STOCK)
            if line.is_made
            else (AccountKind.POINT_STOCK, AccountKind.STOCK_OPENED)
            for line in lines
        ]
        return [
            Move(debit, credit, line.item, line.quantity)
            for (debit, credit), line in zip(pairs, lines, strict=True)
        ]
    if kind not in _MOVES:
        return []
    debit, credit = _MOVES[kind]
    return [Move(debit, credit, line.item, line.quantity) for line in lines]


def turned(given: Sequence[Move]) -> list[Move]:
    """Return moves the other way round: what a reversal does."""
    return [Move(move.credit, move.debit, move.item, move.quantity) for move in given]
