"""
Pages of cards: where each card lies, and when a file of pages may be called ready.

Decides geometry and the read-back rule: a file counts as ready only if every code on it, read
from the finished page, is the one that was to be printed in that place. Nothing here draws.
Source: docs/explanation/design.md section 6; ISO/IEC 7810 (ID-1); ISO 216 (A4, A6).
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import partial

CARDS_PER_FILE_MAX = 1_000  # some 700 MB while the pages are set
ISSUER_LENGTH_MAX = 48
HELP_LENGTH_MAX = 32
LANGUAGES_PER_CARD_MAX = 2


class SheetError(ValueError):
    """The cards cannot be printed as asked; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Layout:
    """
    How cards lie on pages, row by row from the upper left corner.

    Units: millimetres. `number` stands for the layout in proposals and is never used again.
    """

    number: int
    name: str
    page_width: float
    page_height: float
    card_width: float
    card_height: float
    code_side: float
    columns: int = 1
    rows: int = 1
    left: float = 0.0
    top: float = 0.0
    gap: float = 0.0

    @property
    def per_page(self) -> int:
        """Return how many cards a page has."""
        return self.columns * self.rows

    def place_of(self, index: int) -> tuple[int, int]:
        """
        Return page and position, both from 1, of the card with this index from 0.

        >>> A4_TEN.place_of(0), A4_TEN.place_of(9), A4_TEN.place_of(10)
        ((1, 1), (1, 10), (2, 1))
        """
        return index // self.per_page + 1, index % self.per_page + 1

    def corner_of(self, position: int) -> tuple[float, float]:
        """Return the upper left corner of the card at a position from 1."""
        row, column = divmod(position - 1, self.columns)
        return (
            self.left + column * (self.card_width + self.gap),
            self.top + row * (self.card_height + self.gap),
        )

    def position_at(self, x: float, y: float) -> int:
        """Return the position of the card that holds a point of the page, 0 outside the cards."""
        column = int((x - self.left) // (self.card_width + self.gap))
        row = int((y - self.top) // (self.card_height + self.gap))
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return 0
        position = row * self.columns + column + 1
        left, top = self.corner_of(position)
        is_on_card = x < left + self.card_width and y < top + self.card_height
        return position if is_on_card else 0


_ID_1 = partial(Layout, card_width=85.6, card_height=54.0, code_side=34.0)
_ON_A4 = partial(_ID_1, page_width=210.0, page_height=297.0, columns=2)
# ten without gaps, for a cutting machine; eight with gutters, for scissors
A4_TEN = _ON_A4(number=1, name="a4-10", rows=5, left=19.4, top=13.5)
A4_EIGHT = _ON_A4(number=2, name="a4-8", rows=4, left=17.9, top=36.0, gap=3.0)
# a page is a card: printers of plastic cards
SINGLE = _ID_1(number=3, name="card", page_width=85.6, page_height=54.0)
# a slip from a thermal printer: black only, and a code that coarse dots cannot spoil
SLIP = Layout(
    number=4, name="slip-a6", page_width=105.0, page_height=148.0, card_width=105.0,
    card_height=148.0, code_side=60.0,
)  # fmt: skip
LAYOUTS = {layout.number: layout for layout in (A4_TEN, A4_EIGHT, SINGLE, SLIP)}


@dataclass(frozen=True, slots=True)
class Shown:
    """
    What an identity card shows of its holder in letters: what its own code says, and no more.

    Units: `gender` is 1 male, 2 female, 3 other.
    """

    name: str = field(repr=False)
    born: date | None = field(repr=False)
    gender: int | None = field(repr=False)
    expires_on: date

    @property
    def is_right_to_left(self) -> bool:
        """Return whether the name is written from right to left, as its first letter is."""
        strong = (unicodedata.bidirectional(letter) for letter in self.name)
        return next((one for one in strong if one in {"L", "R", "AL"}), "L") != "L"


@dataclass(frozen=True, slots=True)
class PrintCard:
    """One card to print: number, the text of its code, and on an identity card whose it is."""

    number: str
    text: str = field(repr=False)
    shown: Shown | None = None


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

    def __post_init__(self) -> None:
        """Refuse lines too long for a card. Raises: SheetError."""
        if not 0 < len(self.issuer) <= ISSUER_LENGTH_MAX:
            raise SheetError(f"the issuer's name on a card has 1 to {ISSUER_LENGTH_MAX} characters")
        if not 0 < len(self.help_line) <= HELP_LENGTH_MAX:
            raise SheetError(f"the help line on a card has 1 to {HELP_LENGTH_MAX} characters")


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


def check_sheets(
    found: Sequence[ReadBack], expected: Sequence[str], layout: Layout = A4_TEN
) -> SheetCheck:
    """
    Return whether the codes read from a file are the expected ones, each in its place.

    Shape: `expected` has one text per card in printing order; problems are in page order.
    """
    wanted = {layout.place_of(index): text for index, text in enumerate(expected)}
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
