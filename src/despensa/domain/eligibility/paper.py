"""
The paper a household takes home: its decision, the reasons, and the slip as QR codes.

Decides over how many codes a slip spreads, how large they are printed and when the paper counts as
made: only if the codes on its pages, read from the finished pages, are the slip. Nothing here
draws. No name stands on it.
Source: docs/explanation/design.md section 7.2; docs/reference/formats.md section 12.
"""

import hashlib
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from despensa.domain.card import base45, deflate, qr
from despensa.domain.eligibility.explain import Explanation
from despensa.domain.encoding import cose

CODE_SIDES_MM = (50, 65, 80, 95)
_PLAIN_BYTES_MAX = 1_500  # beyond, the modules of the code become small
_ZLIB = b"\x78"  # no signed slip begins so: its first byte is the tag, d2
PARTS_MAX = 9
# a code that a cheap camera reads from a hand at ease: 113 modules
_PART_CHARACTERS = 1_200
_PART = re.compile(r"SLIP1/([1-9])/([2-9])/([0-9A-F]{8})/(.+)", re.DOTALL)


class PaperError(ValueError):
    """The paper cannot be made; the message says what to do."""


class PaperUnreadable(RuntimeError):
    """The codes of the finished paper did not read back: nothing may be given out."""


class SlipIncomplete(ValueError):
    """Codes of a slip are there, and others of it are missing: the text names them."""


class SlipMixed(ValueError):
    """The codes are of several slips, or of one that was changed."""


@dataclass(frozen=True, slots=True)
class DecisionPaper:
    """
    What the paper of one decision says, already in the language of the household.

    Shape: `goods` is (quantity, name of the unit) as they are written; `days` are the day the facts
        were frozen, first and last day of the hand-out, and the last day to appeal, in words;
        `codes` are the slip as it stands in one code or several.
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
    codes: tuple[str, ...] = field(repr=False)


def slip_text(signed: bytes) -> str:
    """
    Return the text of a slip's code: base45, of a large household's slip after zlib.

    Source: docs/reference/formats.md section 12; RFC 9285; RFC 1950.
    """
    return base45.encode(_packed(signed))


def slip_texts(signed: bytes) -> tuple[str, ...]:
    """
    Return the texts of a slip's codes: one where it fits, else as many parts as it needs.

    Each part says which it is, of how many, and of which slip, so that they are read in any order.
    Raises: PaperError when they would be more than a paper holds.
    Source: docs/reference/formats.md section 12.
    """
    text = slip_text(signed)
    if _is_one_code(text):
        return (text,)
    parts = -(-len(text) // _PART_CHARACTERS)
    if parts > PARTS_MAX:
        raise PaperError(
            f"the facts of this household are too many for {PARTS_MAX} codes; give the slip as a "
            "file instead: despensa decide slip"
        )
    width, mark = -(-len(text) // parts), _mark(_packed(signed))
    return tuple(
        f"SLIP1/{part + 1}/{parts}/{mark}/{text[part * width : (part + 1) * width]}"
        for part in range(parts)
    )


def slip_from(texts: Sequence[str]) -> bytes | None:
    """
    Return the signed bytes of the slip in these codes, whole or in parts; None without any.

    Shape: parts come in any order and may come twice; other codes beside them do not matter.
    Raises: SlipIncomplete; SlipMixed.
    """
    whole = slip_in(texts)
    found = {match.groups() for match in map(_PART.fullmatch, texts) if match is not None}
    if whole is not None or not found:
        return whole
    if len({(parts, mark) for _, parts, mark, _ in found}) > 1:
        raise SlipMixed("the codes are of more than one paper: give those of one")
    chunks = {int(part): chunk for part, _, _, chunk in found}
    [(parts, mark)] = {(int(parts), mark) for _, parts, mark, _ in found}
    if len(found) != len(chunks) or max(chunks) > parts:
        raise SlipMixed("two codes say that they are the same part, and differ")
    if missing := [str(part) for part in range(1, parts + 1) if part not in chunks]:
        raise SlipIncomplete(
            f"code {', '.join(missing)} of {parts} is missing: read that one as well, and give all "
            "of them together"
        )
    text = "".join(chunks[part] for part in range(1, parts + 1))
    signed = slip_in([text])
    if signed is None or _mark(_packed(signed)) != mark:
        raise SlipMixed("the codes together are no slip: one of them was changed")
    return signed


def _packed(signed: bytes) -> bytes:
    return signed if len(signed) <= _PLAIN_BYTES_MAX else zlib.compress(signed, 9)


def _mark(packed: bytes) -> str:
    return hashlib.sha256(packed).hexdigest()[:8].upper()


def _is_one_code(text: str) -> bool:
    try:
        qr.plan_code(text, side_mm=CODE_SIDES_MM[-1])
    except qr.QrError:
        return False
    return True


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
    Return the smallest printed size at which cheap cameras read a code of a slip.

    Units: millimetres, without the white margin.
    """
    return next((side for side in CODE_SIDES_MM if _fits(text, side)), CODE_SIDES_MM[-1])


def check_paper(found: Iterable[str], *expected: str) -> None:
    """
    Accept a finished paper whose pages hold exactly the codes expected.

    Raises: PaperUnreadable.
    """
    read = list(found)
    if sorted(read) != sorted(expected):
        good = sum(text in read for text in expected)
        raise PaperUnreadable(
            f"{good} of {len(expected)} codes read back from the paper; it must not be given out."
            " Undo the last change to decision-paper.typ, then print it again."
        )


def _fits(text: str, side: int) -> bool:
    try:
        return qr.plan_code(text, side_mm=side).module_mm >= qr.MODULE_MM_GOOD
    except qr.QrError:
        return False
