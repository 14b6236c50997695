"""
The speed of cards on one core: signed, drawn, printed, tagged, verified; each beside its bare work.

Source: docs/explanation/design.md, section 6; docs/reference/benchmarks.md.
"""

import hmac
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import pypdfium2
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import VerifyKey

from despensa.adapters.printing import TypstCardPrinter
from despensa.adapters.qr import ZxingCodes, code_rows_all
from despensa.domain import identifier
from despensa.domain.card import envelope, tag
from despensa.domain.card.claims import EntitlementCard
from despensa.domain.card.sheet import CARDS_PER_FILE_MAX, CardFace, PrintCard
from despensa.domain.card.verify import Verdict, verify_all
from despensa.domain.encoding import cose
from despensa.entrypoints.bench.report import Figures, Tell, per_second

_SIDE_MM = 34.0
_DAY = 86_400
_ISSUED_AT = 20_000 * _DAY
_EXPIRES_AT = _ISSUED_AT + 1_461 * _DAY
_EPOCH = 10
# one in so many cards is drawn: drawing takes ten times as long as signing
_DRAWN_ONE_IN = 5
_PRINTED_ONE_IN = 20
_FACE = CardFace("Municipality of San Rafael", "Help: 800 10 20 30", date(2026, 11, 21))
# what the read-back renders a page at: a thermal printer's dots
_RENDERED_SCALE = 203 / 72
_TAG_LABEL = b"despensa/tag/1"
_MASK = 3
_FORMAT = zxingcpp.BarcodeFormat.QRCode

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Issuer:
    key: Ed25519PrivateKey
    public: bytes


def bench_card(cards: int, *, seed: int, tell: Tell) -> dict[str, object]:
    """
    Return the figures of so many cards, all made and read in this process.

    Units: `seconds` and `cards_per_second` are those of signing and encoding; every other rate
        stands beside its ratio to the bare primitive in the same run.
    """
    drawn = random.Random(seed)  # noqa: S311 - invented cards, the same for one seed
    issuer = _issuer(drawn.randbytes(32))
    made = _cards(cards, drawn.randbytes)
    tell(f"signing {cards:,} cards")
    signing, texts = _timed(lambda: _signed(made, issuer))
    messages = [text.encode("ascii")[:128] for text in texts]
    bare_signing, signatures = _timed(lambda: [issuer.key.sign(one) for one in messages])
    tell("verifying")
    keys = {cose.key_id(issuer.public): issuer.public}
    verifying, answers = _timed(lambda: verify_all(texts, issuer_keys=keys, now=_ISSUED_AT))
    if any(answer.verdict is not Verdict.GENUINE for answer in answers):
        raise AssertionError("a card of the benchmark does not verify")
    bare_verifying, _ = _timed(lambda: _verified(issuer, messages, signatures))
    tell("drawing codes")
    shown = texts[::_DRAWN_ONE_IN]
    drawing, _ = _timed(lambda: code_rows_all(shown, side_mm=_SIDE_MM))
    bare_drawing, _ = _timed(lambda: _drawn(shown))
    tell("printing sheets")
    printed = [PrintCard(*one) for one in zip((card.number for card in made), texts, strict=True)]
    printed = printed[::_PRINTED_ONE_IN]
    printing, sheets = _timed(lambda: _printed(printed))
    bare_printing, _ = _timed(lambda: _rendered(sheets))
    tell("deriving tags")
    links = [tag.Link(card.epoch, card.secret) for card in made]
    tagging, _ = _timed(lambda: _tags(links))
    bare_tagging, _ = _timed(lambda: _macs(links))
    figures = Figures("card", "cards", cards, signing, bare_signing).as_json()
    return figures | {
        **_rates("verified", cards, verifying, bare_verifying),
        **_rates("codes", len(shown), drawing, bare_drawing),
        **_rates("printed", len(printed), printing, bare_printing),
        **_rates("tags", cards, tagging, bare_tagging),
    }


def _rates(thing: str, count: int, seconds: float, bare: float) -> dict[str, object]:
    rate, limit = per_second(count, seconds), per_second(count, bare)
    return {
        f"{thing}_per_second": rate,
        f"{thing}_limit_per_second": limit,
        f"{thing}_ratio": round(rate / limit, 4) if limit else 0.0,
    }


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _issuer(seed: bytes) -> _Issuer:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return _Issuer(key, key.public_key().public_bytes_raw())


def _cards(count: int, random_bytes: Callable[[int], bytes]) -> list[EntitlementCard]:
    return [
        EntitlementCard(number, _ISSUED_AT, _EXPIRES_AT, _EPOCH, random_bytes(tag.SECRET_LENGTH))
        for number in identifier.card_numbers(random_bytes, count)
    ]


def _signed(cards: list[EntitlementCard], issuer: _Issuer) -> list[str]:
    return envelope.encode_cards(cards, public_key=issuer.public, signer=issuer.key.sign)


def _verified(issuer: _Issuer, messages: list[bytes], signatures: list[bytes]) -> None:
    key = VerifyKey(issuer.public)
    for message, signature in zip(messages, signatures, strict=True):
        key.verify(message, signature)


def _drawn(texts: list[str]) -> list[object]:
    return [
        zxingcpp.create_barcode(text, _FORMAT, ec_level="H", data_mask=_MASK).to_image()
        for text in texts
    ]


def _printed(cards: list[PrintCard]) -> list[bytes]:
    """Return sheets of cards, every code of which was read back."""
    codes, sheets = ZxingCodes(), []
    printer = TypstCardPrinter(writer=codes, reader=codes)
    for start in range(0, len(cards), CARDS_PER_FILE_MAX):
        part = cards[start : start + CARDS_PER_FILE_MAX]
        pdf = printer.render_sheets(part, _FACE, ["es", "ar"])
        if not printer.verify_sheet(pdf, [card.text for card in part]).ready:
            raise AssertionError("a code of the benchmark does not read back")
        sheets.append(pdf)
    return sheets


def _rendered(sheets: list[bytes]) -> None:
    """Draw the pages of finished sheets, and nothing else."""
    for pdf in sheets:
        document = pypdfium2.PdfDocument(pdf)
        for page in document:
            page.render(scale=_RENDERED_SCALE, grayscale=True)
        document.close()


def _tags(links: list[tag.Link]) -> list[tag.SteppedTag]:
    return tag.tags(links, cycle_epoch=_EPOCH, programme=bytes(16), cycle=bytes(16))


def _macs(links: list[tag.Link]) -> list[bytes]:
    message = _TAG_LABEL + bytes(32)
    return [hmac.digest(link.key, message, "sha256") for link in links]
