"""
What each office page shows: one frozen value per template, filled by the view that renders it.

A view asks the queries, builds one of these, and renders the template named in the docstring with
`{"page": value, "shell": Shell(...)}`. Pages hold words already chosen and numbers already counted;
templates only lay them out. Words that come from lists are lazy translations (`states.py`).
Field names of the forms are in the comment at the head of each template.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from django.utils.translation import gettext_lazy

from despensa.entrypoints.office.states import Kind, State, Word

ROOM_WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "today": gettext_lazy("Today"),
        "households": gettext_lazy("Households"),
        "cycles": gettext_lazy("Cycles"),
        "imports": gettext_lazy("Imports"),
        "cards": gettext_lazy("Cards"),
        "proposals": gettext_lazy("Proposals"),
        "ledger": gettext_lazy("Ledger"),
        "log": gettext_lazy("Log"),
    }
)


@dataclass(frozen=True, slots=True)
class Door:
    """One line of the side bar; the address of a room is `office:<room>`."""

    room: str
    url_name: str
    word: Word
    badge: int
    is_here: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """
    What stands around every page for the person signed in.

    Holds: `room` is a key of ROOM_WORDS; `rooms` names the rooms this person may enter, others are not
    shown; `badges` counts what waits in a room, 0 is not shown.
    """

    room: str
    workspace_name: str
    person_name: str
    person_initials: str
    role_word: Word
    cycle_chip: Word = ""
    rooms: frozenset[str] = frozenset(ROOM_WORDS)
    badges: Mapping[str, int] = field(default_factory=dict)
    is_single_operator: bool = False
    is_demo: bool = False

    @property
    def doors(self) -> tuple[Door, ...]:
        """Return the rooms this person may enter, in the order of the side bar."""
        return tuple(
            Door(room, f"office:{room}", word, self.badges.get(room, 0), room == self.room)
            for room, word in ROOM_WORDS.items()
            if room in self.rooms
        )

    @property
    def may_search(self) -> bool:
        """Return whether the search box of the top bar is shown."""
        return "households" in self.rooms


# ---- parts that several pages use


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a select or one radio button."""

    value: str
    word: Word


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a form; `field_id` is the id the summary links to."""

    field_id: str
    message: Word


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way back; the last one, the page itself, has no url."""

    word: Word
    url: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """
    A card with a number, and a bar where the number is a part of something.

    Holds: `maximum` None draws no bar; otherwise 0 <= value, and a value above it fills the bar.
    """

    label: Word
    value: int
    maximum: int | None = None
    kind: Kind = "done"
    note: Word = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and its value, both to be read as they are."""

    name: Word
    value: Word | int


@dataclass(frozen=True, slots=True)
class Turns:
    """Links to the neighbouring pages of a long list; an empty url means there is none."""

    previous_url: str = ""
    next_url: str = ""
    position: Word = ""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """
    How far a job is. The page may be closed meanwhile; it is asked for again every two seconds.

    Units: `done` and `total` rows; `per_second` rows; `seconds_left` None while unknown.
    """

    word: Word
    done: int
    total: int
    state: State
    is_running: bool
    per_second: int | None = None
    seconds_left: int | None = None
    problem: Word = ""


# ---- today


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


@dataclass(frozen=True, slots=True)
class DecisionPanel:
    """
    The `why` of one decision.

    Shape: `sentences` in rule order, already in the reader's language; `quantity` empty when there
    is no right.
    """

    programme_name: str
    cycle_name: str
    cycle_id: UUID
    state: State
    quantity: Word
    sentences: tuple[Word, ...]
    rule_reference: str
    frozen_on: date
    appeal_until: date | None


@dataclass(frozen=True, slots=True)
class CardRow:
    """One card of the household, by its number only."""

    number: str
    holder_name: str
    state: State
    printed_on: date | None
    handed_over_on: date | None


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
    looks_turns: Turns = Turns()
