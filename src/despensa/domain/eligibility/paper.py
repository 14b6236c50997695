"""
The paper a household takes home: its decision, the reasons, and the slip as a QR code.

Decides how large the code is printed and when the paper counts as made: only if the one code on its
pages, read from the finished pages, is the slip. Nothing here draws. No name stands on it.
Source: docs/explanation/design.md section 7.2; docs/reference/formats.md section 12.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from despensa.domain.card import base45, deflate, qr
from despensa.domain.eligibility.explain import Explanation
from despensa.domain.encoding import cose

CODE_SIDES_MM = (50, 65, 80, 95)
_PLAIN_BYTES_MAX = 1_500  # beyond, the modules of the code become small
_ZLIB = b"\x78"  # no signed slip begins so: its first byte is the tag, d2


class PaperError(ValueError):
    """The paper cannot be made; the message says what to do."""


class PaperUnreadable(RuntimeError):
    """The code of the finished paper did not read back: nothing may be given out."""


@dataclass(frozen=True, slots=True)
class DecisionPaper:
    """
    What the paper of one decision says, already in the language of the household.

    Shape: `goods` is (quantity, name of the unit) as they are written; `days` are the day the facts
        were frozen, first and last day of the hand-out, and the last day to appeal, in words;
        `code` is the slip in base45.
    """

    language: str
    issuer: str
    programme: str
    cycle: str
    explanation: Explanation
    goods: tuple[tuple[str, str], ...]
    days: tuple[str, str, str, str]
    rule: str
    rule_hash: bytes
    root: bytes
    code: str = field(repr=False)


def slip_text(signed: bytes) -> str:
    """
    Return the text of a slip's code: base45, of a large household's slip after zlib.

    Source: docs/reference/formats.md section 12; RFC 9285; RFC 1950.
    """
    packed = signed if len(signed) <= _PLAIN_BYTES_MAX else zlib.compress(signed, 9)
    return base45.encode(packed)


def slip_in(texts: Sequence[str]) -> bytes | None:
    """Return the signed bytes in the first of these codes that holds any, None without one."""
    for text in texts:
        try:
            held = base45.decode(text)
            signed = deflate.inflate(held) if held[:1] == _ZLIB else held
            cose.parse(signed)
        except (base45.Base45Error, deflate.DeflateError, deflate.TooLarge):
            continue
        except cose.MalformedSignature:
            continue
        return signed
    return None


def code_side(text: str) -> int:
    """
    Return the smallest printed size at which cheap cameras read a slip's code.

    Units: millimetres, without the white margin.
    Raises: PaperError when the slip is longer than any code.
    """
    largest = CODE_SIDES_MM[-1]
    try:
        qr.plan_code(text, side_mm=largest)
    except qr.QrError as error:
        raise PaperError(
            f"the facts of this household are too many for one code ({error}); give the slip as a "
            "file instead: despensa decide slip"
        ) from error
    return next((side for side in CODE_SIDES_MM if _fits(text, side)), largest)


def check_paper(found: Sequence[str], expected: str) -> None:
    """
    Accept a finished paper whose pages hold exactly the one code expected.

    Raises: PaperUnreadable.
    """
    if list(found) != [expected]:
        raise PaperUnreadable(
            f"{sum(text == expected for text in found)} of 1 codes read back from the paper; it must"
            " not be given out. Undo the last change to decision-paper.typ, then print it again."
        )


def _fits(text: str, side: int) -> bool:
    try:
        return qr.plan_code(text, side_mm=side).module_mm >= qr.MODULE_MM_GOOD
    except qr.QrError:
        return False
