"""
A whole register file: its households, its rejected rows, and the account of every row and column.

Rows are the data rows of every sheet that is read: one per person, and in a HOPE workbook one per
household as well. Each belongs to exactly one group, so that rows in = accepted + rejected, always.
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar, overload

from despensa.domain.registration import cell, form, hope
from despensa.domain.registration.account import (
    Account,
    Outcome,
    Place,
    ReadPart,
    RejectedHousehold,
)
from despensa.domain.registration.cell import Cell, CellFault
from despensa.domain.registration.draft import HouseholdDraft, Role
from despensa.domain.registration.fault import Omission, RowError
from despensa.domain.registration.household import Group, RoleRow, assess
from despensa.domain.registration.layout import (
    FORM_KINDS,
    Columns,
    DroppedColumn,
    IgnoredColumn,
    Kind,
)
from despensa.domain.registration.row import Findings, Reading, Row, row_numbers

T = TypeVar("T")
# looking for repeated numbers goes over them so many times and remembers as much less
_PARTS = 16
_TOLD_EVERY = 500

# What a row without sheets of households is recognised by: its number, or else its own words.
NUMBERED_BY = (
    "household_number",
    "phone",
    "full_name",
    "name_first",
    "name_middle",
    "name_last",
)


class Keep(Protocol[T]):
    """Where households go while a file is read, so that they need not lie in memory."""

    def add(self, household: T) -> None:
        """Put one more behind the others."""

    def kept(self) -> Sequence[T]:
        """Return all of them, in order; as a tuple when they lie in memory."""


class KeepDrafts(Keep[HouseholdDraft], Protocol):
    """Where accepted households go; those that come as they will be staged are not read again."""

    def add_part(self, drafts: bytes, households: int) -> None:
        """Put a part (`staged.encode_households`) of so many households behind the others."""


@dataclass(frozen=True, slots=True)
class FaultCount:
    """How often one reason stands in one column, and the fault that was met first."""

    first: RowError
    count: int


class Faults(Sequence[RowError]):
    """
    The faults of many households, read again each time: they never lie in memory together.

    Shape: by sheet; in a sheet by row, as far as the rows of a household stand together.
    """

    def __init__(
        self, households: Sequence[RejectedHousehold], sheets: Sequence[str], count: int
    ) -> None:
        """Take the households, the sheets in their order, and how many faults there are."""
        self._households, self._sheets, self._count = households, sheets, count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[RowError]:
        for sheet in self._sheets:
            for household in self._households:
                own = [error for error in household.errors if error.sheet == sheet]
                yield from sorted(own, key=lambda error: error.row)

    @overload
    def __getitem__(self, at: int) -> RowError: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[RowError]: ...

    def __getitem__(self, at: int | slice) -> RowError | Sequence[RowError]:
        return tuple(self)[at]


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """
    What a register file holds once read.

    Shape: `households` in file order; `errors` by sheet and row; `reasons` count them, the most
    frequent first; `headings` maps each sheet that was read to the headings of the cells in
    `rejected`.
    Holds: rows_in = accepted_rows + rejected_rows. The origin of a record is (source, source
    record id) and depends on the file's content only. `people` counts the members of households,
    not collectors from outside; `places` are the (p-code, name) the households live in.
    """

    kind: Kind
    source: str
    file_sha256: str
    rows_in: int
    accepted_rows: int
    rejected_rows: int
    households: Sequence[HouseholdDraft]
    rejected: Sequence[RejectedHousehold]
    errors: Sequence[RowError]
    warnings: tuple[Omission, ...]
    dropped_columns: tuple[DroppedColumn, ...]
    ignored_columns: tuple[IgnoredColumn, ...]
    people_without_document: int
    headings: Mapping[str, tuple[str, ...]]
    people: int
    places: frozenset[Place]
    reasons: tuple[FaultCount, ...] = ()


def dry_run_report(register: RegisterFile, *, errors_max: int | None = None) -> dict[str, Any]:
    """
    Return the contract of `import FILE --dry-run --json`.

    Shape: kind; rows_in, accepted, rejected count rows; dropped_columns are headings in file
    order; errors are maps with sheet, row, column, value and mend, all of them unless there is a
    most.
    Source: docs/explanation/design.md, section 11.
    """
    return {
        "kind": register.kind.value,
        "rows_in": register.rows_in,
        "accepted": register.accepted_rows,
        "rejected": register.rejected_rows,
        "dropped_columns": list(dict.fromkeys(one.column for one in register.dropped_columns)),
        "errors": [
            {
                "sheet": error.sheet,
                "row": error.row,
                "column": error.column,
                "value": error.value,
                "mend": error.mend,
            }
            for error in islice(register.errors, errors_max)
        ],
    }


def record_number(row: Row, kind: Kind) -> str | None:
    """
    Return the number of the household a person's row belongs to, or None when it names none.

    A registration of 121 without reference is known by a digest of its own names and phone, so
    that neither the day nor the order of rows changes it.
    """
    if kind is Kind.HOPE:
        return hope.household_number(row)
    if kind in FORM_KINDS:
        return form.household_number(row)
    written = number_as_written(row.values.get("household_number", ("", None))[1])
    if written is not None or kind in (Kind.TEMPLATE, Kind.MAPPED):
        return written
    parts = [
        number_as_written(row.values.get(name, ("", None))[1]) or "" for name in NUMBERED_BY[1:]
    ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32] if any(parts) else None


class Runs:
    """
    The numbers of rows as they follow each other, to find those whose rows stand apart.

    What is remembered of a household is eight bytes.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._runs = array("q")

    def heard(self, rows: Iterable[tuple[str | None, T]]) -> Iterator[tuple[str | None, T]]:
        """Yield the rows with their numbers as they come, remembering where a number begins."""
        begin, before = self._runs.append, ""
        for row in rows:
            number = row[0]
            if number != before:
                if number is not None:
                    begin(hash(number))
                before = number or ""
            yield row

    def repeated(self) -> set[int]:
        """Return the hashes of numbers that began more than once."""
        repeated: set[int] = set()
        for part in range(_PARTS):
            seen: set[int] = set()
            for run in self._runs:
                if run % _PARTS == part:
                    (repeated if run in seen else seen).add(run)
        return repeated


