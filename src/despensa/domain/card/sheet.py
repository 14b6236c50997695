"""
The A4 sheet of cards: where each card lies, and when a sheet may be called ready.

Decides geometry and the read-back rule: a sheet counts as ready only if every code on it, read
from the finished page, is the one that was to be printed in that place. Nothing here draws.
Source: docs/explanation/design.md section 6; ISO/IEC 7810 (ID-1).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

CARD_WIDTH_MM, CARD_HEIGHT_MM = 85.6, 54.0
COLUMNS, ROWS = 2, 5
CARDS_PER_SHEET = COLUMNS * ROWS
MARGIN_LEFT_MM, MARGIN_TOP_MM = 19.4, 13.5
CODE_SIDE_MM = 34.0
CARDS_PER_FILE_MAX = 1_000  # 100 sheets; some 700 MB while the pages are set


class SheetError(ValueError):
    """The cards cannot be printed as asked; the message says what to change."""


@dataclass(frozen=True, slots=True)
class PrintCard:
    """One card to print: its number for people and the text of its code."""

    number: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardFace:
    """
    What all cards of a batch show besides number and code.

    The face names no programme: the same card serves every programme of its holder.
    """

    issuer: str
    help_line: str
    issued_on: date
    batch: str = ""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """One code read from a finished page; page and position count from 1, row by row."""

    page: int
    position: int
    text: str = field(repr=False)


class Problem(Enum):
    """What may be wrong with one place of a sheet."""

    MISSING = "missing"
    DIFFERENT = "different"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class SheetProblem:
    """One place of a printed file that is not as it was to be."""

    page: int
    position: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class SheetCheck:
    """
    The result of reading a file of sheets back.

    Holds: ready if and only if there are no problems and at least one code was expected.
    """

    codes_expected: int
    codes_right: int
    problems: tuple[SheetProblem, ...]

    @property
    def ready(self) -> bool:
        """Return whether the file may be printed."""
        return not self.problems and self.codes_right == self.codes_expected > 0


def place_of(index: int) -> tuple[int, int]:
    """
    Return page and position, both from 1, of the card with this index from 0.

    >>> place_of(0), place_of(9), place_of(10)
    ((1, 1), (1, 10), (2, 1))
    """
    return index // CARDS_PER_SHEET + 1, index % CARDS_PER_SHEET + 1


def position_at(x_mm: float, y_mm: float) -> int:
    """
    Return the position of the card that holds a point of the page, 0 outside the cards.

    Units: millimetres from the upper left corner of the page.
    """
    column = int((x_mm - MARGIN_LEFT_MM) // CARD_WIDTH_MM)
    row = int((y_mm - MARGIN_TOP_MM) // CARD_HEIGHT_MM)
    if not (0 <= column < COLUMNS and 0 <= row < ROWS):
        return 0
    return row * COLUMNS + column + 1


def check_sheets(found: Sequence[ReadBack], expected: Sequence[str]) -> SheetCheck:
    """
    Return whether the codes read from a file are the expected ones, each in its place.

    Shape: `expected` has one text per card in printing order; problems are in page order.
    """
    wanted = {place_of(index): text for index, text in enumerate(expected)}
    times_read = Counter((item.page, item.position) for item in found)
    problems: dict[tuple[int, int], Problem] = {}
    for item in found:
        place = (item.page, item.position)
        if place not in wanted or times_read[place] > 1:
            problems[place] = Problem.UNEXPECTED
        elif item.text != wanted[place]:
            problems[place] = Problem.DIFFERENT
    problems |= {place: Problem.MISSING for place in wanted if place not in times_read}
    right = sum(1 for place in wanted if place not in problems)
    listed = tuple(SheetProblem(*place, problems[place]) for place in sorted(problems))
    return SheetCheck(len(expected), right, listed)
