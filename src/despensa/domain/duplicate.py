"""
Two records that may be of one person: what is decided of them, and what follows.

Source: docs/explanation/design.md, section 7.11: duplicates never stop food. The earlier
registration is untouched, the later keeps its food; only its money waits, at most 14 days;
undecided = paid.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from uuid import UUID

ACTION = "find_duplicates"
MONEY_WAITS_DAYS = 14
NEARLY_SURE_FROM, LIKELY_FROM = 990, 800


class Verdict(IntEnum):
    """What somebody decided of a pair; numbers are stored and never reused."""

    SAME = 1
    NOT_SAME = 2
    ASKED = 3


class Strength(IntEnum):
    """How much speaks for one person; numbers are stored and never reused."""

    POSSIBLE = 1
    LIKELY = 2
    NEARLY_SURE = 3


class Source(IntEnum):
    """How a pair was found; numbers are stored and never reused."""

    BATCH = 1
    ENROLMENT = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A pair that was found: the two records, the smaller id first, and why, as codes.

    `reasons` are numbers of `domain.matching.reason_codes`; no value of a person is in here.
    """

    first: UUID
    second: UUID
    strength: Strength
    reasons: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What decides which of two records is kept: its home now, and since when it is in the books."""

    person: UUID
    home: UUID | None
    since: date


def strength_of(per_mille: int) -> Strength:
    """
    Return in which of three groups a pair is looked at.

    Units: `per_mille` is the probability in thousandths.
    >>> strength_of(999).name, strength_of(900).name, strength_of(500).name
    ('NEARLY_SURE', 'LIKELY', 'POSSIBLE')
    """
    if per_mille >= NEARLY_SURE_FROM:
        return Strength.NEARLY_SURE
    return Strength.LIKELY if per_mille >= LIKELY_FROM else Strength.POSSIBLE


def ordered(first: UUID, second: UUID) -> tuple[UUID, UUID]:
    """Return two people as a pair is stored: the smaller id first."""
    return (first, second) if first.bytes < second.bytes else (second, first)


def earlier_first(one: Record, other: Record) -> tuple[Record, Record]:
    """
    Return the record that is kept and the one it replaces.

    Kept is the earlier registration, unless nobody with it lives anywhere any more.
    """

    def place(record: Record) -> tuple[bool, date, bytes]:
        return (record.home is None, record.since, record.person.bytes)

    kept, later = sorted((one, other), key=place)
    return kept, later


def money_waits_until(asked_on: date, earlier_end: date | None) -> date:
    """
    Return the day from which money of the later registration is paid though nothing was decided.

    Asking again does not make anybody wait longer: the first question counts.
    >>> money_waits_until(date(2026, 11, 22), None)
    datetime.date(2026, 12, 6)
    >>> money_waits_until(date(2026, 12, 1), date(2026, 12, 6))
    datetime.date(2026, 12, 6)
    """
    return earlier_end or asked_on + timedelta(days=MONEY_WAITS_DAYS)