def split_numbers(numbers: Callable[[], Iterable[str | None]]) -> dict[str, int]:
    """
    Return how many rows every number has whose rows do not all stand together; mostly none.

    `numbers` yields those of all rows in file order, as often as it is called.
    """
    runs = Runs()
    for _ in runs.heard((number, None) for number in numbers()):
        pass
    repeated = runs.repeated()
    if not repeated:
        return {}
    counted = Counter(one for one in numbers() if one is not None and hash(one) in repeated)
    return dict(counted)


def together(
    rows: Iterable[tuple[str | None, T]], split: Mapping[str, int]
) -> Iterator[tuple[str | None, tuple[T, ...]]]:
    """
    Yield the rows of each number, given with it, as soon as its last one was read.

    `split` counts those of numbers whose rows do not stand together; only they are held longer
    than their household. A row without number stands alone.
    """
    current: str | None = None
    held: list[T] = []
    waiting: dict[str, list[T]] = {}
    for number, row in rows:
        if held and number != current:
            yield current, tuple(held)
            held = []
        current = number
        if number is None:
            yield None, (row,)
        elif number in split:
            apart = waiting.setdefault(number, [])
            apart.append(row)
            if len(apart) == split[number]:
                yield number, tuple(waiting.pop(number))
        else:
            held.append(row)
    if held:
        yield current, tuple(held)


def grouped_by_sheets(
    households: Sequence[Row], persons: Sequence[Row], kind: Kind
) -> Iterator[Group]:
    """Yield the groups of a workbook with a sheet of households and one of people, in that order."""
    household_rows: dict[str, list[Row]] = {}
    person_rows: dict[str, list[Row]] = {}
    for row in households:
        number = record_number(row, kind)
        if number is None:
            yield Group(None, (row,), ())
        else:
            household_rows.setdefault(number, []).append(row)
    for row in persons:
        number = record_number(row, kind)
        if number is None:
            yield Group(None, (), (row,))
        else:
            person_rows.setdefault(number, []).append(row)
    for number in dict.fromkeys([*household_rows, *person_rows]):
        yield Group(
            number, tuple(household_rows.get(number, ())), tuple(person_rows.get(number, ()))
        )


