"""The lenient reader: other issuers' tokens, read honestly and never crashing."""

import base64
import json
from datetime import UTC

import cbor2
import claim169
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.card import foreign
from despensa.domain.card.envelope import CardError, Fault
from despensa.domain.card.foreign import named_claims, read_token
from despensa.domain.card.issuer_key import Algorithm, IssuerKeyError, parse_issuer_keys
from despensa.domain.card.verify import Verdict
from tests.vectors import make_card_vectors as card

P256 = derive_private_key(169, SECP256R1())
CLAIMS = {1: "https://issuer.example", 4: 2_000, 5: 1_000, 75: b"own", 169: {1: "X-1", 4: "Ana"}}


def pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def jwk(key, **more):
    raw = key.public_key().public_bytes_raw()
    return json.dumps({"kty": "OKP", "crv": "Ed25519", "x": base64url(raw), **more})


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(*, key=card.ISSUER, header=None, unprotected=None, claims=CLAIMS, wrap=None):
    protected = cbor2.dumps(header or {1: -8})
    payload = cbor2.dumps(claims)
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    if key is P256:
        numbers = decode_dss_signature(key.sign(signed, ECDSA(SHA256())))
        signature = b"".join(number.to_bytes(32, "big") for number in numbers)
    else:
        signature = key.sign(signed)
    value = cbor2.CBORTag(18, [protected, unprotected or {}, payload, signature])
    return card.text_of(cbor2.dumps(wrap(value) if wrap else value))


def read(text, *keys, now=1_500):
    return read_token(text, keys=[key for text in keys for key in parse_issuer_keys(text)], now=now)


def test_unknown_claims_are_kept():
    reading = read(token(), card.public(card.ISSUER).hex())

    assert reading.verdict is Verdict.GENUINE
    assert named_claims(reading.claims) == {
        "issuer": "https://issuer.example",
        "expiresAt": 2_000,
        "notBefore": 1_000,
        "75": "b3du",
        "identity": {"id": "X-1", "fullName": "Ana"},
    }


@pytest.mark.parametrize(
    ("now", "expired", "not_yet_valid"),
    [(999, False, True), (1_000, False, False), (1_999, False, False), (2_000, True, False)],
)
def test_time_is_a_separate_fact(now, expired, not_yet_valid):
    reading = read(token(), card.public(card.ISSUER).hex(), now=now)

    assert reading.verdict is Verdict.GENUINE
    assert (reading.expired, reading.not_yet_valid) == (expired, not_yet_valid)


@pytest.mark.parametrize("claim", [4, 5, 6])
@pytest.mark.parametrize("time", ["tomorrow", None, True, float("nan"), 1e400, b"\x01", [1]])
def test_a_token_whose_time_is_none_is_not_genuine_for_ever(claim, time):
    reading = read(token(claims=CLAIMS | {claim: time}), card.public(card.ISSUER).hex())

    assert (reading.verdict, reading.fault) == (Verdict.NOT_GENUINE, Fault.CLAIMS)


def test_the_outer_tag_and_the_unprotected_key_id_are_accepted():
    text = token(unprotected={4: b"key-1"}, wrap=lambda value: cbor2.CBORTag(61, value))

    reading = read(text, jwk(card.ISSUER, kid="key-1"))

    assert (reading.verdict, reading.kid) == (Verdict.GENUINE, b"key-1")


def test_es256_is_read():
    text = token(key=P256, header={1: -7})

    assert read(text, pem(P256)).verdict is Verdict.GENUINE
    assert read(text, pem(card.ISSUER)).verdict is Verdict.CANNOT_TELL


def test_our_own_card_is_read():
    text = card.tokens()["cases"][0]["text"]

    reading = read(text, pem(card.ISSUER), now=card.NOW)

    assert reading.verdict is Verdict.GENUINE
    assert named_claims(reading.claims)["identity"] == {"id": card.ENTITLEMENT.number}


def test_without_a_fitting_key_the_answer_is_cannot_tell():
    for keys in ((), (pem(P256),), (jwk(card.ISSUER, kid="another"),)):
        reading = read(token(unprotected={4: b"key-1"}), *keys)

        assert (reading.verdict, reading.fault) == (Verdict.CANNOT_TELL, Fault.UNKNOWN_KEY)
        assert reading.claims[169][1] == "X-1"


