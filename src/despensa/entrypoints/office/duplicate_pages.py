"""What the pages about people registered twice show; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair that waits; nobody's name stands in a list."""

    pair_id: UUID
    number: str
    found_at: datetime
    state: State
    areas: str
    one_household: bool
    money_waits_until: date | None = None
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class DuplicatesPage:
    """`office/duplicates.html`: how many pairs wait, the first of them, and a new run."""

    waiting: int
    pairs: tuple[PairRow, ...]
    people: int
    run_waits: UUID | None = None
    missing: Word = ""
    may_run: bool = True


@dataclass(frozen=True, slots=True)
class Compared:
    """One fact of both records; `state` says in shape and word how they agree, None where all differ."""

    label: Word
    first: Word
    second: Word
    state: State | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records as its head names it."""

    name: str
    household_id: UUID | None
    note: Word
    is_kept: bool


@dataclass(frozen=True, slots=True)
class PairPage:
    """
    `office/duplicate_pair.html`: two records side by side, why they were found, and a decision.

    Holds: `undo_url` stands where they are one; then nothing else can be decided, nor once they
    were told apart.
    """

    pair_id: UUID
    number: str
    state: State
    sides: tuple[Side, Side]
    facts: tuple[Compared, ...]
    speaks_for: tuple[Word, ...]
    speaks_against: tuple[Word, ...]
    seen: int
    may_be_one: bool
    money_waits_until: date | None = None
    undo_url: str = ""
    is_told_apart: bool = False
    errors: tuple[FieldError, ...] = ()
