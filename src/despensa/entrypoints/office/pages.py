"""
What each office page shows: one frozen value per template, filled by the view that renders it.

A view asks the queries, builds one of these, and renders the template named in the docstring with
`{"page": value, "shell": Shell(...)}`. The side bar, figures, choices and
errors are in `parts.py`, the rooms of bulk work in `work_pages.py`, the books in `book_pages.py`.
Pages hold words already chosen and numbers already counted;
templates only lay them out. Words that come from lists are lazy translations (`states.py`).
Field names of the forms are in the comment at the head of each template.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from despensa.entrypoints.office.change_pages import NO_CHANGES, ChangesPanel
from despensa.entrypoints.office.parts import (
    NO_TURNS,
    Choice,
    FieldError,
    Figure,
    JobProgress,
    Turns,
)
from despensa.entrypoints.office.states import Kind, State, Word


@dataclass(frozen=True, slots=True)
class CycleSummary:
    """One cycle in a line."""

    cycle_id: UUID
    programme_name: str
    cycle_name: str
    state: State
    opens_on: date | None = None
    closes_on: date | None = None
    households: int | None = None
    points_open: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class PointRow:
    """One service point of today: what it gave, what remains, and how its phones are."""

    name: str
    area_name: str
    delivered: int
    remaining: int
    refused: int
    state: State


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Something that waits for the reader of the page."""

    kind: Kind
    title: Word
    note: Word
    url: str
    action: Word

    @property
    def state(self) -> State:
        """Return the shape without a word, for the start of the line."""
        return State(self.kind, "")


@dataclass(frozen=True, slots=True)
class TodayPage:
    """`office/today.html`. `cycle` None: nothing is open and the page says what to do first."""

    today: date
    cycle: CycleSummary | None
    figures: tuple[Figure, ...]
    points: tuple[PointRow, ...]
    waiting: tuple[WaitingRow, ...]
    job: JobProgress | None = None


# ---- households


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """One household found; the row shows no more than is needed to choose the right one."""

    household_id: UUID
    head_name: str
    area_name: str
    members: int
    birth_year: int | None
    card_number: str
    state: State


@dataclass(frozen=True, slots=True)
class HouseholdsPage:
    """
    `office/households.html`.

    Shape: `results` at most ten rows, best first; `has_more` says that others also fit.
    """

    query: str
    purpose: str
    purposes: tuple[Choice, ...]
    is_searched: bool = False
    results: tuple[HouseholdRow, ...] = ()
    has_more: bool = False
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member as the counter needs them; the birth day stays sealed."""

    name: str
    role_word: Word
    sex_word: Word
    birth_month: date | None
    age_text: Word
    is_collector: bool
    correct_url: str = ""


@dataclass(frozen=True, slots=True)
class DecisionPanel:
    """
    The `why` of one decision.

    Shape: `sentences` in rule order, already in the reader's language; `quantity` empty when there
    is no right; `papers` are addresses to print it from, the household's own language first;
        `appeal_url` where an appeal is taken down, `open_appeal_url` the one that waits.
    """

    programme_name: str
    cycle_name: str
    cycle_id: UUID
    cycle_state: State
    state: State
    quantity: Word
    sentences: tuple[Word, ...]
    rule_reference: str
    frozen_on: date
    appeal_until: date | None
    papers: tuple[Choice, ...] = ()
    appeal_url: str = ""
    open_appeal_url: str = ""


@dataclass(frozen=True, slots=True)
class CardRow:
    """One card of the household, by its number only."""

    number: str
    holder_name: str
    state: State
    printed_on: date | None
    handed_over_on: date | None
    replace_url: str = ""


@dataclass(frozen=True, slots=True)
class LookRow:
    """One entry of the list of those who looked at this record."""

    looked_at: datetime
    person_name: str
    role_word: Word
    purpose: Word
    fields: Word


@dataclass(frozen=True, slots=True)
class HouseholdPage:
    """`office/household.html`. Opening it has already been written down."""

    household_id: UUID
    head_name: str
    number: str
    area_name: str
    language_word: Word
    registered_on: date
    state: State
    members: tuple[MemberRow, ...]
    decisions: tuple[DecisionPanel, ...]
    cards: tuple[CardRow, ...]
    looks: tuple[LookRow, ...]
    looks_turns: Turns = NO_TURNS
    changes: ChangesPanel = NO_CHANGES
