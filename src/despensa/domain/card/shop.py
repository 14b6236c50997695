"""
What a print shop got and what it says it printed, held against each other line by line.

A card's serial is its number; its hash is that of the text of its code, which the shop reads from
the printed card. Decides what each line of a shop's return is worth, which cards are missing, and
which were printed twice: nobody can tell two of one number apart, so neither is given to anybody.
Source: docs/explanation/design.md, section 6; docs/reference/formats.md, section 1.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from despensa.domain.identifier import CardNumberError, parse_card_number

SHOP_LENGTH_MAX = 60
HASH_LENGTH = 32
HEADINGS = ("serial", "sha256")
RETURN_BYTES_MAX = 33 << 20


class LineVerdict(StrEnum):
    """What one line of a return is worth."""

    PRINTED = "printed"
    REPEATED = "repeated"
    UNKNOWN = "unknown"
    WRONG_HASH = "wrong_hash"
    UNREADABLE = "unreadable"


class ShopTrouble(StrEnum):
    """Why a batch is not sent to a print shop, or a return of one is not taken."""

    NAME = "name"
    KEY = "key"
    NO_FILES = "no_files"
    SENT_BEFORE = "sent_before"
    NOT_SENT = "not_sent"


SENTENCES = {
    ShopTrouble.NAME: f"Write the name of the print shop, at most {SHOP_LENGTH_MAX} letters.",
    ShopTrouble.KEY: (
        "This is no public key of age: it begins with age1 and has 62 signs. The shop makes one with "
        "age-keygen and sends the line that begins with age1."
    ),
    ShopTrouble.NO_FILES: (
        "This batch has no print files that were read back: it was counted, or its day is over."
    ),
    ShopTrouble.SENT_BEFORE: "This batch is at a print shop already: it is not printed twice.",
    ShopTrouble.NOT_SENT: "This batch was sent to no print shop: count it instead.",
}


class ShopRefused(ValueError):
    """A batch is not sent, or a return not taken; `trouble` says why."""

    def __init__(self, trouble: ShopTrouble) -> None:
        """Hold why."""
        super().__init__(SENTENCES[trouble])
        self.trouble = trouble


class ReturnRefused(ValueError):
    """The file is no return of a print shop; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """One line of a return, counted from 2 because line 1 has the headings."""

    line: int
    serial: str
    verdict: LineVerdict


@dataclass(frozen=True, slots=True)
class Reconciled:
    """
    A return held against what was issued. Shape: `lines` in the order of the file.

    Holds: every issued card is in exactly one of `printed`, `doubled` and `missing`.
    """

    lines: tuple[JudgedLine, ...]
    printed: tuple[str, ...]
    doubled: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def spoilt(self) -> tuple[str, ...]:
        """Return the issued cards that nobody gets: they are replaced."""
        return (*self.missing, *self.doubled)

    @property
    def foreign(self) -> int:
        """Return how many lines name no card as it was issued."""
        known = (LineVerdict.PRINTED, LineVerdict.REPEATED)
        return sum(1 for line in self.lines if line.verdict not in known)

    def strange_lines(self) -> list[JudgedLine]:
        """Return the lines somebody should look at: all but those of cards printed once."""
        return [line for line in self.lines if line.verdict is not LineVerdict.PRINTED]


def require_shop(shop: str) -> None:
    """Raise ShopRefused for a name of a shop that nobody could read in the log."""
    if not 0 < len(shop) <= SHOP_LENGTH_MAX or not shop.isprintable():
        raise ShopRefused(ShopTrouble.NAME)


def code_hash(text: str) -> bytes:
    """Return the hash of the text of a card's code, as the shop reads it from the card."""
    return sha256(text.encode("ascii")).digest()


def manifest(cards: Sequence[tuple[str, bytes]]) -> bytes:
    """Return what is to be printed, serial and hash in printing order, in the form of a return."""
    lines = [f"{number},{digest.hex()}" for number, digest in cards]
    return "".join(f"{line}\r\n" for line in (",".join(HEADINGS), *lines)).encode("ascii")


def hashes_of(data: bytes) -> bytes:
    """Return the hashes of a manifest one after the other, in its order."""
    return b"".join(bytes.fromhex(row[1]) for _, row in _rows(data))


def issued_of(numbers: Sequence[str], hashes: bytes) -> dict[str, bytes]:
    """Return number to hash of a batch, from its numbers and its hashes in sheet order."""
    starts = range(0, len(hashes), HASH_LENGTH)
    return dict(zip(numbers, (hashes[at : at + HASH_LENGTH] for at in starts), strict=True))


def reconcile(data: bytes, issued: Mapping[str, bytes]) -> Reconciled:
    """
    Return what a shop's file says of the issued cards (number to hash, in sheet order).

    A card counts as printed by one line with the right hash, as doubled by more. A card with only a
    wrong hash is missing: what was printed is not what was issued. Raises: ReturnRefused.
    """
    rows = _rows(data)
    judged: list[JudgedLine] = []
    printed: set[str] = set()
    doubled: set[str] = set()
    for line, row in rows:
        serial, verdict = _judge(row, issued, printed)
        if verdict is LineVerdict.PRINTED:
            printed.add(serial)
        elif verdict is LineVerdict.REPEATED:
            doubled.add(serial)
        judged.append(JudgedLine(line, serial, verdict))
    return Reconciled(
        tuple(judged),
        tuple(number for number in issued if number in printed and number not in doubled),
        tuple(number for number in issued if number in doubled),
        tuple(number for number in issued if number not in printed),
    )


def _judge(
    row: Sequence[str], issued: Mapping[str, bytes], printed: set[str]
) -> tuple[str, LineVerdict]:
    try:
        written, digest = row
        serial, said = parse_card_number(written.strip()), bytes.fromhex(digest.strip())
    except (ValueError, CardNumberError):
        return (row[0] if row else "")[:20], LineVerdict.UNREADABLE
    if serial not in issued:
        return serial, LineVerdict.UNKNOWN
    if said != issued[serial]:
        return serial, LineVerdict.WRONG_HASH
    return serial, LineVerdict.REPEATED if serial in printed else LineVerdict.PRINTED


def _rows(data: bytes) -> list[tuple[int, list[str]]]:
    """Return the rows below the headings with the line each ends on."""
    if len(data) > RETURN_BYTES_MAX:
        raise ReturnRefused("The file is larger than 33 MB: it is no return of one batch.")
    try:
        file = csv.reader(data.decode("utf-8-sig").splitlines(keepends=True), strict=True)
        rows = [(file.line_num, row) for row in file]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ReturnRefused(
            "The file is no CSV in UTF-8. Ask the shop for one with the columns serial and sha256."
        ) from error
    if not rows or tuple(name.strip().lower() for name in rows[0][1]) != HEADINGS:
        raise ReturnRefused(
            "The first line must be serial,sha256: the shop fills the list of the package."
        )
    return [(line, row) for line, row in rows[1:] if any(cell.strip() for cell in row)]
