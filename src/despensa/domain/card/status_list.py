"""
The status list: one bit or a few for every identity card, packed, signed and read again.

Decides how statuses lie in the list and what a list must say to be believed. Which card has which
place, and when a status changes, is not decided here. The list names nobody: a place is a number
drawn at random when its card is made.
Source: draft-ietf-oauth-status-list-20 sections 4 (packing), 5.1 (JWT), 5.2 (CWT), 8.3 (checks).
"""

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from despensa.domain.encoding import base64url, cose, dcbor, p256

CWT_TYPE = "application/statuslist+cwt"
JWT_TYPE = "statuslist+jwt"
BITS_ALLOWED = frozenset({1, 2, 4, 8})
PACKED_BYTES_MAX = 1 << 26  # half a thousand million cards at one bit
_LEVEL = 9
_TYPE_HEADER = 16
_SUBJECT, _EXPIRES_AT, _ISSUED_AT, _TTL, _LIST = 2, 4, 6, 65534, 65533


class Status(IntEnum):
    """What a place in the list may say; other values belong to applications."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2


class ListFault(Enum):
    """Why nothing can be learnt from a list or a place; the values are stable."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "bad_signature"
    OTHER_ADDRESS = "other_address"
    EXPIRED = "expired"
    OUT_OF_BOUNDS = "out_of_bounds"


class StatusListError(ValueError):
    """The list cannot be made or believed, for the reason in `fault`."""

    def __init__(self, fault: ListFault, message: str) -> None:
        """Keep the fault beside the sentence."""
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class StatusList:
    """
    The statuses of many cards, packed.

    Shape: the status of place i is `bits` bits wide and lies in byte i * bits // 8, the first
        place in the lowest bits.
    """

    bits: int
    packed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse widths and sizes outside the format."""
        if self.bits not in BITS_ALLOWED:
            raise StatusListError(ListFault.MALFORMED, "a status has 1, 2, 4 or 8 bits")
        if len(self.packed) > PACKED_BYTES_MAX:
            raise StatusListError(ListFault.MALFORMED, "the list is longer than any we know")

    def status(self, index: int) -> int:
        """
        Return the status at a place.

        Raises: StatusListError (OUT_OF_BOUNDS) for a place the list does not have.
        Source: draft-ietf-oauth-status-list-20 section 8.3 step 5.
        """
        per_byte = 8 // self.bits
        if not 0 <= index < len(self.packed) * per_byte:
            raise StatusListError(ListFault.OUT_OF_BOUNDS, "the list has no such place")
        shift = index % per_byte * self.bits
        return self.packed[index // per_byte] >> shift & (1 << self.bits) - 1


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What a signed list says about itself: its own address, and from when to when it holds.

    Units: `issued_at`, `expires_at` seconds UTC; `ttl_seconds` is how long a copy may be kept.
    """

    address: str
    issued_at: int
    expires_at: int
    ttl_seconds: int


