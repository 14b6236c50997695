"""`card decode` names what is wrong with a code, and says *cannot tell* without the key."""

import io
import json
import sys
import time
import zlib
from datetime import UTC, datetime, timedelta

import cbor2
import claim169
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from PIL import Image, ImageOps

from despensa.adapters.qr import ZxingCodes
from despensa.domain.card import base45, deflate
from despensa.domain.encoding import base64url
from tests.vectors import make_card_vectors as card

ISSUER = card.public(card.ISSUER).hex()
DAY = 86_400


def token(*, key=card.ISSUER, issued=-DAY, expires=DAY, without=()):
    today = int(time.time()) // DAY * DAY
    fields = card.claims.to_claims(card.ENTITLEMENT) | {4: today + expires + DAY, 6: today + issued}
    kept = {name: fields[name] for name in fields if name not in without}
    return card.text_of(card.sign(card.dcbor.encode(kept), key=key))


def foreign(**times):
    identity = claim169.Claim169Input(id="X-1", full_name="Ana")
    seed = bytes([0x11]) * 32
    return claim169.encode_with_ed25519(identity, claim169.CwtMetaInput(**times), seed)


def forged():
    stream = base45.decode(token())
    signed = bytearray(deflate.inflate(stream))
    signed[-1] ^= 1
    return card.text_of(bytes(signed))


CASES = {
    "good": (token, "genuine", None),
    "bad base45": (lambda: "no, not this", "not genuine", "bad_base45"),
    "other letters": (lambda: "ñandú", "not genuine", "bad_base45"),
    "bad zlib": (lambda: base45.encode(b"nothing pressed"), "not genuine", "bad_zlib"),
    "not COSE": (lambda: card.text_of(b"\x83\x01\x02\x03"), "not genuine", "not_cose"),
    "no claim 169": (lambda: token(without={169}), "not genuine", "no_claim_169"),
    "unknown key": (lambda: token(key=card.STRANGER), "cannot tell", "unknown_key"),
    "bad signature": (forged, "not genuine", "bad_signature"),
    "expired": (lambda: token(issued=-9 * DAY, expires=-3 * DAY), "genuine", "expired"),
    "not yet valid": (lambda: token(issued=2 * DAY, expires=9 * DAY), "genuine", "not_yet_valid"),
    "expired elsewhere": (lambda: foreign(expires_at=1_000), "genuine", "expired"),
}


PUBLISHED = [
    json.loads(path.read_text("utf-8"))
    for path in sorted((card.FOLDER.parent / "claim169").glob("*/*.json"))
]
# what is known of the published tokens: their keys are not, but for one of them
SAID = {
    "expired": ("cannot tell", "unknown_key"),
    "bad-base45": ("not genuine", "bad_base45"),
    "missing-169": ("not genuine", "no_claim_169"),
}
ON_PICTURES = [name for name, (_, _, reason) in CASES.items() if reason != "bad_base45"]
# what no picture holds
TEXTS = CASES | {
    "too large": (lambda: base45.encode(zlib.compress(bytes(100_000))), "not genuine", "too_large"),
    "a bomb": (lambda: base45.encode(zlib.compress(bytes(9_000_000))), "not genuine", "too_large"),
    "too long": (lambda: base45.encode(bytes(range(256)) * 200), "not genuine", "bad_zlib"),
    "a second line": (lambda: token() + "\n" + token(), "not genuine", "bad_base45"),
    "after a mark": (lambda: "\ufeff" + token() + "\r\n", "genuine", None),
    "between spaces": (lambda: f"  {token()}  ", "genuine", None),
}


@pytest.mark.parametrize(
    ("name", "form"),
    [*((name, "text") for name in CASES), *((name, "picture") for name in ON_PICTURES)],
)
def test_every_fault_has_its_name(despensa, tmp_path, name, form):
    make, verdict, reason = CASES[name]
    text = make()
    file = tmp_path / "card"
    if form == "text":
        file.write_text(text + "\n", encoding="utf-8")
    else:
        file.write_bytes(ZxingCodes().code_png(text, side_mm=60.0))

    said = despensa("card", "decode", file, "--issuer-key", ISSUER, "--json")

    assert (said.json["verdict"], said.json["reason"]) == (verdict, reason)
    assert said.code == (0 if reason is None else 1)


