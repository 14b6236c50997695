"""
A row of a register file once its columns are known, and what was found while reading it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from despensa.domain.catalogue import Catalogue
from despensa.domain.registration import cell
from despensa.domain.registration.cell import Cell, CellFault
from despensa.domain.registration.country import Country
from despensa.domain.registration.fault import RowError, shown
from despensa.domain.registration.layout import Kind

T = TypeVar("T")

Named = tuple[str, Cell]
# a list of rows or choices that stands beside each of many rows
_SAID_MAX = 400
_NUMBERS_SAID = 10


@dataclass(frozen=True, slots=True)
class Row:
    """
    One row: field name to (heading as written, cell), and the cells that may be shown again.

    Shape: `values` holds the cells that are read and not empty; `kept` holds every cell but
    forbidden ones; `headings` maps each field of the file to its heading; `structural` is the code
    of a fault of the line itself, if it has one.
    """

    sheet: str
    number: int
    values: Mapping[str, Named]
    kept: tuple[Cell, ...]
    headings: Mapping[str, str] = field(default_factory=dict)
    structural: str | None = None

    def place(self, name: str) -> Named:
        """Return the heading and cell of a field; its own name where the file has no such column."""
        return self.values.get(name) or (self.headings.get(name, name), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of a file are read: its kind, the day, the workspace's country, the catalogue."""

    kind: Kind
    today: date
    home: Country
    catalogue: Catalogue

    @property
    def strict(self) -> bool:
        """Our own template says how to write; a foreign file is taken as far as it can be."""
        return self.kind is Kind.TEMPLATE


@dataclass(slots=True)
class Findings:
    """Faults and omissions met while reading one household."""

    errors: list[RowError] = field(default_factory=list)
    omitted: list[tuple[str, str, str, int]] = field(default_factory=list)

    def fault(self, row: Row, name: str, code: str, /, **parameters: str) -> None:
        """Note a fault of the cell of a field, or of the row when the file lacks the column."""
        column, value = row.place(name)
        said = {key: _shortened(text) for key, text in parameters.items()}
        self.errors.append(RowError(row.sheet, row.number, column, shown(value), code, said))

    def omit(self, row: Row, name: str, code: str) -> None:
        """Note that a cell is left out of an otherwise good household."""
        column, _ = row.place(name)
        self.omitted.append((row.sheet, column, code, row.number))

    def read(self, row: Row, name: str, reader: Callable[[Cell], T | None]) -> T | None:
        """Return what the reader makes of a field, or None, noting the fault, when it refuses."""
        named = row.values.get(name)
        if named is None:
            return None
        try:
            return reader(named[1])
        except CellFault as refused:
            self.fault(row, name, refused.code, **refused.parameters)
            return None

    def text(self, row: Row, name: str) -> str | None:
        """Return the text of a field, or None when it is empty or at fault."""
        return self.read(row, name, cell.text)

    def choice(
        self, row: Row, name: str, allowed: Mapping[str, T], shown_as: Sequence[str]
    ) -> T | None:
        """Return what a word of a closed list stands for; case and surrounding spaces are free."""
        word = self.text(row, name)
        if word is None:
            return None
        found = allowed.get(word.casefold())
        if found is None:
            self.fault(row, name, "choice_unknown", allowed=", ".join(shown_as))
        return found


def row_numbers(rows: Sequence[Row]) -> str:
    """
    Return the numbers of rows as a sentence names them: all, or of many the first ones and the last.

    >>> row_numbers([Row("", number, {}, ()) for number in range(2, 30)])
    '2, 3, 4, 5, 6, 7, 8, 9, …, 29'
    """
    numbers = [str(row.number) for row in rows]
    if len(numbers) > _NUMBERS_SAID:
        numbers[_NUMBERS_SAID - 2 : -1] = ["…"]
    return ", ".join(numbers)


def _shortened(text: str) -> str:
    """Return a list or text short enough to stand beside every row it is said of."""
    if len(text) <= _SAID_MAX:
        return text
    cut = text[:_SAID_MAX]
    return f"{cut.rpartition(', ')[0] or cut}…"
