"""
Child cycles: what corrects or completes a published cycle, which itself never changes.

Decides how the lines of a child are called and what each kind gives. The unique key (root cycle,
household, line) makes a second benefit impossible: whoever got nothing gets the root's own line,
everything else carries a line with the kind in its name. Source: docs/explanation/design.md,
section 7.10; docs/decisions/0024-child-cycles.md.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from enum import IntEnum
from uuid import UUID

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_PERCENT = 100
_WITH_SHARE = 2
_LATE_LABEL = b"despensa/late/1"
_FIRST_YEAR, _MONTHS = 2026, 12
SHARE_PERCENT = 2
SHARE_PERCENT_MAX = 10


class ChildKind(IntEnum):
    """What a child cycle is for; numbers are never reused."""

    LATE = 1
    FOLLOW_UP = 2
    TOP_UP = 3
    RECOVERY = 4
    APPEAL = 5

    @property
    def word(self) -> str:
        """Return the word that stands in codes, lines and on the command line."""
        return _WORDS[self]

    @property
    def gives_difference(self) -> bool:
        """Return whether it gives what is missing to what the rule says, and not the whole."""
        return self in {ChildKind.TOP_UP, ChildKind.APPEAL}

    @property
    def decides_for_the_root_day(self) -> bool:
        """Return whether it says what should have been decided then, not what is right today."""
        return self in {ChildKind.TOP_UP, ChildKind.RECOVERY, ChildKind.APPEAL}


_WORDS = {
    ChildKind.LATE: "late",
    ChildKind.FOLLOW_UP: "follow-up",
    ChildKind.TOP_UP: "top-up",
    ChildKind.RECOVERY: "recovery",
    ChildKind.APPEAL: "appeal",
}
KIND_OF_WORD = {word: kind for kind, word in _WORDS.items()}


class LineNameWrong(ValueError):
    """The name of a child's line is none, or stands where there is none."""


class ShareWrong(ValueError):
    """The share for late entrants is not one that can be approved."""


def line_of(kind: ChildKind, name: str = "") -> str:
    """
    Return what follows the unit in the lines of a child, such as `top-up` or `follow-up/winter`.

    Late entrants have the root's own line: for them it is empty.
    Raises: LineNameWrong.
    """
    if kind is ChildKind.LATE:
        if name:
            raise LineNameWrong(
                "Late entrants get the cycle's own benefit: leave the name of the line away."
            )
        return ""
    if name and not _NAME.fullmatch(name):
        raise LineNameWrong(
            f"{name!r} is no name of a line: write small letters, digits and hyphens, at most 32, "
            "such as winter."
        )
    return f"{kind.word}/{name}" if name else kind.word


def month_of(day: date) -> int:
    """
    Return the month of a day, counted from January 2026; earlier ones are negative.

    >>> [month_of(date(2025, 12, 31)), month_of(date(2026, 1, 1)), month_of(date(2027, 3, 9))]
    [-1, 0, 14]
    """
    return (day.year - _FIRST_YEAR) * _MONTHS + day.month - 1


def month_text(month: int) -> str:
    """
    Return a counted month as it is written.

    >>> [month_text(-1), month_text(0), month_text(14)]
    ['2025-12', '2026-01', '2027-03']
    """
    return f"{_FIRST_YEAR + month // _MONTHS}-{month % _MONTHS + 1:02}"


def share_percent(parameters: Sequence[object]) -> int:
    """
    Return what the parameters of an opening ([epoch, percent]) leave for late entrants; 0: nothing.

    Raises: ShareWrong.
    """
    if len(parameters) < _WITH_SHARE:
        return 0
    percent = parameters[1]
    if type(percent) is not int or not 1 <= percent <= SHARE_PERCENT_MAX:
        raise ShareWrong(
            f"The share for late entrants is a whole number of percent, 1 to {SHARE_PERCENT_MAX}."
        )
    return percent


def late_id(root: UUID, day: date, part: int) -> UUID:
    """
    Return the id of the late entrants of one day's round: a round that was killed finds its own.

    Shape: `part` 0 opens under the approval of the root, 1 waits for two people.
    """
    message = _LATE_LABEL + root.bytes + day.toordinal().to_bytes(4, "big") + bytes((part,))
    return UUID(bytes=hashlib.sha256(message).digest()[:16], version=4)


def share(total: int, percent: int) -> int:
    """
    Return how much of an approved total late entrants may get: whole units, rounded down.

    Units: `percent` of the total, 0 to 10.
    """
    assert 0 <= percent <= SHARE_PERCENT_MAX, "the share is approved between 0 and 10 percent"
    return total * percent // _PERCENT


def fitting(
    wanted: Sequence[Sequence[tuple[int, int]]], free: Sequence[tuple[int, int]]
) -> list[bool]:
    """
    Return which households, in their order, still fit into what is left of the share.

    Whoever gets nothing always fits. Once one does not fit, nobody after it who would get
    something does: a smaller family never overtakes a larger one.
    Shape: goods of each household and what is left, as (unit, quantity).
    """
    left, is_over, fits = dict(free), False, []
    for goods in wanted:
        is_over = is_over or any(quantity > left.get(unit, 0) for unit, quantity in goods)
        fits.append(not goods or not is_over)
        if not is_over:
            for unit, quantity in goods:
                left[unit] -= quantity
    return fits
