"""What the pages about appeals show; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from despensa.entrypoints.office.pages import DecisionPanel
from despensa.entrypoints.office.parts import NO_TURNS, Choice, FieldError, Turns
from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class AppealFormPage:
    """`office/appeal_new.html`: an appeal against one decision; `hidden` names the request."""

    household_id: UUID
    number: str
    action: str
    decision: DecisionPanel
    last_day: date
    answer_until: date
    grounds: tuple[Choice, ...]
    ground: str
    text: str
    hidden: tuple[tuple[str, str], ...]
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class AppealPage:
    """
    `office/appeal.html`: one appeal with what the household says, and the answer or its form.

    Holds: `text` is empty where nothing was said, or `is_forgotten` it was erased; `child_url` and
    `proposal_url` lead to what follows from an upheld one; `may_prepare` where that is still to be
    asked for; `gives_nothing` where the rule gives no more; `money_waits_until` where somebody of
    the household may be registered twice.
    """

    appeal_id: UUID
    household_id: UUID
    serial: str
    number: str
    state: State
    ground: Word
    text: str
    is_forgotten: bool
    decision: DecisionPanel | None
    cycle_name: str
    taken_by: str
    taken_at: datetime
    last_day: date
    answer_until: date
    is_overdue: bool
    brought_papers: tuple[Choice, ...]
    answer_papers: tuple[Choice, ...] = ()
    reason: Word = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    may_answer: bool = False
    why_not: Word = ""
    answers: tuple[Choice, ...] = ()
    reasons: tuple[Choice, ...] = ()
    answer: str = ""
    answer_reason: str = ""
    child_url: str = ""
    proposal_url: str = ""
    may_prepare: bool = False
    gives_nothing: bool = False
    money_waits_until: date | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class AppealRow:
    """One appeal in a list: numbers and days, no name and no word of anybody."""

    appeal_id: UUID
    serial: str
    cycle_name: str
    ground: Word
    taken_at: datetime
    answer_until: date
    is_overdue: bool
    state: State


@dataclass(frozen=True, slots=True)
class AppealsPage:
    """`office/appeals.html`: what waits for an answer, due first, and what was answered."""

    waiting: tuple[AppealRow, ...]
    answered: tuple[AppealRow, ...]
    turns: Turns = NO_TURNS
