"""
Introducers: registered people and named offices who vouch for somebody without papers.

Decides how many each may vouch for at a time, and on which day a link is destroyed. Whoever was
vouched for has the same rights as everybody: no rule, list or page can tell them apart.
Source: docs/explanation/design.md, section 5; docs/reference/formats.md, section 6, column 8.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from uuid import UUID

LINK_MONTHS = 12
_MONTHS = 12


class IntroducerKind(IntEnum):
    """Who vouches; numbers are never reused: they stand in sealed links."""

    PERSON = 1
    OFFICE = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """For how many households one introducer may vouch at a time, by kind."""

    person: int
    office: int

    def of(self, kind: IntroducerKind) -> int:
        """Return the limit of a kind."""
        return self.person if kind is IntroducerKind.PERSON else self.office


DEFAULT_LIMITS = Limits(person=5, office=100)
LIMIT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Introducer:
    """Who vouches: a registrant or an institution."""

    kind: IntroducerKind
    id: UUID

    def link(self) -> list[object]:
        """Return what is sealed into the link, under the key of whoever is vouched for."""
        return [int(self.kind), self.id.bytes]


class NoVouching(StrEnum):
    """Why somebody may not vouch."""

    UNKNOWN = "unknown"
    LIMIT_REACHED = "limit_reached"


class IntroducerRefused(PermissionError):
    """Somebody may not vouch; the household can be enrolled without."""

    def __init__(self, why: NoVouching, *, vouched: int = 0, limit: int = 0) -> None:
        """Hold why, and the numbers of whoever vouched."""
        super().__init__(_SENTENCES[why].format(vouched=vouched, limit=limit))
        self.why, self.vouched, self.limit = why, vouched, limit


_SENTENCES = {
    NoVouching.UNKNOWN: (
        "Nobody who may vouch was found under this number or name: nothing was written. Check the "
        "card of the person who vouches, or enrol without: nobody needs to be vouched for."
    ),
    NoVouching.LIMIT_REACHED: (
        "This introducer vouches for {vouched} households already, of at most {limit}: nothing was "
        "written. Let somebody else vouch, or enrol without: nobody needs to be vouched for."
    ),
}


def require_room(vouched: int, limit: int) -> None:
    """Refuse one more than the limit. Raises: IntroducerRefused."""
    if vouched >= limit:
        raise IntroducerRefused(NoVouching.LIMIT_REACHED, vouched=vouched, limit=limit)


def erase_on(day: date) -> date:
    """
    Return the day on which a link made on this day is destroyed.

    The first of the month twelve months on: never older than twelve months, and the day itself,
    which could be laid beside the day of an enrolment, is not kept.

    >>> erase_on(date(2026, 11, 22))
    datetime.date(2027, 11, 1)
    """
    months = day.month - 1 + LINK_MONTHS
    return date(day.year + months // _MONTHS, months % _MONTHS + 1, 1)
