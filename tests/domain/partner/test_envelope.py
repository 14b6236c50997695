"""The envelope: exact bytes, one algorithm, its time; whatever is written otherwise is refused."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain.partner import envelope as envelopes
from despensa.domain.partner.envelope import BadSignature
from despensa.domain.partner.rejection import Unreadable

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
NOW = 1_795_276_800
VECTOR = json.loads(
    (Path(__file__).parents[3] / "vectors/partner/message.json").read_text(encoding="utf-8")
)


def signed(raw=b'{"a": 1}{"b" :2}', created=NOW, expires=NOW + 300, key=KEY):
    return envelopes.signature_text(
        raw,
        sender="spmis.example.org",
        public_key=key.public_key().public_bytes_raw(),
        created=created,
        expires=expires,
        sign=key.sign,
    )


def body(text, rest=b'"header": {"a": 1}, "message": {"b" :2}'):
    return b'{"signature": ' + json.dumps(text).encode() + b", " + rest + b"}"


def checked(data, now=NOW):
    envelope = envelopes.read(data)
    signature = envelopes.read_signature(envelope.signature)
    envelopes.verify(envelope, signature, public_key=PUBLIC, now=now)
    return envelope


def test_a_signature_covers_the_bytes_as_they_stand():
    assert checked(body(signed())).signed == b'{"a": 1}{"b" :2}'
    with pytest.raises(BadSignature):
        checked(body(signed(), b'"header": {"a":1}, "message": {"b" :2}'))
    with pytest.raises(BadSignature):
        checked(body(signed(), b'"header": {"a": 1}, "message": {"b" :3}'))


@pytest.mark.parametrize(
    ("created", "expires", "now"),
    [
        (NOW, NOW + 300, NOW + 300),
        (NOW + 301, NOW + 900, NOW),
        (NOW, NOW + 86_401, NOW + 1),
        (NOW + 10, NOW + 5, NOW),
    ],
)
def test_a_signature_has_its_time(created, expires, now):
    with pytest.raises(BadSignature):
        checked(body(signed(created=created, expires=expires)), now=now)


def test_another_key_or_its_name_is_refused():
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(BadSignature, match="another key"):
        checked(body(signed(key=other)))
    name, ours = (
        envelopes.key_name(one) for one in (other.public_key().public_bytes_raw(), PUBLIC)
    )
    with pytest.raises(BadSignature, match="does not fit"):
        checked(body(signed(key=other).replace(name, ours)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('algorithm="ed25519"', 'algorithm="none"'),
        ('algorithm="ed25519"', 'algorithm="hmac-sha256"'),
        ("|ed25519", "|rs256"),
        ('headers="(created) (expires) digest"', 'headers="digest"'),
        ('namespace="dci"', 'namespace="x"'),
        ('created="', 'created="-'),
        (', signature="', ', signature="!'),
        (', signature="', ', created="1", signature="'),
        ('namespace="dci", ', ""),
        ("Signature: ", "Signature: x, "),
    ],
)
def test_only_the_one_form_is_a_signature(old, new):
    text = signed()
    assert old in text

    with pytest.raises(BadSignature):
        checked(body(text.replace(old, new)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"nonsense",
        b"\xff",
        b'{"header": {}, "message": {}',
        b'{"header": {}, "message": {}} x',
        b'{"header": {}, "message": {}, "more": 1}',
        b'{"header": {}, "header": {}, "message": {}}',
        b'{"header": {"a": 1, "a": 2}, "message": {}}',
        b'{"header": {"a": NaN}, "message": {}}',
        b'{"header": [], "message": {}}',
        b'{"header": {}, "message": {}, "signature": 5}',
        b'{"header": {}, "message": ' + b'{"a":' * 20 + b"1" + b"}" * 20 + b"}",
        b'{"header": {}, "message": ' + b"[" * 100_000,
        b'{"header": {}, "message": {"a": "' + b"x" * 70_000 + b'"}}',
    ],
)
def test_what_is_no_message_is_not_read(data):
    with pytest.raises(Unreadable):
        envelopes.read(data)


def test_an_answer_is_read_as_a_message_is():
    data = envelopes.write(
        {"a": "é"}, {"b": [1]}, sender="s", public_key=PUBLIC, at=NOW, sign=KEY.sign
    )

    assert checked(data).header == {"a": "é"}


def test_the_vector_is_signed_as_another_program_must_sign():
    data = VECTOR["body"].encode()

    envelope = checked(data, now=VECTOR["now"])

    signature = envelopes.read_signature(envelope.signature)
    text = envelopes.signing_text(envelope.signed, signature.created, signature.expires)
    assert text.decode() == VECTOR["signing_text"]
    assert PUBLIC.hex() == VECTOR["public_key"]
    assert base64.b64encode(KEY.sign(text)).decode() == VECTOR["signature"]
