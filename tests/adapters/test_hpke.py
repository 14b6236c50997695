"""
HPKE against RFC 9180: an independent key schedule, checked with the RFC, makes what we open.

The RFC prints no vector for our AEAD; its appendix A.1.1 (AES-128-GCM) fixes the schedule, which
differs from ours only in the AEAD's number and key length.
"""

import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.adapters import hpke
from tests.factories import field

INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
PRIVATE = bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
PUBLIC = bytes.fromhex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")
ENCAPSULATED = bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
SHARED_SECRET = "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc"
AES_128_KEY = "4531685d41d65f03dc48f6b8302c05b0"
AES_128_NONCE = "56d890e5accaaf011cff4b7d"
AES_128, AES_256 = (1, 16), (2, 32)


def extract(suite, salt, label, key):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, "sha256")


def expand(suite, secret, label, info, length):
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(secret, labeled + b"\x01", "sha256")[:length]


def shared_secret():
    suite = b"KEM\x00\x20"
    exchanged = X25519PrivateKey.from_private_bytes(PRIVATE).exchange(
        X25519PublicKey.from_public_bytes(ENCAPSULATED)
    )
    secret = extract(suite, b"", b"eae_prk", exchanged)
    return expand(suite, secret, b"shared_secret", ENCAPSULATED + PUBLIC, 32)


def key_and_nonce(aead):
    number, key_length = aead
    suite = b"HPKE\x00\x20\x00\x01" + number.to_bytes(2, "big")
    context = (
        b"\x00" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", INFO)
    )
    secret = extract(suite, shared_secret(), b"secret", b"")
    return (
        expand(suite, secret, b"key", context, key_length),
        expand(suite, secret, b"base_nonce", context, 12),
    )


def test_the_schedule_of_this_test_is_that_of_the_rfc():
    key, nonce = key_and_nonce(AES_128)

    assert shared_secret().hex() == SHARED_SECRET
    assert (key.hex(), nonce.hex()) == (AES_128_KEY, AES_128_NONCE)


def test_what_the_schedule_seals_opens():
    key, nonce = key_and_nonce(AES_256)
    sealed = ENCAPSULATED + AESGCM(key).encrypt(nonce, b"Beauty is truth", b"")

    assert hpke.open_sealed(PRIVATE, sealed, INFO) == b"Beauty is truth"


def test_what_is_sealed_opens_with_the_same_key_and_info_alone():
    sealed = hpke.seal(field.INBOX.public, b"word", b"info")

    assert hpke.open_sealed(field.INBOX.private, sealed, b"info") == b"word"
    assert len(sealed) == len(b"word") + hpke.ENCAPSULATION_LENGTH + hpke.TAG_LENGTH
    for key, data, info in (
        (field.CYCLE_KEY.private, sealed, b"info"),
        (field.INBOX.private, sealed, b"other"),
        (field.INBOX.private, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"info"),
        (field.INBOX.private, bytes([sealed[0] ^ 1]) + sealed[1:], b"info"),
        (field.INBOX.private, sealed[:40], b"info"),
        (field.INBOX.private, bytes(60), b"info"),
    ):
        with pytest.raises(hpke.SealBroken):
            hpke.open_sealed(key, data, info)


def test_the_same_word_is_never_sealed_twice_alike():
    assert hpke.seal(field.INBOX.public, b"x", b"") != hpke.seal(field.INBOX.public, b"x", b"")
