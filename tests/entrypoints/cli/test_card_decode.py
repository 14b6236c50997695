"""`card decode` names what is wrong with a code, and says *cannot tell* without the key."""

import json
import time

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


ON_PICTURES = [name for name, (_, _, reason) in CASES.items() if reason != "bad_base45"]


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
