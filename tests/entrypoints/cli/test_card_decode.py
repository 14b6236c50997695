"""`card decode` names what is wrong with a code, and says *cannot tell* without the key."""

import io
import json
import sys
import time
import zlib

import claim169
import pytest

from despensa.adapters.qr import ZxingCodes
from despensa.domain.card import base45, deflate
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
    "too long": (lambda: base45.encode(bytes(range(256)) * 200), "not genuine", "bad_base45"),
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
