"""
The fields of a record that may be corrected, and the closed lists around a correction.

Numbers are stored and never reused. Source: docs/reference/formats.md, section 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Any

# Regulation (EU) 2016/679, art. 12(3): an answer within one month
ANSWER_DAYS = 30
APPEAL_DAYS = 30


class Field(IntEnum):
    """A kind of field; documents, phones and facts have a key as well."""

    FULL_NAME = 1
    NAME_PARTS = 2
    BIRTH = 3
    SEX = 4
    ADDRESS = 5
    DOCUMENT = 6
    PHONE = 7
    PERSON_FACT = 8
    HOUSEHOLD_FACT = 9


class Channel(IntEnum):
    """How a request came; all but the last two were taken down on the person's behalf."""

    DESK = 1
    PHONE = 2
    LETTER = 3
    OWN_WINDOW = 4
    OFFICE = 5


class Reason(IntEnum):
    """Why something is to be corrected."""

    MISSPELT = 1
    WRITTEN_OTHERWISE = 2
    ENTRY_MISTAKE = 3
    CHANGED_SINCE = 4
    WAS_MISSING = 5
    DOCUMENT_SHOWN = 6
    UNDO = 7


class Refusal(IntEnum):
    """Why a request is refused; the number stands on the receipt."""

    NOT_SHOWN = 80
    NOT_THEIRS_TO_ASK = 81
    IS_SO_ALREADY = 82
    ANOTHER_WAY = 83
    DOCUMENT_SAYS_OTHERWISE = 84
    CHANGED_MEANWHILE = 85


class State(IntEnum):
    """What became of a request."""

    WAITING = 1
    DONE = 2
    REFUSED = 3


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """
    One place of a record: `key` is the row's id (hex) of a document or phone, or a fact's name.

    >>> Slot(Field.PHONE, "new").field.name
    'PHONE'
    """

    field: Field
    key: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One place before and after; None where nothing is known."""

    slot: Slot
    before: Any
    after: Any

    def reversed(self) -> "Change":
        """Return what takes it back."""
        return Change(self.slot, self.after, self.before)


# name, parts: text or [surname 1, surname 2, [given ...]]; birth: [year, month, day] as far as known
Record = Mapping[Slot, Any]
# where a person can be reached: wrong only to their own loss, and urgent
_ALONE = frozenset({Field.PHONE, Field.ADDRESS})


def needs_two(changes: tuple[Change, ...]) -> bool:
    """
    Return whether a second person must agree: to all that says who somebody is or what is theirs.

    >>> needs_two((Change(Slot(Field.ADDRESS), "here", "there"),))
    False
    """
    return any(change.slot.field not in _ALONE for change in changes)


def answer_until(day: date) -> date:
    """Return the last day on which whoever asked must have an answer."""
    return day + timedelta(days=ANSWER_DAYS)


def value_on(now: Any, later: list[Change]) -> Any:
    """
    Return what a place held before changes that came after a day, newest change first.

    >>> value_on(
    ...     "c", [Change(Slot(Field.ADDRESS), "b", "c"), Change(Slot(Field.ADDRESS), "a", "b")]
    ... )
    'a'
    """
    return later[-1].before if later else now