def test_a_sealed_token_is_opened_with_its_key(despensa, tmp_path):
    key = bytes(range(32))
    identity = claim169.Claim169Input(id="X-1", full_name="Ana")
    meta = claim169.CwtMetaInput(expires_at=int(time.time()) + DAY)
    file = tmp_path / "card.txt"
    file.write_text(claim169.encode_signed_encrypted(identity, meta, bytes([0x11]) * 32, key))
    decode = ("card", "decode", file, "--issuer-key", ISSUER, "--json")

    opened = despensa(*decode, "--opening-key", key.hex())
    closed = despensa(*decode)
    wrong_use = despensa(*decode, "--opening-key", "12")

    assert (opened.code, opened.json["verdict"]) == (0, "genuine")
    assert opened.json["claims"]["identity"]["fullName"] == "Ana"
    assert (closed.code, closed.json["verdict"], closed.json["reason"]) == (
        1,
        "cannot tell",
        "encrypted",
    )
    assert (wrong_use.code, "Traceback" in wrong_use.err) == (2, False)


def test_a_key_set_of_another_issuer_tells_nothing(despensa, tmp_path):
    file, keys = tmp_path / "card.txt", tmp_path / "jwks.json"
    file.write_text(token())
    keys.write_text(json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}]}))

    said = despensa("card", "decode", file, "--issuer-key", keys, "--json")

    assert (said.code, said.json["verdict"], said.json["reason"]) == (
        1,
        "cannot tell",
        "unknown_key",
    )


def handed_in(form, text, tmp_path, monkeypatch):
    """Return what to call the command with, for a text in one of the three forms."""
    file = tmp_path / "card"
    if form == "picture":
        file.write_bytes(ZxingCodes().code_png(text, side_mm=90.0))
        return file
    if form == "text":
        file.write_text(text, encoding="utf-8")
        return file
    given = io.TextIOWrapper(io.BytesIO(text.encode()))
    monkeypatch.setattr(sys, "stdin", given)
    return "-"


@pytest.mark.parametrize("form", ["text", "picture", "standard input"])
@pytest.mark.parametrize("vector", PUBLISHED, ids=lambda vector: vector["name"])
def test_every_published_token_gets_its_answer(despensa, tmp_path, monkeypatch, vector, form):
    text, signing = vector["qr_data"], vector.get("signing_key")
    if form == "picture" and SAID.get(vector["name"], ("", ""))[1] == "bad_base45":
        pytest.skip("not a text that a code of ours can carry")
    key = signing["public_key_hex"] if signing else ISSUER

    said = despensa(
        "card",
        "decode",
        handed_in(form, text, tmp_path, monkeypatch),
        "--issuer-key",
        key,
        "--json",
    )

    verdict, reason = SAID.get(vector["name"], ("cannot tell", None))
    if signing:
        verdict = "genuine"
    assert said.json["verdict"] == verdict
    if reason in {"bad_base45", "no_claim_169"}:
        assert said.json["reason"] == reason
    else:
        name = vector["expected_claim169"].get("fullName")
        assert said.json["claims"]["identity"].get("fullName") == name
    assert "Traceback" not in said.err


@pytest.mark.parametrize("name", TEXTS)
def test_every_fault_is_named_from_standard_input(despensa, tmp_path, monkeypatch, name):
    make, verdict, reason = TEXTS[name]

    said = despensa(
        "card", "decode", handed_in("standard input", make(), tmp_path, monkeypatch),
        "--issuer-key", ISSUER, "--json",
    )  # fmt: skip

    assert (said.json["verdict"], said.json["reason"]) == (verdict, reason)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_what_a_shell_wrote_in_its_own_encoding_is_read(despensa, tmp_path, encoding):
    file = tmp_path / "card.txt"
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    file.write_bytes((mark + token() + "\r\n").encode(encoding))

    said = despensa("card", "decode", file, "--issuer-key", ISSUER, "--json")

    assert (said.code, said.json["verdict"]) == (0, "genuine")


