"""
Amounts as files write them, exactly: whole minor units to decimal text and back.

Nothing here is ever a binary fraction. Source: ISO 4217, minor units.
"""

import re

_DIGITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
         "VND", "VUV", "XAF", "XOF", "XPF"),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}  # fmt: skip
_CODE = re.compile(r"[A-Z]{3}")
_PLAIN = re.compile(r"(\d{1,15})(?:\.(\d{1,9}))?")
_COMMA = re.compile(r"(?:\d{1,3}(?:[. ]\d{3})+|\d{1,15})(?:,\d{1,9})?")


class AmountUnreadable(ValueError):
    """The text is no amount of this currency: says why, never guesses."""


def is_currency(code: str) -> bool:
    """Return whether a unit's code is that of a currency, and so its quantity is money."""
    return _CODE.fullmatch(code) is not None


def minor_digits(currency: str) -> int:
    """Return how many digits follow the point in a currency. Raises: AmountUnreadable."""
    if not is_currency(currency):
        raise AmountUnreadable("a currency is three capital letters, as EUR")
    return _DIGITS.get(currency, 2)


def text_of(amount: int, currency: str) -> str:
    """
    Return whole minor units as decimal text with a point.

    >>> [text_of(1050, "EUR"), text_of(7, "EUR"), text_of(1050, "XOF"), text_of(5, "IQD")]
    ['10.50', '0.07', '1050', '0.005']
    """
    digits = minor_digits(currency)
    if not digits:
        return str(amount)
    whole, part = divmod(amount, 10**digits)
    return f"{whole}.{part:0{digits}}"


def minor_units(text: str, currency: str, *, comma: bool = False) -> int:
    """
    Return the whole minor units of decimal text; with `comma`, a comma is what parts them.

    Raises: AmountUnreadable for anything that would have to be guessed or rounded.

    >>> [minor_units("10.5", "EUR"), minor_units("1.234,50", "EUR", comma=True)]
    [1050, 123450]
    """
    digits, written = minor_digits(currency), text.strip()
    if written.startswith("-"):
        raise AmountUnreadable("an amount below zero")
    if comma:
        if not _COMMA.fullmatch(written):
            raise AmountUnreadable("no amount with a comma before its decimals")
        written = written.replace(".", "").replace(" ", "").replace(",", ".")
    elif "," in written:
        raise AmountUnreadable("a comma in the amount: say in the mapping that decimals follow it")
    found = _PLAIN.fullmatch(written)
    if found is None:
        raise AmountUnreadable("no amount in digits")
    part = (found[2] or "").rstrip("0")
    if len(part) > digits:
        raise AmountUnreadable(f"more decimals than {currency} has")
    return int(found[1] + part.ljust(digits, "0"))
