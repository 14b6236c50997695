"""
ECDSA on P-256 as JSON Web Signatures write it: for wallets, which do not read Ed25519 everywhere.

Public keys are uncompressed points of 65 bytes. Cards, papers and the log are signed with Ed25519.
Source: RFC 7518 sections 3.4 (signature) and 6.2 (keys); RFC 7638 (thumbprint).
"""

import hashlib
import json
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from despensa.domain.encoding import base64url

ALGORITHM = "ES256"
PUBLIC_LENGTH = 65
# order of the group; a private key is a number from 1 to one less. Source: FIPS 186-5, P-256
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_HALF = 32


def private_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the key of 32 random bytes."""
    return ec.derive_private_key(int.from_bytes(secret) % (_ORDER - 1) + 1, ec.SECP256R1())


def public_bytes(private: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half as an uncompressed point."""
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def signer(private: ec.EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
    """Return what signs a message: r and s, 32 bytes each."""

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(_HALF) + s.to_bytes(_HALF)

    return sign


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Accept a signature. Raises: InvalidSignature, also for a key that is no point."""
    if len(signature) != 2 * _HALF:
        raise InvalidSignature
    r, s = (int.from_bytes(signature[at : at + _HALF]) for at in (0, _HALF))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError as error:
        raise InvalidSignature from error
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))


def public_jwk(public: bytes) -> dict[str, str]:
    """Return a public key as a JSON Web Key."""
    x, y = public[1 : 1 + _HALF], public[1 + _HALF :]
    return {"kty": "EC", "crv": "P-256", "x": base64url.encode(x), "y": base64url.encode(y)}


def thumbprint(jwk: dict[str, str]) -> bytes:
    """Return the SHA-256 thumbprint of a key; every writing of a key has the same."""
    named = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return hashlib.sha256(json.dumps(named, separators=(",", ":")).encode()).digest()