def test_without_any_key_nothing_can_be_told_and_the_claims_are_shown(despensa, tmp_path):
    file = tmp_path / "card.txt"
    file.write_text(token())

    said = despensa("card", "decode", file, "--json")

    assert set(said.json) == {"verdict", "reason", "claims", "kid", "expired", "not_yet_valid"}
    assert (said.code, said.json["verdict"], said.json["reason"]) == (
        1, "cannot tell", "unknown_key",
    )  # fmt: skip
    assert said.json["claims"]["identity"]["id"]


def drawn(*texts):
    """Return one picture with the code of each text."""
    codes = [Image.open(io.BytesIO(ZxingCodes().code_png(text, side_mm=50.0))) for text in texts]
    page = Image.new(
        "L", (sum(one.width + 40 for one in codes), 60 + max(one.height for one in codes)), 255
    )
    at = 20
    for one in codes:
        page.paste(one.convert("L"), (at, 30))
        at += one.width + 40
    return page


def written(picture, kind):
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


ALTERED = {
    "a jpeg": lambda page: written(page.convert("RGB"), "JPEG"),
    "a webp": lambda page: written(page.convert("RGB"), "WEBP"),
    "on its side": lambda page: written(page.rotate(90, expand=True), "PNG"),
    "askew": lambda page: written(
        page.rotate(33, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255), "PNG"
    ),
    "white on black": lambda page: written(ImageOps.invert(page), "PNG"),
    "for print": lambda page: written(page.convert("CMYK"), "JPEG"),
}


@pytest.mark.parametrize("name", ALTERED)
def test_a_picture_is_read_however_it_was_kept(despensa, tmp_path, name):
    file = tmp_path / "card"
    file.write_bytes(ALTERED[name](drawn(token())))

    said = despensa("card", "decode", file, "--issuer-key", ISSUER, "--json")

    assert (said.code, said.json["verdict"]) == (0, "genuine")


def test_of_several_codes_on_a_picture_the_one_that_is_a_token_counts(despensa, tmp_path):
    same, beside, two = (tmp_path / name for name in ("same", "beside", "two"))
    card_text = token()
    same.write_bytes(written(drawn(card_text, card_text), "PNG"))
    beside.write_bytes(written(drawn("HTTPS://EXAMPLE.ORG/A", card_text), "PNG"))
    two.write_bytes(written(drawn(card_text, token(key=card.STRANGER)), "PNG"))

    said = [
        despensa("card", "decode", file, "--issuer-key", ISSUER, "--json")
        for file in (same, beside, two)
    ]

    assert [one.code for one in said] == [0, 0, 2]
    assert "Cut out" in said[2].err


def test_keys_of_another_curve_and_kind_are_taken_as_they_come(despensa, tmp_path):
    """A point in hexadecimal digits, a certificate, a set that also holds keys of other kinds."""
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key()
    protected, payload = cbor2.dumps({1: -7}), cbor2.dumps({169: {1: "X-1"}, 6: 1_700_000_000})
    made = private.sign(cbor2.dumps(["Signature1", protected, b"", payload]), ec.ECDSA(SHA256()))
    halves = b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(made))
    text = card.text_of(cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, halves])))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuer")])
    day = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = x509.CertificateBuilder(
        name, name, public, 1, day, day + timedelta(days=900)
    ).sign(private, SHA256())
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    coordinates = [base64url.encode(point[1:33]), base64url.encode(point[33:])]
    jwks = {
        "keys": [
            {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
            {"kty": "EC", "crv": "P-256", "x": coordinates[0], "y": coordinates[1]},
        ]
    }
    forms = {
        "point.hex": point.hex(),
        "short.hex": public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint).hex(),
        "issuer.pem": certificate.public_bytes(Encoding.PEM).decode(),
        "jwks.json": json.dumps(jwks),
    }
    file = tmp_path / "card.txt"
    file.write_text(text)

    for form, content in forms.items():
        (tmp_path / form).write_text(content)
        said = despensa("card", "decode", file, "--issuer-key", tmp_path / form, "--json")
        assert (said.code, said.json["verdict"]) == (0, "genuine"), form
