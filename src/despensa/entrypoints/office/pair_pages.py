"""What the pages about an import's outcome show; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from uuid import UUID

from despensa.entrypoints.office.parts import Choice, Fact, FieldError, Turns
from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class PairLine:
    """One thing of a record before the file and after it; texts are empty where it is not known."""

    name: Word
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Return whether the file changed it."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class PairPart:
    """One person, or the household itself, line by line."""

    title: Word
    note: Word
    lines: tuple[PairLine, ...]


@dataclass(frozen=True, slots=True)
class ImportPairPage:
    """
    `office/import_pair.html`: one household of a file beside the record it became.

    Holds: with `is_single` nothing was there before or nothing changed, and one column is shown.
    """

    import_id: UUID
    file_name: str
    place: int
    places: int
    effect: State
    note: Word
    household_id: UUID
    number: str
    is_single: bool
    parts: tuple[PairPart, ...]
    turns: Turns


@dataclass(frozen=True, slots=True)
class ImportUndoPage:
    """`office/import_undo.html`: what undoing takes back; with `errors` alone nothing can be done."""

    import_id: UUID
    file_name: str
    totals: tuple[Fact, ...]
    reasons: tuple[Choice, ...]
    reason: str = ""
    errors: tuple[FieldError, ...] = ()
