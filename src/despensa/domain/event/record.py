"""
The event: what one phone says happened, signed, numbered and chained to the event before.

Decides which keys an event of each kind has and that its phone signed it; order is `chain`,
secrecy is `sealing`, consequences are `redemption`. Source: docs/reference/formats.md section 4.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from despensa.domain.device import DeviceCertificate
from despensa.domain.encoding import cose
from despensa.domain.lease import CollectorRole
from despensa.domain.payload import (
    HASH_LENGTH,
    ID_LENGTH,
    NUMBER_LENGTH,
    Goods,
    Reader,
    goods_array,
    without_header,
)
from despensa.domain.refusal import AbortReason, RefusalReason

LABEL = b"despensa/event/1"
VERSION = 1
NO_SESSION = bytes(ID_LENGTH)
SERIAL_LENGTH_MAX = 32
_KNOWN = frozenset(range(21))
_ALWAYS = frozenset(range(10))
_REASON_MAX = 255
_SEALED_WORD_MAX = 4096
_RELEASE_BYTES_MAX = 1 << 18


class EventKind(IntEnum):
    """What happened; 10 to 15 are reserved for stock and sale."""

    DELIVERED = 1
    REFUSED = 2
    ABORTED = 3
    SESSION_OPENED = 4
    SESSION_CLOSED = 5
    LEASE_RETURNED = 6
    CARD_HANDED_OVER = 7
    TAKEN_OVER = 8
    ROW_RELEASED = 9


class Means(IntEnum):
    """How the card came to the phone."""

    CAMERA = 1
    FILE = 2
    TYPED = 3
    KEYBOARD_SCANNER = 4
    NO_CARD = 5


# kind -> (keys it must have, keys it may have) beside 0 to 9
_RULES: Mapping[EventKind, tuple[frozenset[int], frozenset[int]]] = {
    EventKind.DELIVERED: (frozenset({11, 14}), frozenset({10, 15, 16, 17, 18})),
    EventKind.REFUSED: (frozenset({12, 14}), frozenset({13, 15, 17, 18})),
    EventKind.ABORTED: (frozenset({12}), frozenset({18})),
    # key 15 of an opened session names the second person of an unplanned one
    EventKind.SESSION_OPENED: (frozenset(), frozenset({15, 18})),
    EventKind.SESSION_CLOSED: (frozenset(), frozenset({18})),
    EventKind.LEASE_RETURNED: (frozenset(), frozenset({18})),
    EventKind.CARD_HANDED_OVER: (frozenset({19}), frozenset({18})),
    # key 20: the other phone's signed release, on which the taking over stands; its list (kind 9)
    EventKind.TAKEN_OVER: (frozenset({19, 20}), frozenset({18})),
    EventKind.ROW_RELEASED: (frozenset({19, 20}), frozenset({18})),
}
# stands in key 15 where a reason would: the second person vouches for a typed card number
_TYPED_ENTRY = 0
_NEEDS_LEASE = frozenset({EventKind.LEASE_RETURNED, EventKind.TAKEN_OVER, EventKind.ROW_RELEASED})

# asked for every event: the largest member is found once
_KIND_MAX = max(EventKind)


@dataclass(frozen=True, slots=True)
class Supervised:
    """
    The second person who answers for a delivery, why, and what the person said.

    `reason` None says that the second person vouches for a typed card number, and for no more.
    `sealed_word` is HPKE to the office key; empty where nothing was said.
    """

    second_operator_id: bytes
    reason: RefusalReason | None
    sealed_word: bytes = field(default=b"", repr=False)


class ProxyReason(IntEnum):
    """
    Why somebody who is not named collects; closed, and never what somebody suffers from.

    Numbers are never reused. Source: docs/reference/formats.md section 4.
    """

    CANNOT_COME = 1
    WORKS_OR_STUDIES = 2
    LIVES_FAR = 3
    INSTITUTION_COLLECTS = 4


@dataclass(frozen=True, slots=True)
class CollectedBy:
    """Who collected; `proxy_reason` for a proxy only."""

    role: CollectorRole
    proxy_reason: ProxyReason | None = None


@dataclass(frozen=True, slots=True)
class CheckpointSeen:
    """The last checkpoint of the log that the phone saw."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Handover:
    """
    The tags that pass between two phones (kinds 8 and 9).

    A release (kind 9) names the list of the phone that takes over; a taking over (kind 8) holds the
    other phone's signed release.
    """

    other_device_id: bytes
    tags: tuple[bytes, ...]
    other_lease_id: bytes | None = None
    release: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """
    One event; a field that is None is a key that is missing (lease_id: null).

    Holds: `session_id` is NO_SESSION where the phone knew of no session.
    """

    event_id: bytes
    device_id: bytes
    seq: int
    previous_hash: bytes
    kind: EventKind
    claimed_at: int
    session_id: bytes
    lease_id: bytes | None
    operator_id: bytes
    tag: bytes | None = None
    goods: Goods | None = None
    reason: RefusalReason | AbortReason | None = None
    commitment: bytes | None = None
    means: Means | None = None
    supervised: Supervised | None = None
    collector: CollectedBy | None = None
    paper_serial: str | None = None
    checkpoint: CheckpointSeen | None = None
    card_number: str | None = field(default=None, repr=False)
    handover: Handover | None = None

    @property
    def is_supervised(self) -> bool:
        """Return whether two people answer for it; a second one for a typed number does not."""
        return self.supervised is not None and self.supervised.reason is not None


