"""
Sealing bytes to somebody's X25519 key: HPKE in base mode, as leases, inbox and evidence use it.

Source: RFC 9180, suite DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (0x0020, 0x0001,
0x0002); docs/reference/formats.md, Conventions: written enc32 ‖ ct.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

ENCAPSULATION_LENGTH = 32
TAG_LENGTH = 16
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SealBroken(ValueError):
    """The sealed bytes do not belong to this key and info."""


def seal(public_key: bytes, plaintext: bytes, info: bytes) -> bytes:
    """
    Return the plaintext sealed to a raw X25519 public key (32 bytes), bound to `info`.

    Shape: enc32 ‖ ciphertext ‖ tag16.
    Raises: ValueError when the key is no usable X25519 point.
    """
    return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public_key), info)


def open_sealed(private_key: bytes, data: bytes, info: bytes) -> bytes:
    """
    Return the plaintext that was sealed to the public half of a raw X25519 key with this info.

    Raises: SealBroken.
    """
    if len(data) < ENCAPSULATION_LENGTH + TAG_LENGTH:
        raise SealBroken("the sealed bytes are too short")
    try:
        return _SUITE.decrypt(data, X25519PrivateKey.from_private_bytes(private_key), info)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("the sealed bytes do not belong to this key and info") from error
