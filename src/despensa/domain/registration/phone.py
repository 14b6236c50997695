"""
Phone numbers: from the way people write them to E.164, or not at all.

A number that might belong to somebody else is worse than none, so nothing is guessed: extensions,
unknown calling codes and home numbers of an unlikely length are refused.
Source: ITU-T E.164 (at most 15 digits); North American numbering plan for +1.
"""

import re

from despensa.domain.registration.country import Country, calling_codes

_SIGNS = re.compile(r"[\s\-./()\u00a0\u2010-\u2015\u200e\u200f\u202a-\u202e]")
_ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_DIGITS_MIN = 8
_DIGITS_MAX = 15
_HOME_MIN = 7
_HOME_MAX = 11
_HOME_BARE_MAX = 9
_CALLING_MAX = 3
_NANP_LENGTH = 11


def e164(text: str, home: Country, *, bare_international: bool = False) -> str | None:
    """
    Return the number as E.164 with its plus sign, or None when it cannot be told.

    `bare_international` says that the file writes calling codes without a plus sign.
    Source: ITU-T E.164.

    >>> from despensa.domain.registration.country import countries
    >>> e164("+44 1632 960852", countries()["AFG"])
    '+441632960852'
    >>> e164("0700 123 456", countries()["AFG"])
    '+93700123456'
    >>> e164("534-971-8341x4064", countries()["AFG"]) is None
    True
    """
    digits = _SIGNS.sub("", text.translate(_ARABIC_DIGITS))
    if digits.startswith("+"):
        return _checked(digits[1:])
    if not (digits.isascii() and digits.isdigit()):
        return None
    if digits.startswith("00"):
        return _checked(digits[2:])
    if bare_international and not digits.startswith("0"):
        return _checked(digits)
    return _from_home(digits, home)


def _from_home(digits: str, home: Country) -> str | None:
    with_trunk = home.trunk != "" and digits.startswith(home.trunk)
    national = digits.removeprefix(home.trunk) if with_trunk else digits
    # Spreadsheets eat the leading zero of a number, so a short one without it is read as meant.
    longest = _HOME_MAX if with_trunk or home.trunk in ("", "1") else _HOME_BARE_MAX
    if not _HOME_MIN <= len(national) <= longest:
        return None
    return _checked(home.calling + national)


def _checked(digits: str) -> str | None:
    if not (digits.isascii() and digits.isdigit() and _DIGITS_MIN <= len(digits) <= _DIGITS_MAX):
        return None
    if digits.startswith("1"):
        plausible = len(digits) == _NANP_LENGTH and digits[1] not in "01" and digits[4] not in "01"
        return f"+{digits}" if plausible else None
    known = any(digits[:length] in calling_codes() for length in range(1, _CALLING_MAX + 1))
    return f"+{digits}" if known else None