def event_hash(data: bytes) -> bytes:
    """Return H(whole COSE_Sign1): what the next event, the log and receipts point to."""
    return hashlib.sha256(data).digest()


def sign_event(event: Event, *, public_key: bytes, signer: cose.Signer) -> bytes:
    """
    Return an event signed by its phone.

    Raises: cose.MalformedSignature when the event breaks a rule of its kind.
    Source: docs/reference/formats.md section 4.
    """
    payload = _to_map(event)
    _from_map(payload)
    return cose.sign(payload, label=LABEL, public_key=public_key, signer=signer)


def verify_event(data: bytes, *, certificate: DeviceCertificate) -> Event:
    """
    Return an event once the certified phone's key vouches for it.

    Raises: cose.MalformedSignature, cose.UnknownKey (another phone's key), cose.BadSignature.
    """
    verified = cose.verify(data, label=LABEL, keys=certificate.keys, allowed=_KNOWN)
    return _from_map(without_header(verified, "event"))


def _to_map(event: Event) -> dict[int, Any]:
    payload: dict[int, Any] = {
        0: VERSION,
        1: event.event_id,
        2: event.device_id,
        3: event.seq,
        4: event.previous_hash,
        5: int(event.kind),
        6: event.claimed_at,
        7: event.session_id,
        8: event.lease_id,
        9: event.operator_id,
    }
    optional = {
        10: event.tag,
        11: None if event.goods is None else goods_array(event.goods),
        12: None if event.reason is None else int(event.reason),
        13: event.commitment,
        14: None if event.means is None else int(event.means),
        15: _supervised_array(event.supervised),
        16: _collector_array(event.collector),
        17: event.paper_serial,
        18: None if event.checkpoint is None else [event.checkpoint.size, event.checkpoint.root],
        19: _particulars_array(event),
        20: event.handover and (event.handover.other_lease_id or event.handover.release),
    }
    return payload | {key: value for key, value in optional.items() if value is not None}


def _supervised_array(supervised: Supervised | None) -> list[Any] | None:
    if supervised is None:
        return None
    reason = _TYPED_ENTRY if supervised.reason is None else int(supervised.reason)
    return [supervised.second_operator_id, reason, supervised.sealed_word]


def _collector_array(collector: CollectedBy | None) -> list[Any] | None:
    return (
        None
        if collector is None
        else [
            int(collector.role),
            None if collector.proxy_reason is None else int(collector.proxy_reason),
        ]
    )


def _particulars_array(event: Event) -> list[Any] | None:
    if event.card_number is not None:
        return [event.card_number]
    if event.handover is not None:
        return [event.handover.other_device_id, list(event.handover.tags)]
    return None


def _from_map(payload: Mapping[int, Any]) -> Event:
    fields = Reader("event", payload)
    fields.uint(0, at_least=VERSION, at_most=VERSION)
    kind = EventKind(fields.uint(5, at_least=1, at_most=_KIND_MAX))
    must, may = _RULES[kind]
    fields.exactly(_ALWAYS | must, optional=may)
    event = Event(
        event_id=fields.octets(1, ID_LENGTH),
        device_id=fields.octets(2, ID_LENGTH),
        seq=fields.uint(3, at_least=1),
        previous_hash=fields.octets(4, HASH_LENGTH),
        kind=kind,
        claimed_at=fields.uint(6),
        session_id=fields.octets(7, ID_LENGTH),
        lease_id=fields.octets_or_null(8, ID_LENGTH),
        operator_id=fields.octets(9, ID_LENGTH),
        tag=fields.octets_or_absent(10, ID_LENGTH),
        goods=fields.goods(11) if fields.has(11) else None,
        reason=_reason(fields, kind),
        commitment=fields.octets_or_absent(13, HASH_LENGTH),
        means=Means(fields.uint(14, at_least=1, at_most=5)) if fields.has(14) else None,
        supervised=_supervised(fields),
        collector=_collector(fields),
        paper_serial=fields.text(17, characters_max=SERIAL_LENGTH_MAX) if fields.has(17) else None,
        checkpoint=_checkpoint(fields),
        card_number=_card_number(fields, kind),
        handover=_handover(fields, kind),
    )
    _check_together(fields, event)
    return event


