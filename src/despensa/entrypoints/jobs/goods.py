"""Goods at the points: which items there are, by the words doors are given."""

from collections.abc import Sequence

from despensa.domain.ledger.stock import StockLine, StockRefused
from despensa.records.programmes import queries as programmes
from despensa.records.stock import queries

MONEY_CODE_LENGTH = 3


def items() -> list[int]:
    """Return the numbers of what may lie at a point: units of goods, then what parcels hold."""
    return [number for number, _ in _units()] + sorted(queries.content_items())


def numbers() -> dict[str, int]:
    """Return the number of every item by its code."""
    return {code: number for number, code in _units()} | {
        code: number for number, code in queries.content_items().items()
    }


def lines(texts: Sequence[str]) -> tuple[StockLine, ...]:
    """
    Return what `parcel=20` and the like say.

    Raises: StockRefused.
    """
    known = numbers()
    found = []
    for text in texts:
        code, sign, many = text.partition("=")
        if not sign or code not in known or not (many.isascii() and many.isdigit()):
            raise StockRefused(
                f"{text!r} is no item with a whole quantity. Items here: "
                f"{', '.join(sorted(known)) or 'none yet'}. Write it as parcel=20."
            )
        found.append(StockLine(known[code], int(many)))
    return tuple(found)


def _units() -> list[tuple[int, str]]:
    """Return (number, code) of every unit that is no currency."""
    return [
        (number, code)
        for number, (code, _) in programmes.units().items()
        if not (len(code) == MONEY_CODE_LENGTH and code.isupper())
    ]
