"""
SIGN(key, label, map): the one signature form of Despensa, a COSE_Sign1 with Ed25519.

The label is the external additional data, so that a signature made for one purpose verifies for
no other. Source: RFC 9052 section 4; docs/reference/formats.md, Conventions.
"""

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cbor2
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from despensa.domain.encoding import dcbor

ALGORITHM_EDDSA = -8
CERTIFICATE_HEADER = -65537
_SIGNATURE_LENGTH = 64

Signer = Callable[[bytes], bytes]


class MalformedSignature(ValueError):
    """The bytes are no COSE_Sign1 of our profile."""


class UnknownKey(ValueError):
    """The key id names no trusted key: whether the signature is good cannot be told."""


class BadSignature(ValueError):
    """The key is known and the signature does not belong to these bytes."""


@dataclass(frozen=True, slots=True)
class Sign1:
    """A parsed COSE_Sign1 whose signature has not been looked at."""

    kid: bytes
    certificate: bytes | None
    payload: bytes
    signature: bytes
    protected: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """The payload map of a signature that verified, with the key that made it."""

    kid: bytes
    payload: dict[int, Any]
    certificate: bytes | None


def key_id(public_key: bytes) -> bytes:
    """Return kid8 of a raw Ed25519 public key: the first 8 bytes of its SHA-256."""
    return hashlib.sha256(public_key).digest()[:8]


def sign(
    payload: Mapping[int, Any] | bytes,
    *,
    label: bytes,
    public_key: bytes,
    signer: Signer,
    certificate: bytes | None = None,
) -> bytes:
    """
    Return a COSE_Sign1 (tag 18) over a payload map.

    `signer` signs raw bytes with the private half of `public_key` (Ed25519).
    Source: RFC 9052 section 4.4; docs/reference/formats.md, Conventions.
    """
    body = payload if isinstance(payload, bytes) else dcbor.encode(dict(payload))
    protected = dcbor.encode({1: ALGORITHM_EDDSA, 4: key_id(public_key)})
    signature = signer(_to_be_signed(protected, label, body))
    unprotected = {} if certificate is None else {CERTIFICATE_HEADER: certificate}
    return dcbor.encode(
        cbor2.CBORTag(dcbor.COSE_SIGN1_TAG, [protected, unprotected, body, signature])
    )


def parse(data: bytes, *, bytes_max: int = 1 << 20) -> Sign1:
    """
    Return the parts of a COSE_Sign1 without verifying it.

    Raises: MalformedSignature on anything that is not exactly our profile.
    """
    try:
        value = dcbor.decode(data, bytes_max=bytes_max)
    except dcbor.EncodingError as error:
        raise MalformedSignature(str(error)) from error
    if not isinstance(value, cbor2.CBORTag) or value.tag != dcbor.COSE_SIGN1_TAG:
        raise MalformedSignature("not a COSE_Sign1")
    parts = value.value
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise MalformedSignature("not four parts")
    protected, unprotected, payload, signature = parts
    if not (isinstance(protected, bytes) and isinstance(payload, bytes)):
        raise MalformedSignature("header and payload are byte strings")
    if not isinstance(signature, bytes) or len(signature) != _SIGNATURE_LENGTH:
        raise MalformedSignature("the signature is not 64 bytes long")
    certificate = _certificate(unprotected)
    return Sign1(_kid(protected), certificate, payload, signature, protected)


def verify(
    data: bytes,
    *,
    label: bytes,
    keys: Mapping[bytes, bytes],
    allowed: frozenset[int],
    bytes_max: int = 1 << 20,
) -> Verified:
    """
    Return the payload of a signature made by one of the listed keys for this label.

    `keys` maps kid8 to raw public keys; `allowed` names the payload's known keys.
    Raises: MalformedSignature, UnknownKey (cannot tell), BadSignature, in this order.
    """
    parsed = parse(data, bytes_max=bytes_max)
    payload = verify_parsed(parsed, label=label, keys=keys)
    try:
        fields = dcbor.decode_map(payload, allowed=allowed, bytes_max=bytes_max)
    except dcbor.EncodingError as error:
        raise MalformedSignature(str(error)) from error
    return Verified(parsed.kid, fields, parsed.certificate)


def verify_parsed(parsed: Sign1, *, label: bytes, keys: Mapping[bytes, bytes]) -> bytes:
    """
    Return the payload bytes of a parsed signature once it verified.

    Raises: UnknownKey, BadSignature.
    """
    public_key = keys.get(parsed.kid)
    if public_key is None:
        raise UnknownKey("no trusted key has this id")
    try:
        _loaded(public_key).verify(
            _to_be_signed(parsed.protected, label, parsed.payload), parsed.signature
        )
    except BadSignatureError as error:
        raise BadSignature("the signature does not verify") from error
    return parsed.payload


# every token of one issuer has the same header and the same key
_KNOWN_MAX = 64
_HEADER_LENGTH_MAX = 32


@functools.lru_cache(maxsize=_KNOWN_MAX)
def _loaded(public_key: bytes) -> VerifyKey:
    # libsodium verifies in little more than half of OpenSSL's time (decision 0034)
    return VerifyKey(public_key)


def _to_be_signed(protected: bytes, label: bytes, payload: bytes) -> bytes:
    return dcbor.encode(["Signature1", protected, label, payload])


def _kid(protected: bytes) -> bytes:
    if len(protected) > _HEADER_LENGTH_MAX:
        raise MalformedSignature("the protected header is not ours")
    return _kid_of_short(protected)


@functools.lru_cache(maxsize=_KNOWN_MAX)
def _kid_of_short(protected: bytes) -> bytes:
    try:
        header = dcbor.decode_map(protected, allowed=frozenset({1, 4}))
    except dcbor.EncodingError as error:
        raise MalformedSignature("the protected header is not ours") from error
    kid = header.get(4)
    if header.get(1) != ALGORITHM_EDDSA or not isinstance(kid, bytes) or len(kid) != 8:
        raise MalformedSignature("only EdDSA with an 8 byte key id")
    return kid


def _certificate(unprotected: Any) -> bytes | None:
    if not isinstance(unprotected, Mapping):
        raise MalformedSignature("the unprotected header is a map")
    if not unprotected:
        return None
    if set(unprotected) != {CERTIFICATE_HEADER}:
        raise MalformedSignature("unknown unprotected header")
    certificate = unprotected[CERTIFICATE_HEADER]
    if not isinstance(certificate, bytes):
        raise MalformedSignature("the certificate is a byte string")
    return certificate