def _check_together(fields: Reader, event: Event) -> None:
    """Check what no single key can tell."""
    if event.kind in _NEEDS_LEASE and event.lease_id is None:
        fields.refuse(8, "must name the lease")
    if event.kind is EventKind.DELIVERED:
        if event.tag is None and not event.is_supervised:
            fields.refuse(10, "is missing and nobody answers for the delivery")
        if event.tag is not None and event.means is Means.NO_CARD:
            fields.refuse(10, "has no place where no card was shown")
    _check_second_person(fields, event)
    if event.reason is RefusalReason.UNREADABLE and event.commitment is not None:
        fields.refuse(13, "has no place where the card could not be read")


def _check_second_person(fields: Reader, event: Event) -> None:
    is_typed = event.means is Means.TYPED
    if is_typed and event.supervised is None:
        fields.refuse(15, "is missing: a typed card number takes a second person")
    if event.supervised is None:
        return
    if event.supervised.reason is None and (not is_typed or event.supervised.sealed_word):
        fields.refuse(15, "has no reason, which only a typed card number needs not")
    if event.kind is EventKind.REFUSED and event.is_supervised:
        fields.refuse(15, "has no place on a refusal but for a typed card number")


def _reason(fields: Reader, kind: EventKind) -> RefusalReason | AbortReason | None:
    if not fields.has(12):
        return None
    number = fields.uint(12, at_most=_REASON_MAX)
    if kind is EventKind.REFUSED:
        return _refusal_reason(fields, 12, number)
    if number not in {int(reason) for reason in AbortReason}:
        fields.refuse(12, "must be a reason of the closed list")
    return AbortReason(number)


def _refusal_reason(fields: Reader, key: int, number: int) -> RefusalReason:
    if number not in {int(reason) for reason in RefusalReason}:
        fields.refuse(key, "must be a reason of the closed list")
    return RefusalReason(number)


def _supervised(fields: Reader) -> Supervised | None:
    if not fields.has(15):
        return None
    second, reason, word = fields.array(15, length=3)
    if not isinstance(word, bytes) or len(word) > _SEALED_WORD_MAX:
        fields.refuse(15, f"must hold at most {_SEALED_WORD_MAX} sealed bytes")
    operator = fields.as_octets(15, second, ID_LENGTH)
    if operator == fields.value(9):
        fields.refuse(15, "must name a second person")
    number = fields.as_uint(15, reason, at_most=_REASON_MAX)
    if number == _TYPED_ENTRY:
        return Supervised(operator, None, word)
    return Supervised(operator, _refusal_reason(fields, 15, number), word)


def _collector(fields: Reader) -> CollectedBy | None:
    if not fields.has(16):
        return None
    role, proxy_reason = fields.array(16, length=2)
    read_role = CollectorRole(fields.as_uint(16, role, at_least=1, at_most=3))
    if (proxy_reason is not None) != (read_role is CollectorRole.PROXY):
        fields.refuse(16, "must give a reason for a proxy and only there")
    if proxy_reason is None:
        return CollectedBy(read_role)
    number = fields.as_uint(16, proxy_reason, at_least=1, at_most=max(ProxyReason))
    return CollectedBy(read_role, ProxyReason(number))


def _checkpoint(fields: Reader) -> CheckpointSeen | None:
    if not fields.has(18):
        return None
    size, root = fields.array(18, length=2)
    return CheckpointSeen(fields.as_uint(18, size), fields.as_octets(18, root, HASH_LENGTH))


def _card_number(fields: Reader, kind: EventKind) -> str | None:
    if kind is not EventKind.CARD_HANDED_OVER:
        return None
    (number,) = fields.array(19, length=1)
    if len(fields.as_text(19, number)) != NUMBER_LENGTH:
        fields.refuse(19, f"must be a card number of {NUMBER_LENGTH} characters")
    return str(number)


def _handover(fields: Reader, kind: EventKind) -> Handover | None:
    if kind not in (EventKind.TAKEN_OVER, EventKind.ROW_RELEASED):
        return None
    other, tags = fields.array(19, length=2)
    read_tags = tuple(fields.as_octets(19, tag, ID_LENGTH) for tag in fields.as_array(19, tags))
    if not read_tags or len(set(read_tags)) != len(read_tags):
        fields.refuse(19, "must list at least one tag, each once")
    phone = fields.as_octets(19, other, ID_LENGTH)
    if phone == fields.value(2):
        fields.refuse(19, "must name another phone")
    if kind is EventKind.ROW_RELEASED:
        return Handover(phone, read_tags, other_lease_id=fields.octets(20, ID_LENGTH))
    data = fields.value(20)
    if not isinstance(data, bytes) or not 0 < len(data) <= _RELEASE_BYTES_MAX:
        fields.refuse(20, f"must hold a signed event of at most {_RELEASE_BYTES_MAX} bytes")
    return Handover(phone, read_tags, release=bytes(data))
