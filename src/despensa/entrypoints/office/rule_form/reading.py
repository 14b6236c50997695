"""What was typed into a field as a leaf of a rule: a line, a number, a parameter, a day, a choice."""

import re
import unicodedata
from typing import Any

from despensa.entrypoints.office.rule_pages import RuleField

_TYPED_MAX = 2_000
_PARAMETER = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_GROUPS = re.compile(r"(?<=[0-9])[\s\u00a0\u202f'٬](?=[0-9]{3}(?![0-9]))")


class Unread(Exception):
    """What was typed into a field is no part of a rule; it stays in the field as it is."""

    def __init__(self, field: RuleField, typed: str, why: str) -> None:
        """Keep the field, what was typed, and what is wrong with it."""
        self.field, self.typed, self.why = field, typed, why
        super().__init__(why)


def line_of(typed: str) -> str:
    r"""
    Return what was typed as one line without signs that steer.

    >>> line_of("  a  new\r\nline ")
    'a new line'
    """
    clean = "".join(
        " " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in typed
    )
    return unicodedata.normalize("NFC", " ".join(clean.split()))[:_TYPED_MAX]


def whole_of(typed: str) -> int | str:
    """
    Return a whole number, in any digits and with spaces in it; else what was typed.

    >>> [whole_of(typed) for typed in ("1 200", "٤", "1.5", "")]
    [1200, 4, '1.5', '']
    """
    line = line_of(typed)
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in line)
    for _ in range(5):
        digits = _GROUPS.sub("", digits)
    return int(digits) if _WHOLE.fullmatch(digits) else line


def constant_of(typed: str) -> Any:
    """
    Return a number or the parameter of this name; else what was typed.

    >>> constant_of("older_age")
    {'parameter': 'older_age'}
    """
    line = line_of(typed)
    return {"parameter": line} if _PARAMETER.fullmatch(line) else whole_of(line)
