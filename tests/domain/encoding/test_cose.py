import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from despensa.domain.encoding import cose, dcbor

KEY = Ed25519PrivateKey.from_private_bytes(b"\x11" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x22" * 32)
LABEL = b"despensa/test/1"
ALLOWED = frozenset({0, 1})


def public(key):
    return key.public_key().public_bytes_raw()


TRUSTED = {cose.key_id(public(KEY)): public(KEY)}
DOCUMENTED = (cose.MalformedSignature, cose.UnknownKey, cose.BadSignature)


def signed(payload=None, *, key=KEY, label=LABEL, **more):
    payload = {0: 1, 1: b"content"} if payload is None else payload
    return cose.sign(payload, label=label, public_key=public(key), signer=key.sign, **more)


def verify(data, *, label=LABEL, keys=TRUSTED, **more):
    return cose.verify(data, label=label, keys=keys, allowed=ALLOWED, **more)


def rebuilt(*, tag=18, **changes):
    """A good signature with some of its four parts replaced."""
    names = ("protected", "unprotected", "payload", "signature")
    parts = dict(zip(names, cbor2.loads(signed()).value, strict=True)) | changes
    return cbor2.dumps(cbor2.CBORTag(tag, [parts[name] for name in names]), canonical=True)


def protected(header):
    """A signature that is good for this protected header."""
    head = header if isinstance(header, bytes) else cbor2.dumps(header, canonical=True)
    body = dcbor.encode({0: 1})
    signature = KEY.sign(dcbor.encode(["Signature1", head, LABEL, body]))
    return rebuilt(protected=head, payload=body, signature=signature)


def test_what_was_signed_is_read_back():
    read = verify(signed(certificate=b"certificate"))

    assert read.payload == {0: 1, 1: b"content"}
    assert read.certificate == b"certificate"
    assert read.kid == cose.key_id(public(KEY))
    assert verify(signed()).certificate is None


def test_the_same_input_gives_the_same_bytes():
    assert signed() == signed()
    assert signed(dcbor.encode({0: 1, 1: b"content"})) == signed()


def test_a_signature_for_one_purpose_is_good_for_no_other():
    for label in (b"", b"despensa/test/2", b"despensa/test/1\x00", b"despensa/test/"):
        with pytest.raises(cose.BadSignature):
            verify(signed(label=label))


def test_a_key_that_is_not_listed_cannot_be_judged():
    with pytest.raises(cose.UnknownKey):
        verify(signed(key=STRANGER))
    with pytest.raises(cose.UnknownKey):
        verify(signed(), keys={})


def test_another_key_under_a_trusted_name_is_a_bad_signature():
    with pytest.raises(cose.BadSignature):
        verify(signed(), keys={cose.key_id(public(KEY)): public(STRANGER)})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        rebuilt(tag=17),
        cbor2.dumps(cbor2.loads(signed()).value, canonical=True),
        cbor2.dumps(cbor2.CBORTag(18, cbor2.loads(signed()).value[:3]), canonical=True),
        cbor2.dumps(cbor2.CBORTag(18, {0: 1}), canonical=True),
        cbor2.dumps(cbor2.CBORTag(18, cbor2.loads(signed())), canonical=True),
        rebuilt(protected={1: -8}),
        rebuilt(payload=None),
        rebuilt(payload="text"),
        rebuilt(signature=bytes(63)),
        rebuilt(signature=bytes(65)),
        rebuilt(signature="text"),
        rebuilt(unprotected=[]),
        rebuilt(unprotected=None),
        rebuilt(unprotected={-65537: "text"}),
        rebuilt(unprotected={-65537: None}),
        rebuilt(unprotected={4: b"12345678"}),
        rebuilt(unprotected={-65537: b"", 4: b"12345678"}),
        signed() + b"\x00",
        signed()[:-1],
    ],
)
def test_anything_but_the_profile_is_malformed(data):
    with pytest.raises(cose.MalformedSignature):
        verify(data)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        {},
        {1: -8},
        {4: cose.key_id(public(KEY))},
        {1: -7, 4: cose.key_id(public(KEY))},
        {1: -19, 4: cose.key_id(public(KEY))},
        {1: "EdDSA", 4: cose.key_id(public(KEY))},
        {1: -8, 4: cose.key_id(public(KEY))[:7]},
        {1: -8, 4: cose.key_id(public(KEY)).hex()},
        {1: -8, 4: cose.key_id(public(KEY)), 2: [4]},
        {1: -8, 4: cose.key_id(public(KEY)), 5: bytes(16)},
        bytes.fromhex("a2044812345678123456780127"),
    ],
    ids=repr,
)
def test_only_one_algorithm_and_one_form_of_header_is_known(header):
    with pytest.raises(cose.MalformedSignature):
        verify(protected(header))


def test_the_form_comes_before_the_key_and_the_key_before_the_signature():
    unknown_and_bad = bytearray(signed(key=STRANGER))
    unknown_and_bad[-1] ^= 1
    malformed_and_unknown = rebuilt(unprotected={4: b""}, signature=bytes(64))

    with pytest.raises(cose.UnknownKey):
        verify(bytes(unknown_and_bad))
    with pytest.raises(cose.MalformedSignature):
        verify(malformed_and_unknown, keys={})


def test_a_payload_outside_the_profile_is_malformed_once_its_signature_verified():
    with pytest.raises(cose.MalformedSignature):
        verify(signed({0: 1, 2: 1}))
    with pytest.raises(cose.MalformedSignature):
        verify(signed(b"\x00"))
    with pytest.raises(cose.MalformedSignature):
        verify(signed(b"\xfb" + bytes(8)))
    with pytest.raises(cose.BadSignature):
        verify(rebuilt(payload=dcbor.encode({0: 1, 2: 1})))


def test_every_flipped_bit_is_refused():
    good = signed()
    for place in range(len(good) * 8):
        data = bytearray(good)
        data[place // 8] ^= 1 << place % 8
        with pytest.raises(DOCUMENTED):
            verify(bytes(data))


def test_a_signature_that_is_not_reduced_is_refused():
    """S + L is the same number modulo the group's order: accepting it makes a second hash."""
    order = 2**252 + 27742317777372353535851937790883648493
    good = cbor2.loads(signed()).value[3]
    larger = int.from_bytes(good[32:], "little") + order

    with pytest.raises(cose.BadSignature):
        verify(rebuilt(signature=good[:32] + larger.to_bytes(32, "little")))


def test_data_above_the_limit_are_malformed():
    with pytest.raises(cose.MalformedSignature, match="longer than"):
        verify(signed(), bytes_max=len(signed()) - 1)


@settings(max_examples=2000)
@given(st.data())
def test_changed_signatures_raise_what_is_documented(data):
    good = bytearray(signed())
    place = data.draw(st.integers(0, len(good) - 1))
    good[place : place + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    if bytes(good) == signed():
        return

    with pytest.raises(DOCUMENTED):
        verify(bytes(good))


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_what_is_documented(data):
    with pytest.raises(DOCUMENTED):
        verify(data)
