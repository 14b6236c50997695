"""
The households of our own template written as text: read in order by columns, and by many at once.

What is out of order is read with notes about each cell. A crew reads the households of a long file
part by part; each comes back as it will be staged, so that nobody has to read it again.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import cbor2
import orjson

from despensa.adapters.register_file.rows import rows_of
from despensa.adapters.register_file.shelf import rejected_household, rejected_value
from despensa.adapters.register_file.table import Line, Table, is_blank
from despensa.domain.ports.crew import Crew
from despensa.domain.registration.account import Account, Outcome, ReadPart, RejectedHousehold
from despensa.domain.registration.draft import HouseholdDraft
from despensa.domain.registration.household import Group
from despensa.domain.registration.layout import Columns
from despensa.domain.registration.quick import QuickReader
from despensa.domain.registration.register import (
    Runs,
    assess_group,
    number_as_written,
    split_numbers,
    together,
)
from despensa.domain.registration.row import Findings, Reading
from despensa.domain.registration.staged import HOUSEHOLDS_AT_ONCE, encode_households

_Home = tuple[str | None, Sequence[Line]]
# what is said of a household that needed no second look
_IN_ORDER, _NOTHING_FOUND = Group(None, (), ()), Findings()


class RowsApart(Exception):
    """Rows of one household stand apart: nothing of what was read of the file counts."""


def outcomes(
    table: Table, columns: Columns, reading: Reading, crew: Crew | None
) -> Iterator[Outcome | ReadPart]:
    """
    Yield what became of each household, or with a crew of many together.

    Raises: RowsApart at the end of what a crew read.
    """
    work = HouseholdWork(table.sheet, columns, reading)
    if crew is None:
        split = split_numbers(lambda: _numbers(table, columns))
        yield from map(work.read, together(_numbered(table, columns), split))
        return
    # a long file is read once: few have households whose rows do not stand together
    runs = Runs()
    homes = together(runs.heard(_numbered(table, columns)), {})
    for _, part in crew.each(work, _parts(homes)):
        yield part
    if runs.repeated():
        raise RowsApart


def _parts(homes: Iterator[_Home]) -> Iterator[tuple[list[_Home], None]]:
    while part := list(islice(homes, HOUSEHOLDS_AT_ONCE)):
        yield part, None


class HouseholdWork:
    """Reads households of one template; implements `ports.crew.Work`."""

    def __init__(self, sheet: str, columns: Columns, reading: Reading) -> None:
        """Prepare what all households have in common."""
        self._sheet, self._columns, self._reading = sheet, columns, reading
        self._quick = QuickReader(columns, reading)

    def read(self, home: _Home) -> Outcome:
        """Return what became of one household."""
        number, lines = home
        draft = None
        if number is not None and not any(line.structural for line in lines):
            draft = self._quick.household(number, [(line.number, line.cells) for line in lines])
        if draft is not None:
            return Outcome(_IN_ORDER, draft, _NOTHING_FOUND)
        rows = tuple(rows_of(self._sheet, self._columns, lines))
        return assess_group(Group(number, (), rows), self._reading, (self._sheet,))

    def do(self, item: Sequence[_Home]) -> ReadPart:
        """Return what became of some households."""
        account = Account()
        kept: list[HouseholdDraft] = []
        omitted: list[tuple[str, str, str, int]] = []
        rejected: list[RejectedHousehold] = []
        for outcome in map(self.read, item):
            if outcome.draft is None:
                rejected.append(account.reject(outcome.group, outcome.findings))
            else:
                account.accept(outcome.draft, outcome.findings)
                kept.append(outcome.draft)
                omitted += outcome.findings.omitted
        return ReadPart(
            encode_households(kept),
            len(kept),
            account.accepted_rows,
            account.people,
            account.without_document,
            account.places,
            omitted,
            rejected,
        )

    def finish(self) -> ReadPart:
        """Return nothing: nothing was held back."""
        return ReadPart(b"", 0, 0, 0, 0, (), (), ())

    # what follows travels between one process and its own forks, and is never kept

    def encode_item(self, item: Sequence[_Home]) -> list[bytes]:
        """Return households as bytes."""
        # a line is a tuple with names, which the encoder does not take for a list
        return [orjson.dumps([(number, [[*line] for line in lines]) for number, lines in item])]

    def decode_item(self, data: memoryview) -> list[_Home]:
        """Return households."""
        return [
            (number, [Line(number, tuple(cells), fault) for number, cells, fault in lines])
            for number, lines in orjson.loads(data)
        ]

    def encode_result(self, result: ReadPart) -> list[bytes]:
        """Return what became of them as bytes."""
        return [
            cbor2.dumps(
                [
                    result.drafts,
                    result.households,
                    result.rows,
                    result.people,
                    result.without_document,
                    list(result.places),
                    list(result.omitted),
                    [rejected_value(one) for one in result.rejected],
                ]
            )
        ]

    def decode_result(self, data: memoryview) -> ReadPart:
        """Return what became of them."""
        drafts, households, rows, people, papers, places, omitted, rejected = cbor2.loads(data)
        return ReadPart(
            drafts,
            households,
            rows,
            people,
            papers,
            [(pcode, name) for pcode, name in places],
            [(sheet, column, code, row) for sheet, column, code, row in omitted],
            list(map(rejected_household, rejected)),
        )


def _numbers(table: Table, columns: Columns) -> Iterator[str | None]:
    return (number for number, _ in _numbered(table, columns))


def _numbered(table: Table, columns: Columns) -> Iterator[tuple[str | None, Line]]:
    """Yield the lines of a template with the number of their household."""
    [place] = (at for at, name in columns.fields.items() if name == "household_number")
    all_kept = len(columns.kept) == len(columns.headings)
    before, number = None, None
    for line in table.lines():
        cells = line.cells
        if not all_kept and is_blank(tuple([cells[at] for at in columns.kept])):
            continue
        if cells[place] != before:
            before = cells[place]
            number = number_as_written(before)
        yield number, line
