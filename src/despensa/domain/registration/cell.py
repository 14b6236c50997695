"""
Reading one cell: text, yes or no, whole number, birth date, name.

Each function returns the value, None for an empty cell, or raises CellFault with the stable code
of what is wrong. Spreadsheets turn numbers into fractions and dates into days; text files hold text
only; both are read alike.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from despensa.domain.forbidden import words_of
from despensa.domain.registration.draft import Birth


class UnresolvedFormula:
    """What stands for a cell whose formula carries no result."""

    def __str__(self) -> str:
        return "="


Cell = str | int | float | bool | date | datetime | time | timedelta | UnresolvedFormula | None

NAME_LENGTH_MAX = 200
TEXT_LENGTH_MAX = 500
BIRTH_YEAR_MIN = 1900
_MONTHS = 12
_WHOLE = re.compile(r"[+-]?\d{1,15}(\.0+)?")
_CALCULATION_ERROR = re.compile(r"#(REF|DIV/0|N/A|NAME\?|VALUE|NULL|NUM|CALC|SPILL)!?")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ]00:00(?::00)?)?")
_DAY_OR_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_GUARDED = tuple(f"'{sign}" for sign in _FORMULA_SIGNS)
# Joiners shape letters in Persian, Urdu and Indic scripts; all other format characters only hide.
_JOINERS = "\u200c\u200d"

_YES = frozenset({"yes", "y", "true", "1", "si", "s", "oui", "sim", "نعم"})
_NO = frozenset({"no", "n", "false", "0", "non", "nao", "لا"})


class CellFault(ValueError):
    """What is wrong with a cell: a code of the fault list and its parameters."""

    def __init__(self, code: str, parameters: Mapping[str, str] | None = None) -> None:
        """Keep the code and parameters for the row error made of them."""
        super().__init__(code)
        self.code = code
        self.parameters = parameters or {}


def text(value: Cell, *, length_max: int = TEXT_LENGTH_MAX) -> str | None:
    """
    Return the cell as NFC text with single spaces, or None when it is empty.

    Raises: CellFault for calculation errors, formulas without result and text that is too long.

    >>> text(34.0)
    '34'
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        # The apostrophe that keeps a spreadsheet from running a cell is no part of it.
        written = value[1:] if value.startswith(_GUARDED) else value
    elif isinstance(value, UnresolvedFormula):
        raise CellFault("formula_without_value")
    elif isinstance(value, float) and value.is_integer():
        written = str(int(value))
    elif isinstance(value, datetime) and value.time() == time():
        written = value.date().isoformat()
    else:
        written = str(value)
    if not written.isascii():
        written = unicodedata.normalize("NFC", written)
        if not written.isprintable():
            written = "".join(
                sign for sign in written if sign in _JOINERS or unicodedata.category(sign) != "Cf"
            )
    words = " ".join(written.split())
    if words.startswith("#") and _CALCULATION_ERROR.fullmatch(words):
        raise CellFault("cell_error", {"value": words})
    if len(words) > length_max:
        raise CellFault("text_too_long", {"length": str(length_max)})
    return words or None


def name(value: Cell) -> str | None:
    """
    Return a person's name as written, or None when the cell is empty.

    Raises: CellFault for text that a spreadsheet would run as a formula, control characters, a
    name without letters or longer than 200 characters.
    """
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_SIGNS + _GUARDED):
        raise CellFault("name_formula")
    written = text(value, length_max=10 * TEXT_LENGTH_MAX)
    if written is None:
        return None
    has_letters = written[0].isalpha() or any(sign.isalpha() for sign in written)
    readable = len(written) <= NAME_LENGTH_MAX and has_letters
    printable = written.isprintable() or not any(
        unicodedata.category(sign) == "Cc" for sign in written
    )
    if not (readable and printable):
        raise CellFault("name_unreadable", {"length": str(NAME_LENGTH_MAX)})
    return written


def yes_no(value: Cell) -> bool | None:
    """Return the truth a cell states in one of the five languages, or None when it is empty."""
    if isinstance(value, bool):
        return value
    written = text(value)
    if written is None:
        return None
    # Most files write the same two words in every row; folding is for the others.
    word = written if written in _YES or written in _NO else _folded(written)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellFault("choice_unknown", {"allowed": "yes, no"})


def whole(value: Cell) -> int | None:
    """Return the whole number in a cell, or None when it is empty."""
    written = text(value)
    if written is None:
        return None
    digits = written.translate(_DIGITS)
    if not _WHOLE.fullmatch(digits):
        raise CellFault("number_unreadable")
    return int(digits.partition(".")[0])


def birth(value: Cell, *, today: date, day_first: bool) -> Birth:
    """
    Return the birth date a cell holds; an empty cell is an unknown date, not a fault.

    YYYY, YYYY-MM and YYYY-MM-DD are read as they stand. A date that ends in the year is read when
    only one reading exists, or when the kind of file always writes the day first.
    Raises: CellFault for text that is no date, ambiguous dates, future dates, years before 1900.
    """
    if isinstance(value, datetime):
        return _bounded(Birth(value.year, value.month, value.day), today)
    if isinstance(value, date):
        return _bounded(Birth(value.year, value.month, value.day), today)
    written = text(value)
    if written is None:
        return Birth()
    digits = written.translate(_DIGITS)
    if match := _ISO_DATE.fullmatch(digits):
        year, month, day = (None if part is None else int(part) for part in match.groups())
        return _bounded(Birth(year, month, day), today)
    if match := _DAY_OR_MONTH_FIRST.fullmatch(digits):
        first, second, year = (int(part) for part in match.groups())
        if first <= _MONTHS and second <= _MONTHS and first != second and not day_first:
            raise CellFault("date_ambiguous")
        if second > _MONTHS and not day_first:
            first, second = second, first
        return _bounded(Birth(year, second, first), today)
    raise CellFault("date_unreadable")


def _bounded(read: Birth, today: date) -> Birth:
    try:
        earliest = read.earliest()
    except ValueError as fault:
        raise CellFault("date_unreadable") from fault
    assert earliest is not None
    if earliest > today:
        raise CellFault("date_future", {"today": today.isoformat()})
    if earliest.year < BIRTH_YEAR_MIN:
        raise CellFault("date_too_old", {"earliest": str(BIRTH_YEAR_MIN)})
    return read


def _folded(word: str) -> str:
    if word.isdigit():
        return word.translate(_DIGITS)
    return " ".join(words_of(word))