def assess_group(group: Group, reading: Reading, sheets: tuple[str, ...]) -> Outcome:
    """Return the household a group describes, or its faults; decides on that group alone."""
    findings = Findings()
    for row in group.rows:
        if row.structural is not None:
            findings.fault(row, "", row.structural)
    match reading.kind:
        case Kind.HOPE:
            group, roles = hope.translate(group, sheets, findings, reading)
        case Kind.KOBO | Kind.ODK | Kind.OPENROSA:
            group, roles = form.translate(group, sheets, findings)
        case Kind.MAPPED:
            roles = form.stated_roles(group.person_rows, findings)
        case Kind.TEMPLATE:
            roles = [
                RoleRow(row, form.with_relationship(row, findings)) for row in group.person_rows
            ]
        case Kind.REGISTRATIONS_121:
            roles = [
                RoleRow(row, (Role.HEAD, Role.MEMBER) if at == 0 else (Role.MEMBER,))
                for at, row in enumerate(group.person_rows)
            ]
            if len(group.person_rows) > 1:
                numbers = row_numbers(group.person_rows)
                for row in group.person_rows:
                    findings.fault(row, "phone", "registration_repeated", rows=numbers)
    draft = assess(group, roles, reading, findings)
    return Outcome(group, draft, findings)


def collect(
    outcomes: Iterable[Outcome | ReadPart],
    *,
    kind: Kind,
    source: str,
    file_sha256: str,
    columns: Sequence[Columns],
    keep: KeepDrafts,
    leave: Keep[RejectedHousehold],
    unread: Sequence[Columns] = (),
    told: Callable[[int], None] = lambda _: None,
) -> RegisterFile:
    """
    Return the account of a whole file; `unread` are the sheets nothing needs.

    Households are handed to `keep` or `leave` as soon as they are read; `told` hears now and then
    how many rows were.
    """
    account, last = Account(), 0
    for outcome in outcomes:
        if isinstance(outcome, ReadPart):
            account.add(outcome)
            keep.add_part(outcome.drafts, outcome.households)
            for household in outcome.rejected:
                leave.add(household)
        elif outcome.draft is not None:
            account.accept(outcome.draft, outcome.findings)
            keep.add(outcome.draft)
        else:
            leave.add(account.reject(outcome.group, outcome.findings))
        if account.rows - last >= _TOLD_EVERY:
            last = account.rows
            told(last)
    told(account.rows)
    sheets = [one.sheet for one in columns]
    rejected = leave.kept()
    return RegisterFile(
        kind=kind,
        source=source,
        file_sha256=file_sha256,
        rows_in=account.rows,
        accepted_rows=account.accepted_rows,
        rejected_rows=account.rejected_rows,
        households=keep.kept(),
        rejected=rejected,
        errors=_in_order(rejected, sheets, account.reasons.total()),
        warnings=account.warnings(),
        dropped_columns=tuple(one for sheet in (*columns, *unread) for one in sheet.dropped),
        ignored_columns=tuple(one for sheet in (*columns, *unread) for one in sheet.ignored),
        people_without_document=account.without_document,
        headings={sheet.sheet: tuple(sheet.headings[at] for at in sheet.kept) for sheet in columns},
        people=account.people,
        places=frozenset(account.places),
        reasons=tuple(
            FaultCount(account.first_faults[key], count)
            for key, count in account.reasons.most_common()
        ),
    )


def _in_order(
    rejected: Sequence[RejectedHousehold], sheets: Sequence[str], count: int
) -> Sequence[RowError]:
    if not isinstance(rejected, tuple):
        return Faults(rejected, sheets, count)
    errors = (error for household in rejected for error in household.errors)
    return tuple(sorted(errors, key=lambda error: (sheets.index(error.sheet), error.row)))


def number_as_written(value: Cell) -> str | None:
    """Return the text of a cell, or None when it is empty or cannot be read."""
    try:
        return cell.text(value)
    except CellFault:
        return None
