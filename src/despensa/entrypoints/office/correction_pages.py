"""What the pages about corrections and the timeline show; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.parts import NO_TURNS, Choice, FieldError, Turns
from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class CorrectionFormPage:
    """`office/correction_new.html`: a person's record to be corrected; `hidden` names its version."""

    household_id: UUID
    title: Word
    action: str
    request: tuple[ChangeField, ...]
    fields: tuple[ChangeField, ...]
    hidden: tuple[tuple[str, str], ...]
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One field: what stood there and what is to stand there; both empty where they are not shown."""

    field: Word
    before: Word = ""
    after: Word = ""


@dataclass(frozen=True, slots=True)
class CorrectionPage:
    """`office/correction.html`: one request; without `is_open` only the fields' names are shown."""

    correction_id: UUID
    household_id: UUID
    serial: str
    number: str
    state: State
    is_open: bool
    rows: tuple[DiffRow, ...]
    channel: Word
    reason: Word
    taken_by: str
    taken_at: datetime
    answer_until: date
    is_overdue: bool
    decided_by: str = ""
    decided_at: datetime | None = None
    refused_for: Word = ""
    notice: Word = ""
    may_read_household: bool = False
    proposal_url: str = ""
    undoes_url: str = ""
    asked_url: str = ""
    answer_url: str = ""
    may_undo: bool = False
    may_refuse: bool = False
    refuse_reasons: tuple[Choice, ...] = ()
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One request in a list: no name, no value."""

    correction_id: UUID
    serial: str
    fields: str
    number: str
    channel: Word
    taken_at: datetime
    answer_until: date
    is_overdue: bool
    state: State


@dataclass(frozen=True, slots=True)
class CorrectionsPage:
    """`office/corrections.html`: what waits for an answer, due first, and what was answered."""

    waiting: tuple[CorrectionRow, ...]
    answered: tuple[CorrectionRow, ...]
    turns: Turns = NO_TURNS


@dataclass(frozen=True, slots=True)
class DeedLine:
    """One act in the timeline: a sentence, who did it, and a page that says more, if any."""

    sentence: Word
    at: datetime
    is_day: bool
    person_name: str = ""
    said: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """`office/household_timeline.html`: every act on a household, newest first."""

    household_id: UUID
    number: str
    area_name: str
    lines: tuple[DeedLine, ...]
    turns: Turns = NO_TURNS
