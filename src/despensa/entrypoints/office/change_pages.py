"""What the pages about changing a household show; the contract of all pages is in `pages.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.states import Word


@dataclass(frozen=True, slots=True)
class ChangeField:
    """One field of an operation's form; `values` are those chosen or typed before."""

    name: str
    kind: Literal["date", "text", "select", "checks", "radios"]
    label: Word
    choices: tuple[Choice, ...] = ()
    values: Sequence[str] = ()
    hint: Word = ""
    is_required: bool = False

    @property
    def id(self) -> str:
        """Return the id of the field, which the error summary links to."""
        return f"id_{self.name}"

    @property
    def value(self) -> str:
        """Return the value of a field that has one."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class HouseholdChangePage:
    """
    `office/household_change.html`: the form of an operation, or its preview.

    Holds: with `sentences` it is the preview, `hidden` carries the whole form and `fields` is empty.
    """

    household_id: UUID
    number: str
    title: Word
    action: str
    fields: tuple[ChangeField, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    sentences: tuple[str, ...] = ()
    errors: tuple[FieldError, ...] = ()
    button: Word = ""
    back_url: str = ""


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One operation in a household's timeline; `undo_url` is empty where it cannot be undone."""

    day: date
    word: Word
    reason: Word
    person_name: str
    recorded_at: datetime
    is_undone: bool = False
    undo_url: str = ""
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One role somebody holds on a day."""

    name: str
    role_word: Word


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`office/household_history.html`: who lived there on a day, and everything that was done."""

    household_id: UUID
    number: str
    day: date
    today: date
    area_name: str
    roles: tuple[RoleRow, ...]
    timeline: tuple[TimelineRow, ...]
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangesPanel:
    """The part of a household's page about its history and what may be done to it."""

    timeline: tuple[TimelineRow, ...] = ()
    operations: tuple[Choice, ...] = ()
    institutions: tuple[RoleRow, ...] = ()
    head_due: date | None = None
    ended_on: date | None = None


NO_CHANGES = ChangesPanel()