def pack(count: int, statuses: Mapping[int, int], *, bits: int = 1) -> StatusList:
    """
    Return the list of `count` places that are all valid but those named.

    Raises: StatusListError for a place outside the list or a status wider than `bits`.
    Source: draft-ietf-oauth-status-list-20 section 4.1.
    """
    if bits not in BITS_ALLOWED:
        raise StatusListError(ListFault.MALFORMED, "a status has 1, 2, 4 or 8 bits")
    packed = bytearray((count * bits + 7) // 8)
    if statuses and not (min(statuses) >= 0 and max(statuses) < count):
        raise StatusListError(ListFault.OUT_OF_BOUNDS, "a status for a place the list has not")
    if statuses and not (min(statuses.values()) >= 0 and max(statuses.values()) < 1 << bits):
        raise StatusListError(ListFault.MALFORMED, f"a status does not fit into {bits} bits")
    # only what is not valid is touched, so a list of millions costs what its revoked cards cost
    for index, status in statuses.items():
        place = index * bits
        packed[place >> 3] |= status << (place & 7)
    return StatusList(bits, bytes(packed))


def compress(listed: StatusList) -> bytes:
    """Return the packed statuses as a zlib stream of the highest level (section 4.1)."""
    return zlib.compress(listed.packed, _LEVEL)


def to_json(compressed: bytes, *, bits: int) -> dict[str, Any]:
    """
    Return the JSON form of a list.

    >>> to_json(compress(StatusList(1, bytes.fromhex("b9a3"))), bits=1)
    {'bits': 1, 'lst': 'eNrbuRgAAhcBXQ'}

    Source: draft-ietf-oauth-status-list-20 section 4.2 (the example).
    """
    return {"bits": bits, "lst": base64url.encode(compressed)}


def to_cbor(compressed: bytes, *, bits: int) -> dict[str, Any]:
    """Return the CBOR form of a list (section 4.3)."""
    return {"bits": bits, "lst": compressed}


def sign_cwt(
    compressed: bytes, *, bits: int, terms: Terms, public_key: bytes, signer: cose.Signer
) -> bytes:
    """
    Return a list as a signed CWT (COSE_Sign1, tag 18, no tag 61).

    Source: draft-ietf-oauth-status-list-20 section 5.2; RFC 9052 section 4.4.
    """
    header = {1: cose.ALGORITHM_EDDSA, 4: cose.key_id(public_key), _TYPE_HEADER: CWT_TYPE}
    protected = cbor2.dumps(header, canonical=True)
    claims = {
        _SUBJECT: terms.address,
        _EXPIRES_AT: terms.expires_at,
        _ISSUED_AT: terms.issued_at,
        _TTL: terms.ttl_seconds,
        _LIST: to_cbor(compressed, bits=bits),
    }
    payload = cbor2.dumps(claims, canonical=True)
    signature = signer(_to_be_signed(protected, payload))
    return cbor2.dumps(
        cbor2.CBORTag(dcbor.COSE_SIGN1_TAG, [protected, {}, payload, signature]), canonical=True
    )


def sign_jwt(
    compressed: bytes, *, bits: int, terms: Terms, public_key: bytes, signer: cose.Signer
) -> str:
    """
    Return a list as a signed JWT in compact form, by an Ed25519 key or one on P-256.

    Source: draft-ietf-oauth-status-list-20 section 5.1; RFC 7515 section 7.1; RFC 8037; RFC 7518.
    """
    algorithm, kid = _named(public_key)
    header = {"alg": algorithm, "kid": base64url.encode(kid), "typ": JWT_TYPE}
    claims = {
        "sub": terms.address,
        "iat": terms.issued_at,
        "exp": terms.expires_at,
        "ttl": terms.ttl_seconds,
        "status_list": to_json(compressed, bits=bits),
    }
    signed = f"{_json_part(header)}.{_json_part(claims)}"
    return f"{signed}.{base64url.encode(signer(signed.encode('ascii')))}"


def read_cwt(data: bytes, *, keys: Mapping[bytes, bytes], address: str, now: int) -> StatusList:
    """
    Return the list in a signed CWT of one of the listed keys, if it is the one of this address.

    `keys` maps kid8 to raw Ed25519 public keys; `now` is in seconds UTC.
    Raises: StatusListError with the first fault: malformed, unknown key, bad signature, other
        address, expired.
    Source: draft-ietf-oauth-status-list-20 section 8.3.
    """
    try:
        value = cbor2.loads(data)
        parts: list[Any] = list(value.value) if value.tag == dcbor.COSE_SIGN1_TAG else []
        protected, _, payload, signature = parts
        header, claims = cbor2.loads(protected), cbor2.loads(payload)
        kid, is_ours = header[4], header[1] == cose.ALGORITHM_EDDSA
        listed, terms = claims[_LIST], (claims[_SUBJECT], claims.get(_EXPIRES_AT))
        well_typed = is_ours and header[_TYPE_HEADER] == CWT_TYPE
        bits, compressed = listed["bits"], listed["lst"]
        _verify(keys, kid, signature, lambda: _to_be_signed(protected, payload))
    except StatusListError:
        raise
    except Exception as error:  # cbor2 raises several families; all of them mean the same to us
        raise StatusListError(ListFault.MALFORMED, "not a signed status list") from error
    return _checked(bits, compressed, terms, well_typed=well_typed, address=address, now=now)


def read_jwt(text: str, *, keys: Mapping[bytes, bytes], address: str, now: int) -> StatusList:
    """
    Return the list in a signed JWT of one of the listed keys, as `read_cwt` does.

    `keys` maps key ids to Ed25519 keys, or thumbprints to points on P-256. Raises: StatusListError.
    """
    try:
        head, body, mark = text.split(".")
        header, claims = json.loads(base64url.decode(head)), json.loads(base64url.decode(body))
        kid = base64url.decode(header["kid"])
        listed, terms = claims["status_list"], (claims["sub"], claims.get("exp"))
        bits, compressed = listed["bits"], base64url.decode(listed["lst"])
        _verify(keys, kid, base64url.decode(mark), lambda: f"{head}.{body}".encode("ascii"))
        # the key says how it signs, never the header alone
        well_typed = (header["alg"], header["typ"]) == (_named(keys[kid])[0], JWT_TYPE)
    except StatusListError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StatusListError(ListFault.MALFORMED, "not a signed status list") from error
    return _checked(bits, compressed, terms, well_typed=well_typed, address=address, now=now)


def _checked(
    bits: Any,
    compressed: Any,
    terms: tuple[Any, Any],
    *,
    well_typed: bool,
    address: str,
    now: int,
) -> StatusList:
    if not well_typed or type(bits) is not int or type(compressed) is not bytes:
        raise StatusListError(ListFault.MALFORMED, "not a signed status list")
    stated, expires_at = terms
    if stated != address:
        # a list that stands elsewhere speaks of other cards
        raise StatusListError(ListFault.OTHER_ADDRESS, "the list is that of another address")
    if expires_at is not None and (type(expires_at) is not int or now >= expires_at):
        raise StatusListError(ListFault.EXPIRED, "the list is out of date: fetch it again")
    reader = zlib.decompressobj()
    try:
        packed = reader.decompress(compressed, PACKED_BYTES_MAX + 1)
    except zlib.error as error:
        raise StatusListError(ListFault.MALFORMED, "the list is no zlib stream") from error
    if not reader.eof:
        raise StatusListError(ListFault.MALFORMED, "the list is cut short or too long")
    return StatusList(bits, packed)


def _verify(
    keys: Mapping[bytes, bytes], kid: Any, signature: Any, signed: Callable[[], bytes]
) -> None:
    public = keys.get(kid) if isinstance(kid, bytes) else None
    if public is None:
        raise StatusListError(ListFault.UNKNOWN_KEY, "the list is signed by an unknown key")
    try:
        if len(public) == p256.PUBLIC_LENGTH:
            p256.verify(public, signature, signed())
        else:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, signed())
    except InvalidSignature as error:
        raise StatusListError(ListFault.SIGNATURE, "the list was altered or forged") from error


def _named(public: bytes) -> tuple[str, bytes]:
    """Return how a key signs and what it is called in a JWT."""
    if len(public) == p256.PUBLIC_LENGTH:
        return p256.ALGORITHM, p256.thumbprint(p256.public_jwk(public))
    return "EdDSA", cose.key_id(public)


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)


def _json_part(value: Mapping[str, Any]) -> str:
    return base64url.encode(json.dumps(value, separators=(",", ":")).encode("utf-8"))
