"""
What becomes of the households of a register file while it is read, and the account of it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from despensa.domain.registration.cell import Cell
from despensa.domain.registration.draft import HouseholdDraft, Role
from despensa.domain.registration.fault import Omission, RowError
from despensa.domain.registration.household import Group
from despensa.domain.registration.row import Findings

Place = tuple[str | None, str | None]
# sheet, column, code
FaultKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row of a rejected household: where it stood and its cells, without forbidden columns."""

    sheet: str
    row: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RejectedHousehold:
    """A household left out whole; `source_record_id` is None when its rows name none."""

    source_record_id: str | None
    rows: tuple[RejectedRow, ...]
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One group after assessment: a household, or the faults that stand in the way."""

    group: Group
    draft: HouseholdDraft | None
    findings: Findings


@dataclass(frozen=True, slots=True)
class ReadPart:
    """
    What became of some households of a file together.

    Shape: `drafts` are the accepted ones as they will be staged, `households` their number, `rows`
    their rows; `omitted` is as in `Findings`.
    """

    drafts: bytes
    households: int
    rows: int
    people: int
    without_document: int
    places: Collection[Place]
    omitted: Sequence[tuple[str, str, str, int]]
    rejected: Sequence[RejectedHousehold]


class Account:
    """What is counted while a file is read; it grows with columns and places, not with rows."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.accepted_rows = self.rejected_rows = self.people = self.without_document = 0
        self.places: set[Place] = set()
        self.reasons: Counter[FaultKey] = Counter()
        self.first_faults: dict[FaultKey, RowError] = {}
        self._omitted: Counter[FaultKey] = Counter()
        self._first_rows: dict[FaultKey, int] = {}

    @property
    def rows(self) -> int:
        """Return how many rows were read."""
        return self.accepted_rows + self.rejected_rows

    def accept(self, draft: HouseholdDraft, findings: Findings) -> None:
        """Count a household, and what was left out of it."""
        self.accepted_rows += draft.rows
        self.places.add((draft.area_pcode, draft.area_name))
        for person in draft.persons:
            if Role.MEMBER in person.roles:
                self.people += 1
                self.without_document += not person.documents
        self._omit(findings.omitted)

    def reject(self, group: Group, findings: Findings) -> RejectedHousehold:
        """Count a household that is left out and its faults; return it."""
        rows = tuple(RejectedRow(row.sheet, row.number, row.kept) for row in group.rows)
        household = RejectedHousehold(group.number, rows, tuple(findings.errors))
        self._leave(household)
        return household

    def add(self, part: "ReadPart") -> None:
        """Count what became of households that were read together."""
        self.accepted_rows += part.rows
        self.people += part.people
        self.without_document += part.without_document
        self.places.update(part.places)
        self._omit(part.omitted)
        for household in part.rejected:
            self._leave(household)

    def _leave(self, household: RejectedHousehold) -> None:
        self.rejected_rows += len(household.rows)
        for error in household.errors:
            key = error.sheet, error.column, error.code
            self.reasons[key] += 1
            self.first_faults.setdefault(key, error)

    def _omit(self, omitted: Iterable[tuple[str, str, str, int]]) -> None:
        for sheet, column, code, row in omitted:
            self._omitted[sheet, column, code] += 1
            self._first_rows.setdefault((sheet, column, code), row)

    def warnings(self) -> tuple[Omission, ...]:
        """Return what was left out, counted."""
        return tuple(
            Omission(*key, count, self._first_rows[key]) for key, count in self._omitted.items()
        )
