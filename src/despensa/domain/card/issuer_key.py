"""
Public keys of issuers as people hand them over: raw hex, PEM, a JWK or a JWK set.

Decides which keys can be read and under which key ids a token may name them; trusts nobody.
Source: RFC 7517; RFC 8037 section 2; RFC 7518 section 6.2; RFC 7468.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from cryptography.x509 import load_pem_x509_certificate

from despensa.domain.encoding import cose

KEY_TEXT_LENGTH_MAX = 100_000
_ED25519_LENGTH = 32
# SEC 1 section 2.3.3: compressed and uncompressed
_POINT_LENGTHS = frozenset({33, 65})
_OTHER_KINDS = "only Ed25519 (OKP) and P-256 (EC) keys sign such tokens"


class Algorithm(Enum):
    """The COSE signature algorithms that can be checked (RFC 9053 section 2)."""

    EDDSA = -8
    ES256 = -7


class IssuerKeyError(ValueError):
    """The text is no public key that can check a token; the message says what is expected."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """
    A public key and the key ids by which tokens may name it.

    `public` is 32 raw bytes for EDDSA and an uncompressed point of 65 bytes for ES256. A key is
    `named` when it came with an id of its own; such a key answers for no other id.
    """

    algorithm: Algorithm
    public: bytes
    ids: frozenset[bytes]
    named: bool


def parse_issuer_keys(text: str) -> tuple[IssuerKey, ...]:
    """
    Return the public keys in a text: raw Ed25519 hex, PEM, a JWK or a JWK set.

    Shape: at least one key, in the order of the text.
    Raises: IssuerKeyError when there is none, or for a private key.
    """
    stripped = text.strip()
    if len(stripped) > KEY_TEXT_LENGTH_MAX:
        raise IssuerKeyError("the key file is too large: give the issuer's public key only")
    if stripped.startswith("{"):
        return _from_json(stripped)
    if "-----BEGIN" in stripped:
        return (_from_pem(stripped),)
    try:
        raw = bytes.fromhex(stripped)
    except ValueError as error:
        raise IssuerKeyError(
            "an issuer key is raw hex (64 digits), a PEM public key or a JWK"
        ) from error
    if len(raw) in _POINT_LENGTHS:
        return (_key(Algorithm.ES256, _point(raw, "the hex digits are no point on P-256"), None),)
    if len(raw) != _ED25519_LENGTH:
        raise IssuerKeyError(
            f"an Ed25519 key has 64 hex digits (a point on P-256: 66 or 130), this one has "
            f"{len(raw) * 2}"
        )
    return (_key(Algorithm.EDDSA, raw, None),)


def _point(data: bytes, problem: str) -> bytes:
    """Return a point on P-256 uncompressed. Raises: IssuerKeyError with `problem`."""
    try:
        point = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), data)
    except ValueError as error:
        raise IssuerKeyError(problem) from error
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _from_pem(text: str) -> IssuerKey:
    if "PRIVATE" in text:
        raise IssuerKeyError("this is a private key: give the public key only, and keep that safe")
    try:
        public = _public_of(text.encode("utf-8"))
    except ValueError as error:
        raise IssuerKeyError("the PEM text holds no public key") from error
    if isinstance(public, Ed25519PublicKey):
        return _key(Algorithm.EDDSA, public.public_bytes_raw(), None)
    if isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, SECP256R1):
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return _key(Algorithm.ES256, point, None)
    raise IssuerKeyError("only Ed25519 and P-256 keys sign such tokens")


def _public_of(pem: bytes) -> Any:
    """Return the public key of a PEM text, also of a certificate, whose promises are not looked at."""
    if b"BEGIN CERTIFICATE" in pem:
        return load_pem_x509_certificate(pem).public_key()
    return load_pem_public_key(pem)


def _from_json(text: str) -> tuple[IssuerKey, ...]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise IssuerKeyError("the key file is no JSON") from error
    entries = value.get("keys", [value])
    if not isinstance(entries, list) or not entries:
        raise IssuerKeyError("the JWK set holds no key")
    if "keys" not in value:
        return (_from_jwk(value),)
    # a set may also hold keys for other uses (RFC 7517 section 5)
    kinds = [entry for entry in entries if not isinstance(entry, Mapping) or _is_known(entry)]
    if not kinds:
        raise IssuerKeyError(_OTHER_KINDS)
    return tuple(map(_from_jwk, kinds))


def _is_known(entry: Mapping[Any, Any]) -> bool:
    return (entry.get("kty"), entry.get("crv")) in {("OKP", "Ed25519"), ("EC", "P-256")}


def _from_jwk(entry: Any) -> IssuerKey:
    if not isinstance(entry, Mapping):
        raise IssuerKeyError("a JWK is a JSON object")
    if "d" in entry:
        raise IssuerKeyError("this is a private key: give the public key only, and keep that safe")
    kind = (entry.get("kty"), entry.get("crv"))
    kid = entry.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise IssuerKeyError("a JWK's kid is a text")
    if kind == ("OKP", "Ed25519"):
        return _key(Algorithm.EDDSA, _coordinate(entry, "x"), kid)
    if kind == ("EC", "P-256"):
        point = b"\x04" + _coordinate(entry, "x") + _coordinate(entry, "y")
        return _key(Algorithm.ES256, _point(point, "the JWK's point does not lie on P-256"), kid)
    raise IssuerKeyError(_OTHER_KINDS)


def _coordinate(entry: Mapping[Any, Any], name: str) -> bytes:
    value = entry.get(name)
    decoded = _from_base64url(value) if isinstance(value, str) else None
    if decoded is None or len(decoded) != 32:
        raise IssuerKeyError(f"the JWK's {name} is not 32 bytes in base64url")
    return decoded


def _key(algorithm: Algorithm, public: bytes, kid: str | None) -> IssuerKey:
    ids = {cose.key_id(public)}
    if kid is not None:
        # issuers write the COSE key id into a JWK as text, as base64url or as hex
        ids |= {kid.encode("utf-8"), _from_base64url(kid) or b"", _from_hex(kid)} - {b""}
    return IssuerKey(algorithm, public, frozenset(ids), named=kid is not None)


def _from_base64url(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
