"""
What an opening makes of a whole register, as rows of fixed width that sort by their bytes.

Decides how goods, cards, credits and tags are packed and how sorted runs of them are cut into
slices that follow each other. Accounts and tags look random, so that slices of one range of first
bytes have like lengths. Private to one process and its workers: nothing of this is kept.
Source: docs/explanation/design.md, sections 6 and 7.5.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from struct import Struct
from typing import NamedTuple

# household16, unit u32, quantity u64
GOODS = Struct(">16sIQ")
# number10, household16, outcome u16, whether it gets anything u16
CARD = Struct(">10s16sHH")
# account16, unit u32, quantity u64
CREDIT = Struct(">16sIQ")
# tag16, step u16, status u8, whether an account follows u8, account16
TAG = Struct(">16sHBB16s")
ROWS_A_SLICE = 8_000
ENTITLED, NOT_ENTITLED = 1, 2
PREFIXES = 1 << 16
_NO_ACCOUNT = bytes(16)


class Slice(NamedTuple):
    """Rows whose first two bytes, as a number, are from `low` on and below `high`; unsorted."""

    low: int
    high: int
    rows: bytes


@dataclass(frozen=True, slots=True)
class SortedRuns:
    """Rows of one width in runs, each sorted by its bytes."""

    width: int
    runs: Sequence[bytes] = field(repr=False)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return sum(map(len, self.runs)) // self.width

    def slices(self, rows: int = ROWS_A_SLICE) -> Iterator[Slice]:
        """
        Yield all rows in slices: none of one slice sorts before any of an earlier one.

        Shape: about `rows` rows each; nothing for no rows.
        """
        count = 1
        while count * rows < len(self) and count < PREFIXES:
            count *= 2
        span = PREFIXES // count
        begins = [0] * len(self.runs)
        for low in range(0, PREFIXES, span):
            ends = [self._place(run, low + span) for run in self.runs]
            together = b"".join(
                run[begin:end] for run, begin, end in zip(self.runs, begins, ends, strict=True)
            )
            if together:
                yield Slice(low, low + span, together)
            begins = ends

    def _place(self, run: bytes, bound: int) -> int:
        """Return where the first row stands that is not before a bound."""
        if bound == PREFIXES:
            return len(run)
        return first_at_least(run, bound.to_bytes(2, "big"), self.width)


def first_at_least(rows: bytes, bound: bytes, width: int) -> int:
    """Return where in sorted rows the first one stands that is not before a bound."""
    low, high, size = 0, len(rows) // width, len(bound)
    while low < high:
        middle = (low + high) // 2
        if rows[middle * width : middle * width + size] < bound:
            low = middle + 1
        else:
            high = middle
    return low * width


def in_order(rows: bytes, width: int) -> list[bytes]:
    """Return the rows of a slice one by one, sorted."""
    return sorted(rows[at : at + width] for at in range(0, len(rows), width))


def pack_tag(tag: bytes, step: int, status: int, account: bytes | None) -> bytes:
    """Return one row of the tag table, packed."""
    return TAG.pack(tag, step, status, account is not None, account or _NO_ACCOUNT)


def tag_status(outcome: int, *, gives: bool) -> int:
    """
    Return the status of a card's tag from what was decided of its household.

    >>> [tag_status(1, gives=True), tag_status(1, gives=False), tag_status(3, gives=False)]
    [1, 2, 3]
    """
    return NOT_ENTITLED if outcome == ENTITLED and not gives else outcome


def has_account(outcome: int, *, gives: bool) -> bool:
    """Return whether a household of this outcome has an account: it was given something."""
    return gives and outcome != NOT_ENTITLED
