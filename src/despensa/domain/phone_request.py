"""
What a phone asks the server, signed with its own key: to be enrolled, and what concerns it.

Decides the bytes of both documents and whose they are; what is answered is decided by the doors.
Source: docs/reference/device-api.md.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from despensa.domain.device import Protection
from despensa.domain.encoding import cose, dcbor
from despensa.domain.payload import ID_LENGTH, KEY_LENGTH, Reader, without_header

ENROL_LABEL = b"despensa/enrol/1"
REQUEST_LABEL = b"despensa/request/1"
VERSION = 1
CODE_LENGTH = 16
CODE_SECONDS = 600
EVENTS_MAX = 500
UNSENT_MAX = 2**31 - 1
_ENROL_KEYS = frozenset(range(6))
_REQUEST_KEYS = frozenset(range(5))


class Ask(IntEnum):
    """What a signed request is about."""

    LISTS = 1
    STATES = 2
    DISTRICT = 3


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """A new phone's id and keys, with the code the office showed it."""

    code: bytes = field(repr=False)
    device_id: bytes
    signing_key: bytes
    sealing_key: bytes
    protection: Protection


@dataclass(frozen=True, slots=True)
class PhoneRequest:
    """One signed request: which phone asks, and what; the arguments are not checked yet."""

    device_id: bytes
    nonce: bytes
    ask: Ask
    arguments: tuple[object, ...] = ()


def code_hash(code: bytes) -> bytes:
    """Return what the server keeps of a code, so that its books do not enrol anybody."""
    return hashlib.sha256(ENROL_LABEL + code).digest()


def sign_enrolment(request: EnrolRequest, *, signer: cose.Signer) -> bytes:
    """Return the request, signed with the new phone's own key."""
    payload = {
        0: VERSION,
        1: request.code,
        2: request.device_id,
        3: request.signing_key,
        4: request.sealing_key,
        5: int(request.protection),
    }
    return cose.sign(payload, label=ENROL_LABEL, public_key=request.signing_key, signer=signer)


def verify_enrolment(data: bytes) -> EnrolRequest:
    """
    Return what a new phone says, once the key it names has signed it.

    Raises: cose.MalformedSignature, cose.UnknownKey, cose.BadSignature.
    """
    named = Reader("enrolment", _payload(data, _ENROL_KEYS)).octets(3, KEY_LENGTH)
    keys = {cose.key_id(named): named}
    verified = cose.verify(data, label=ENROL_LABEL, keys=keys, allowed=_ENROL_KEYS)
    fields = Reader("enrolment", without_header(verified, "enrolment"))
    fields.exactly(_ENROL_KEYS)
    fields.uint(0, at_least=VERSION, at_most=VERSION)
    return EnrolRequest(
        code=fields.octets(1, CODE_LENGTH),
        device_id=fields.octets(2, ID_LENGTH),
        signing_key=named,
        sealing_key=fields.octets(4, KEY_LENGTH),
        # 3 is a phone of the demo, whose keys the server holds: no code makes one
        protection=Protection(fields.uint(5, at_least=1, at_most=2)),
    )


def sign_request(request: PhoneRequest, *, public_key: bytes, signer: cose.Signer) -> bytes:
    """Return a request signed by an enrolled phone."""
    payload = {
        0: VERSION,
        1: request.device_id,
        2: request.nonce,
        3: int(request.ask),
        4: list(request.arguments),
    }
    return cose.sign(payload, label=REQUEST_LABEL, public_key=public_key, signer=signer)


def device_of(data: bytes) -> bytes:
    """
    Return which phone a request says it is from; nothing is verified yet.

    Raises: cose.MalformedSignature.
    """
    return Reader("request", _payload(data, _REQUEST_KEYS)).octets(1, ID_LENGTH)


def verify_request(data: bytes, *, public_key: bytes, ask: Ask) -> PhoneRequest:
    """
    Return a request once the phone's key vouches for it.

    Raises: cose.MalformedSignature, also when it asks for something else; cose.UnknownKey,
        cose.BadSignature.
    """
    keys = {cose.key_id(public_key): public_key}
    verified = cose.verify(data, label=REQUEST_LABEL, keys=keys, allowed=_REQUEST_KEYS)
    fields = Reader("request", without_header(verified, "request"))
    fields.exactly(_REQUEST_KEYS)
    fields.uint(0, at_least=VERSION, at_most=VERSION)
    fields.uint(3, at_least=int(ask), at_most=int(ask))
    return PhoneRequest(
        device_id=fields.octets(1, ID_LENGTH),
        nonce=fields.octets(2, ID_LENGTH),
        ask=ask,
        arguments=tuple(fields.array(4)),
    )


def span(arguments: Sequence[object]) -> tuple[int, int]:
    """
    Return first and last number of a request for states.

    Raises: cose.MalformedSignature.
    """
    fields = Reader("request", {4: list(arguments)})
    first, last = fields.array(4, length=2)
    begin = fields.as_uint(4, first, at_least=1)
    return begin, fields.as_uint(4, last, at_least=begin, at_most=begin + EVENTS_MAX - 1)


def unsent_said(arguments: Sequence[object]) -> int | None:
    """
    Return how many events a phone that asks for lists says it keeps unsent, None if it says nothing.

    Raises: cose.MalformedSignature.
    """
    if not arguments:
        return None
    fields = Reader("request", {4: list(arguments)})
    (unsent,) = fields.array(4, length=1)
    return fields.as_uint(4, unsent, at_most=UNSENT_MAX)


def lease_named(arguments: Sequence[object]) -> bytes:
    """
    Return the lease a request for the district names.

    Raises: cose.MalformedSignature.
    """
    fields = Reader("request", {4: list(arguments)})
    (lease,) = fields.array(4, length=1)
    return fields.as_octets(4, lease, ID_LENGTH)


def _payload(data: bytes, allowed: frozenset[int]) -> dict[int, object]:
    try:
        return dict(dcbor.decode_map(cose.parse(data).payload, allowed=allowed))
    except dcbor.EncodingError as error:
        raise cose.MalformedSignature(f"request: {error}") from error
