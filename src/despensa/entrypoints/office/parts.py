"""
What several office pages share: the shell around each page, and the parts that pages are made of.

The contract of all pages is at the head of `pages.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.utils.translation import gettext_lazy

from despensa.entrypoints.office.states import Kind, State, Word

ROOM_WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "today": gettext_lazy("Today"),
        "households": gettext_lazy("Households"),
        "desk": gettext_lazy("Desk"),
        "duplicates": gettext_lazy("Registered twice"),
        "appeals": gettext_lazy("Appeals"),
        "cycles": gettext_lazy("Cycles"),
        "rules": gettext_lazy("Rules"),
        "imports": gettext_lazy("Imports"),
        "cards": gettext_lazy("Cards"),
        "phones": gettext_lazy("Phones"),
        "stock": gettext_lazy("Stock"),
        "cases": gettext_lazy("Cases"),
        "proposals": gettext_lazy("Proposals"),
        "partners": gettext_lazy("Partners"),
        "releases": gettext_lazy("Releases"),
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
    shown; `badges` counts what waits in a room, 0 is not shown; `runs_points` says that phones may name
    this person.
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
    runs_points: bool = False

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


NO_TURNS = Turns()


@dataclass(frozen=True, slots=True)
class JobProgress:
    """
    How far a job is. The page may be closed meanwhile; it is asked for again every two seconds.

    Units: `done` and `total` rows, 0 of an unknown total is not said; `per_second` rows; `seconds_left` None while unknown.
    """

    word: Word
    done: int
    total: int
    state: State
    is_running: bool
    per_second: int | None = None
    seconds_left: int | None = None
    problem: Word = ""
    can_be_stopped: bool = False