def test_a_key_without_a_name_does_not_call_a_named_stranger_forged():
    reading = read(token(key=card.STRANGER, unprotected={4: b"key-1"}), pem(card.ISSUER))

    assert (reading.verdict, reading.fault) == (Verdict.CANNOT_TELL, Fault.UNKNOWN_KEY)


def test_a_forged_token_that_names_the_key_is_not_genuine():
    reading = read(
        token(key=card.STRANGER, unprotected={4: b"key-1"}), jwk(card.ISSUER, kid="key-1")
    )

    assert (reading.verdict, reading.fault) == (Verdict.NOT_GENUINE, Fault.SIGNATURE)


def test_an_algorithm_nobody_can_check_is_cannot_tell():
    reading = read(token(header={1: -35}), pem(card.ISSUER))

    assert (reading.verdict, reading.fault) == (Verdict.CANNOT_TELL, Fault.ALGORITHM)


def test_an_encrypted_token_is_cannot_tell():
    text = card.text_of(cbor2.dumps(cbor2.CBORTag(16, [b"", {}, b"sealed"])))

    reading = read(text)

    assert (reading.verdict, reading.fault) == (Verdict.CANNOT_TELL, Fault.ENCRYPTED)


def sealed_by_others(key):
    seed = bytes([0x11]) * 32  # the issuer of the vectors
    encode = {
        32: claim169.encode_signed_encrypted,
        16: claim169.encode_signed_encrypted_aes128,
    }[len(key)]
    identity = claim169.Claim169Input(id="X-1", full_name="Ana")
    return encode(identity, claim169.CwtMetaInput(expires_at=2_000), seed, key)


@pytest.mark.parametrize("length", [16, 32])
def test_a_token_others_sealed_is_opened_with_its_key(length):
    opening = bytes(range(length))
    text = sealed_by_others(opening)
    keys = parse_issuer_keys(pem(card.ISSUER))

    opened = read_token(text, keys=keys, now=1_500, opening_keys=[bytes(length), opening])
    closed = read_token(text, keys=keys, now=1_500, opening_keys=[bytes(length), bytes(24)])

    assert (opened.verdict, opened.claims[169]) == (Verdict.GENUINE, {1: "X-1", 4: "Ana"})
    assert (closed.verdict, closed.fault) == (Verdict.CANNOT_TELL, Fault.ENCRYPTED)


def test_a_line_end_of_a_text_file_does_no_harm():
    assert read(token() + "\r\n", pem(card.ISSUER)).verdict is Verdict.GENUINE


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300).map(card.text_of)))
def test_any_text_gets_an_answer(text):
    assert read(text, pem(card.ISSUER)).verdict is not Verdict.GENUINE


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.binary()
        | st.text()
        | st.datetimes(timezones=st.just(UTC)),
        lambda inner: st.lists(inner) | st.dictionaries(st.integers() | st.text(), inner),
        max_leaves=12,
    )
)
def test_any_claim_can_be_shown(value):
    reading = read(token(claims={4: value, 76: value, 169: {62: value, 4: value}}))

    json.dumps(named_claims(reading.claims))


def test_keys_are_read_in_every_form():
    raw = card.public(card.ISSUER)
    keys = [json.loads(jwk(card.ISSUER, kid="a")), json.loads(jwk(card.STRANGER))]
    key_set = json.dumps({"keys": keys})

    assert {key.public for key in parse_issuer_keys(raw.hex().upper() + "\n")} == {raw}
    assert parse_issuer_keys(pem(card.ISSUER))[0].public == raw
    assert [key.algorithm for key in parse_issuer_keys(key_set)] == [Algorithm.EDDSA] * 2
    assert parse_issuer_keys(pem(P256))[0].algorithm is Algorithm.ES256


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abcd",
        "zz" * 32,
        "{",
        '{"keys": []}',
        '{"kty": "RSA"}',
        '{"kty": "OKP", "crv": "Ed25519", "x": "AA"}',
        '{"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}',
        '{"kty": "EC", "crv": "P-256", "x": "' + "A" * 43 + '", "y": "' + "A" * 43 + '"}',
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    ],
)
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(IssuerKeyError):
        parse_issuer_keys(text)


@pytest.mark.parametrize(
    "claim", [b"\xd8\x1c\x80", b"\xd8\x1d\x00", b"\xd9\x01\x00\x80", b"\xd8\x19\x00"]
)
def test_values_that_stand_for_others_are_not_unfolded(claim):
    with pytest.raises(CardError):
        foreign._loads(b"\xa1\x18\xa9\xa1\x18\x63" + claim)
