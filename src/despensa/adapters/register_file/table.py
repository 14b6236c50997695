"""
A sheet as rows of cells, whatever file it came from.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from despensa.domain.registration.cell import Cell


class Line(NamedTuple):
    """One line: its number as spreadsheets count, its cells, and a fault of the line itself."""

    number: int
    cells: tuple[Cell, ...]
    structural: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """
    One sheet.

    Shape: `headings` is the first line that is not blank; `lines` yields those after it, blank
    ones left out, and may be called again for another pass.
    """

    sheet: str
    headings: tuple[str, ...]
    lines: Callable[[], Iterator[Line]]


def is_blank(cells: tuple[Cell, ...]) -> bool:
    """Whether no cell of a line holds anything."""
    for one in cells:
        if one is not None and not (isinstance(one, str) and not one.strip()):
            return False
    return True
