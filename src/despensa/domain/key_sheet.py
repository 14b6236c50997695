"""
The paper copy of the keys: the text of an age file that its custodians open, in print and as QR codes.

Decides over how many codes the text spreads, and that the sheet counts as made only if the codes,
read from the finished pages, are the file. Nothing here can open it.
Source: docs/decisions/0031-locked-keys.md; https://age-encryption.org/v1 (the text form).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

# a code that a cheap camera reads from a hand at ease, also in bytes: 89 modules at level M
_LINES_A_CODE = 8


class SheetUnreadable(RuntimeError):
    """The codes of the finished sheet did not read back: it is no copy."""


@dataclass(frozen=True, slots=True)
class KeySheet:
    """
    What the sheet of one copy says.

    Shape: `custodians` are (name, age1 public key); `text` is the age file in its text form.
    """

    language: str
    issuer: str
    workspace: str
    made_on: str
    custodians: tuple[tuple[str, str], ...]
    sha256: str
    text: str = field(repr=False)


def parts_of(text: str) -> tuple[str, ...]:
    """
    Return the text in parts of whole lines, each for one code.

    >>> [len(part.splitlines()) for part in parts_of(chr(10).join("ABCDEFGHI"))]
    [8, 1]
    """
    lines = text.splitlines()
    starts = range(0, len(lines), _LINES_A_CODE)
    return tuple("\n".join(lines[at : at + _LINES_A_CODE]) for at in starts)


def text_of(parts: Sequence[str]) -> str:
    """Return the text whose parts these are, in order."""
    return "\n".join(part.strip() for part in parts) + "\n"


def check_sheet(read: Sequence[str], sheet: KeySheet) -> None:
    """Refuse a sheet whose codes are not its file. Raises: SheetUnreadable."""
    if text_of(read) != sheet.text:
        raise SheetUnreadable(
            "The codes of the finished sheet are not the copy of the keys: print it again, or undo "
            "the last change to its template."
        )
