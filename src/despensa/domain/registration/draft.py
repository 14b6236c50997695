"""
Values of a registration that is not stored yet: person, household, and what they are made of.

Drafts hold only what the registry has a place for; a forbidden or unneeded column has no way in.
People and what they are made of are tuples with names: a file has millions of them.
Source: docs/explanation/design.md, sections 2 and 5; docs/reference/formats.md, section 6.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from despensa.domain.catalogue import FactValue

NO_FACTS: Mapping[str, FactValue] = MappingProxyType({})


class Sex(StrEnum):
    """Sex as the person gave it; unknown is an answer and never an error."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """
    What a person is in a household; a person may have several.

    A head is a member too. A collector without the role of a member lives elsewhere and is not
    counted in the household.
    """

    HEAD = "head"
    MEMBER = "member"
    PRIMARY_COLLECTOR = "primary_collector"
    ALTERNATE_COLLECTOR = "alternate_collector"


class Precision(StrEnum):
    """How much of a birth date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


class Birth(NamedTuple):
    """
    A birth date as far as it is known.

    Holds: a day only with a month, a month only with a year.

    >>> Birth(1990, 2).latest()
    datetime.date(1990, 2, 28)
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None

    @property
    def precision(self) -> Precision:
        """The finest part that is known."""
        if self.year is None:
            return Precision.UNKNOWN
        if self.month is None:
            return Precision.YEAR
        return Precision.MONTH if self.day is None else Precision.DAY

    def earliest(self) -> date | None:
        """Return the first day this person can have been born on, or None when unknown."""
        if self.year is None:
            return None
        return date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> date | None:
        """Return the last day this person can have been born on, or None when unknown."""
        if self.year is None:
            return None
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])


class Document(NamedTuple):
    """An identity document: kind from a closed list, issuing country as alpha-3, number."""

    kind: str
    country: str
    number: str


class NameParts(NamedTuple):
    """Parts of a name, where the file tells them apart; the full name is always kept as written."""

    surname_1: str | None = None
    surname_2: str | None = None
    given: tuple[str, ...] = ()


class PersonDraft(NamedTuple):
    """
    One person of a file.

    Shape: documents at most two, best first; phones at most two, E.164; facts by catalogue name,
    an absent key being unknown. `row` is the line of the file, for messages only.
    """

    source_record_id: str
    full_name: str
    sex: Sex
    birth: Birth
    roles: tuple[Role, ...]
    row: int
    name_parts: NameParts | None = None
    documents: tuple[Document, ...] = ()
    phones: tuple[str, ...] = ()
    facts: Mapping[str, FactValue] = NO_FACTS


@dataclass(frozen=True, slots=True)
class HouseholdDraft:
    """
    One household of a file with its persons in file order.

    Holds: at least one member; exactly one head; at most one primary and one alternate collector.
    `rows` counts the lines of the file it was made of.
    """

    source_record_id: str
    persons: tuple[PersonDraft, ...]
    rows: int
    address: str | None = None
    area_name: str | None = None
    area_pcode: str | None = None
    facts: Mapping[str, FactValue] = field(default_factory=dict)
