"""Our cards in the hands of programs that others wrote; PyPI `claim169` stands in its own file."""

import base64
import json
import subprocess
from datetime import date

import cbor2
import pytest

from despensa.adapters.printing import TypstCardPrinter
from despensa.adapters.qr import ZxingCodes
from despensa.domain.card import base45, claims, deflate, envelope
from despensa.domain.card.claims import EntitlementCard
from despensa.domain.card.sheet import LAYOUTS, CardFace, PrintCard
from despensa.domain.encoding import cose
from tests.clients import node
from tests.vectors import make_card_vectors as card

PUBLIC = card.public(card.ISSUER)
SIGNED = {"public_key": PUBLIC, "signer": card.ISSUER.sign}
CWT = node.FOLDER / "cwt"
CWT_PYTHON = node.FOLDER.parents[1] / ".venv" / "cwt" / "bin" / "python"
# a stored block, which an ordinary compressor chooses for most tokens, is what PixelPass fails on
MADE = [
    *(card.ENTITLEMENT, card.IDENTITY),
    *(
        EntitlementCard(
            card.ENTITLEMENT.number, card.ISSUED_AT, card.EXPIRES_AT, 10, bytes([n]) * 16
        )
        for n in range(60)
    ),
]
TEXTS = envelope.encode_cards(MADE, **SIGNED)


def read_by_cwt(texts):
    if not CWT_PYTHON.exists():
        pytest.skip(f"the reader cwt is not there: see {CWT / 'requirements.txt'}")
    given = {"key": PUBLIC.hex(), "kid": cose.key_id(PUBLIC).hex(), "texts": texts}
    done = subprocess.run(
        [str(CWT_PYTHON), str(CWT / "read.py")],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def plain(value):
    """Claims as JSON holds them, by rules of this test's own."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def test_cwt_verifies_our_cards():
    read = read_by_cwt(TEXTS)

    assert read == [plain(claims.to_claims(made)) for made in MADE]


def test_cwt_refuses_what_was_altered():
    signed = bytearray(deflate.inflate(base45.decode(TEXTS[0])))
    signed[-1] ^= 1
    strangers = envelope.encode_cards(MADE[:1], public_key=PUBLIC, signer=card.STRANGER.sign)

    assert read_by_cwt([card.text_of(bytes(signed)), *strangers]) == ["refused", "refused"]


def test_pixelpass_opens_our_cards():
    node.needs_packages()

    read = node.run("pixelpass.mjs", given={"texts": TEXTS})

    for made, text, parts in zip(MADE, TEXTS, read, strict=True):
        signed = cose.parse(deflate.inflate(base45.decode(text)))
        assert parts == {
            "tag": 18,
            "header": signed.protected.hex(),
            "unprotected": {},
            "payload": signed.payload.hex(),
            "signature": signed.signature.hex(),
        }
        assert cbor2.loads(bytes.fromhex(parts["payload"])) == claims.to_claims(made)


def test_other_readers_read_the_pictures_of_our_cards():
    node.needs_packages()
    texts = TEXTS[:6]
    pictures = [
        base64.b64encode(ZxingCodes().code_png(text, side_mm=34.0)).decode() for text in texts
    ]

    read = node.run("pictures.mjs", given={"pictures": pictures})

    assert read == [{"zxing": [text], "jsqr": text} for text in texts]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_other_readers_read_the_printed_cards_of_every_layout(layout):
    node.needs_packages()
    codes = ZxingCodes()
    printer = TypstCardPrinter(writer=codes, reader=codes)
    face = CardFace("Municipality of San Rafael", "Help: 800 10 20 30", date(2026, 11, 21))
    texts = TEXTS[2:4]
    printed = [PrintCard(card.ENTITLEMENT.number, text) for text in texts]
    pdf = printer.render_sheets(printed, face, ["es", "ar"], layout)
    places = [(1 + n // layout.per_page, 1 + n % layout.per_page) for n in range(len(texts))]
    pictures = [
        printer.card_picture(pdf, page=page, position=position, dpi=300, layout=layout)
        for page, position in places
    ]

    read = node.run(
        "pictures.mjs", given={"pictures": [base64.b64encode(one).decode() for one in pictures]}
    )

    assert read == [{"zxing": [text], "jsqr": text} for text in texts]
