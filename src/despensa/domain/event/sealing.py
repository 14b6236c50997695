"""
Events under seal: on the phone and the wire, and as evidence on the server.

On the phone each event is sealed under a key of its own from a chain that only goes forward, so
that a seized phone cannot read what it did; the first chain key is wrapped to the server's inbox
key. On the server the signed events of one merge batch are sealed to the cycle's key, which is
destroyed at fade. Decides the bytes only; keys come from outside.
Source: docs/reference/formats.md section 4.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.domain.encoding import dcbor
from despensa.domain.encoding.cose import MalformedSignature
from despensa.domain.payload import ID_LENGTH, Reader

NO_LEASE = bytes(ID_LENGTH)
BATCH_MAX = 500
BATCH_BYTES_MAX = 1 << 20
CHAIN_KEY_LENGTH = 32
WRAPPED_KEY_LENGTH = 32 + CHAIN_KEY_LENGTH + 16
_VERSION = 1
_PLACE_MAX = 2**17
_EVENT_KEY = b"despensa/event-key/1"
_EVENT_CHAIN = b"despensa/event-chain/1"
_SEALED_EVENT = b"despensa/sealed-event/1"
_INBOX = b"despensa/inbox/1"
_EVIDENCE = b"despensa/evidence/1"
# every message key seals one event, so the nonce may be constant
_NONCE = bytes(12)
_BATCH_KEYS = frozenset(range(6))


class EventSealBroken(ValueError):
    """The sealed bytes do not belong to this key, phone, lease, place or event."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One chain of message keys: a phone under one lease (NO_LEASE before any)."""

    device_id: bytes
    lease_id: bytes


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """
    Sealed events on their way: consecutive places of one lane, from `first` (counted from 1).

    `wrapped_key` is HPKE of the lane's first chain key to the inbox key.
    """

    lane: Lane
    wrapped_key: bytes
    first: int
    sealed: tuple[bytes, ...] = field(repr=False)


def inbox_info(lane: Lane) -> bytes:
    """Return the HPKE info under which a lane's first chain key is wrapped."""
    return _INBOX + lane.device_id + lane.lease_id


def next_chain_key(chain_key: bytes) -> bytes:
    """Return ck_{i+1}; whoever holds it can no longer make mk_i."""
    return hmac.digest(chain_key, _EVENT_CHAIN, "sha256")


def seal_event(data: bytes, *, chain_key: bytes, lane: Lane, place: int) -> bytes:
    """
    Return a signed event sealed at its place of a lane, `chain_key` being ck_place.

    Holds: no two different events are ever sealed at one place; the caller erases `chain_key`
        for `next_chain_key(chain_key)` as soon as the sealed event is safely stored.
    """
    return AESGCM(_event_key(chain_key)).encrypt(_NONCE, data, _place_label(lane, place))


def open_events(batch: SealedBatch, *, first_chain_key: bytes) -> tuple[bytes, ...]:
    """
    Return the signed events of a batch, `first_chain_key` being the lane's ck_1.

    Shape: one COSE_Sign1 per sealed event, in their order; none is verified yet.
    Raises: EventSealBroken.
    """
    chain_key = first_chain_key
    for _ in range(batch.first - 1):
        chain_key = next_chain_key(chain_key)
    events = []
    for place, sealed in enumerate(batch.sealed, start=batch.first):
        cipher = AESGCM(_event_key(chain_key))
        try:
            events.append(cipher.decrypt(_NONCE, sealed, _place_label(batch.lane, place)))
        except InvalidTag as error:
            raise EventSealBroken(f"the event at place {place} does not open") from error
        chain_key = next_chain_key(chain_key)
    return tuple(events)


def encode_batch(batch: SealedBatch) -> bytes:
    """
    Return a batch as it is sent and exported.

    Shape: DCBOR map: 0 version 1, 1 device16, 2 lease16 (zero bytes before any lease),
        3 wrapped ck_1 (enc32 ‖ ct48), 4 place of the first event, 5 sealed events.
    """
    return dcbor.encode(
        {
            0: _VERSION,
            1: batch.lane.device_id,
            2: batch.lane.lease_id,
            3: batch.wrapped_key,
            4: batch.first,
            5: list(batch.sealed),
        }
    )


def decode_batch(data: bytes) -> SealedBatch:
    """
    Return the batch that bytes from a phone describe, at most 500 events and 1 MiB.

    Raises: MalformedSignature, as for every malformed document from a phone.
    """
    try:
        fields = Reader(
            "event batch",
            dcbor.decode_map(data, allowed=_BATCH_KEYS, bytes_max=BATCH_BYTES_MAX),
        )
    except dcbor.EncodingError as error:
        raise MalformedSignature(f"event batch: {error}") from error
    fields.exactly(_BATCH_KEYS)
    fields.uint(0, at_least=_VERSION, at_most=_VERSION)
    sealed = fields.array(5)
    if not 0 < len(sealed) <= BATCH_MAX or not all(isinstance(item, bytes) for item in sealed):
        fields.refuse(5, f"must hold 1 to {BATCH_MAX} sealed events")
    return SealedBatch(
        lane=Lane(fields.octets(1, ID_LENGTH), fields.octets(2, ID_LENGTH)),
        wrapped_key=fields.octets(3, WRAPPED_KEY_LENGTH),
        # one lane is one session: a far place would only make the reader walk for nothing
        first=fields.uint(4, at_least=1, at_most=_PLACE_MAX),
        sealed=tuple(sealed),
    )


def evidence_info(*, cycle_id: bytes, batch_id: bytes) -> bytes:
    """Return the HPKE info under which a merge batch's key is wrapped to the cycle's key."""
    return _EVIDENCE + cycle_id + batch_id


def seal_evidence(
    events: Sequence[tuple[bytes, bytes]], *, batch_key: bytes, first: int = 0
) -> list[bytes]:
    """
    Return the signed events of one merge batch sealed as evidence.

    Shape: per pair (event id, signed event) one ciphertext, in their order; event n of the
        batch, counted from `first`, takes nonce n.
    Holds: `batch_key` is fresh for the batch and seals no number twice.
    """
    seal = AESGCM(batch_key).encrypt
    return [
        seal(number.to_bytes(12, "big"), data, _EVIDENCE + event_id)
        for number, (event_id, data) in enumerate(events, start=first)
    ]


def open_evidence(sealed: bytes, *, batch_key: bytes, number: int, event_id: bytes) -> bytes:
    """
    Return one signed event from the evidence.

    Raises: EventSealBroken.
    """
    try:
        return AESGCM(batch_key).decrypt(number.to_bytes(12, "big"), sealed, _EVIDENCE + event_id)
    except InvalidTag as error:
        raise EventSealBroken("the evidence does not belong to this event and key") from error


def _event_key(chain_key: bytes) -> bytes:
    return hmac.digest(chain_key, _EVENT_KEY, "sha256")


def _place_label(lane: Lane, place: int) -> bytes:
    return _SEALED_EVENT + lane.device_id + lane.lease_id + place.to_bytes(8, "big")
