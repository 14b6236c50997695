"""
The lease: the signed list of entitlements that one phone may hand over in one session.

Decides the bytes of the list and of the collectors' names sealed inside it, and that a list is
the authority's. Wrapping it to the phone's key is `adapters/hpke.py`; what is handed over is
`redemption`. Source: docs/reference/formats.md sections 2 and 3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.domain.encoding import cose, dcbor
from despensa.domain.payload import (
    ID_LENGTH,
    KEY_LENGTH,
    Goods,
    Reader,
    goods_array,
    without_header,
)

LABEL = b"despensa/lease/1"
VERSION = 1
NONCE_LENGTH = 12
LOOKUP_LENGTH = 8
BYTES_MAX = 1 << 24
_HOLDER_LABEL = b"despensa/holder/1"
_KEYS = frozenset(range(18))
_STEP_MAX = 2**16 - 1
NAME_MAX = 120


class HolderSealBroken(ValueError):
    """The sealed collectors do not belong to this card, this lease or this tag."""


class CollectorCheckKind(IntEnum):
    """How a programme has its collectors confirmed."""

    NONE = 0
    PIN = 1
    NAME = 2


class CollectorRole(IntEnum):
    """Who collects for the household; a proxy is never in a lease."""

    PRIMARY = 1
    ALTERNATE = 2
    PROXY = 3


@dataclass(frozen=True, slots=True)
class Collector:
    """One person who may collect, as sealed under the card's holder key."""

    role: CollectorRole
    name: str = field(repr=False)
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LeaseCard:
    """One usable card of a household: how to find it, and who may collect with it."""

    step: int
    tag: bytes
    number_lookup: bytes
    holder_epoch: int
    holder: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LeaseEntitlement:
    """What one household gets in one scope, with its cards; `scope` is an index."""

    scope: int
    goods: Goods
    cards: tuple[LeaseCard, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """One cycle of one programme."""

    programme_id: bytes
    cycle_id: bytes


@dataclass(frozen=True, slots=True)
class SessionHours:
    """
    The published hours of a session.

    Units: `day` in days since 1970-01-01 of the local calendar, instants in seconds UTC.
    """

    day: int
    opens_at: int
    closes_at: int


@dataclass(frozen=True, slots=True)
class Lease:
    """Everything a phone needs for one session, in the order of its keys."""

    lease_id: bytes
    workspace_id: bytes
    device_id: bytes
    session_id: bytes
    point_id: bytes
    issued_at: int
    expires_at: int
    hours: SessionHours
    issuer_keys: tuple[bytes, ...]
    scopes: tuple[Scope, ...]
    entitlements: tuple[LeaseEntitlement, ...]
    lookup_key: bytes = field(repr=False)
    inbox_key: bytes
    table: int = 0
    check: CollectorCheckKind = CollectorCheckKind.NONE
    appeal_days: int = 30
    supervised_cap: int = 5


def sign_lease(lease: Lease, *, public_key: bytes, signer: cose.Signer) -> bytes:
    """
    Return the lease signed by the authority, ready to be wrapped for its phone.

    Raises: cose.MalformedSignature when the lease breaks a rule that readers check.
    Source: docs/reference/formats.md section 3.
    """
    payload = to_map(lease)
    _from_map(payload)
    return cose.sign(payload, label=LABEL, public_key=public_key, signer=signer)


def verify_lease(data: bytes, *, authority_keys: Mapping[bytes, bytes]) -> Lease:
    """
    Return a lease once one of the authority's keys vouches for it.

    Whether it is meant for this phone, and still runs, is asked by the caller
    (`device_id`, `expires_at`).

    Raises: cose.MalformedSignature, cose.UnknownKey, cose.BadSignature.
    """
    verified = cose.verify(
        data, label=LABEL, keys=authority_keys, allowed=_KEYS, bytes_max=BYTES_MAX
    )
    return _from_map(without_header(verified, "lease"))


def lease_info(*, device_id: bytes, lease_id: bytes) -> bytes:
    """Return the HPKE info under which a lease is wrapped for its phone."""
    return LABEL + device_id + lease_id


def seal_holder(
    collectors: Sequence[Collector], *, holder_key: bytes, tag: bytes, nonce: bytes
) -> bytes:
    """
    Return the sealed collectors of one card: nonce12 ‖ GCM.

    Holds: the nonce is fresh for the holder key.
    Source: docs/reference/formats.md section 3.
    """
    rows = [[int(item.role), item.name, item.pin] for item in collectors]
    sealed = AESGCM(holder_key).encrypt(nonce, dcbor.encode(rows), _HOLDER_LABEL + tag)
    return nonce + sealed


def open_holder(data: bytes, *, holder_key: bytes, tag: bytes) -> tuple[Collector, ...]:
    """
    Return the collectors of the card whose chain made the holder key.

    Shape: in the order in which they were sealed.
    Raises: HolderSealBroken.
    """
    nonce, sealed = data[:NONCE_LENGTH], data[NONCE_LENGTH:]
    try:
        rows = dcbor.decode(AESGCM(holder_key).decrypt(nonce, sealed, _HOLDER_LABEL + tag))
        fields = Reader("holder", {0: rows})
        return tuple(_collector(fields, row) for row in fields.array(0))
    except (InvalidTag, ValueError) as error:
        raise HolderSealBroken("the collectors' names do not open with this card") from error


def _collector(fields: Reader, row: Any) -> Collector:
    role, name, pin = fields.as_array(0, row, length=3)
    return Collector(
        role=CollectorRole(fields.as_uint(0, role, at_least=1, at_most=2)),
        name=fields.as_text(0, name, characters_max=NAME_MAX),
        pin=None if pin is None else fields.as_text(0, pin),
    )


def card_array(card: LeaseCard) -> list[Any]:
    """Return a card as the array that leases and slips hold."""
    return [card.step, card.tag, card.number_lookup, card.holder_epoch, card.holder]


def read_card(fields: Reader, key: int, value: Any) -> LeaseCard:
    """Return the card that an array in field `key` describes."""
    step, tag, lookup, holder_epoch, holder = fields.as_array(key, value, length=5)
    read_step = fields.as_uint(key, step, at_most=_STEP_MAX)
    if holder is not None and not (isinstance(holder, bytes) and len(holder) > NONCE_LENGTH):
        fields.refuse(key, "must hold sealed collectors or null")
    return LeaseCard(
        step=read_step,
        tag=fields.as_octets(key, tag, ID_LENGTH),
        number_lookup=fields.as_octets(key, lookup, LOOKUP_LENGTH),
        # a name is never sealed under an older link than the tag: that would outlive the step
        holder_epoch=fields.as_uint(key, holder_epoch, at_least=read_step, at_most=_STEP_MAX),
        holder=holder,
    )


def entitlement_array(item: LeaseEntitlement) -> list[Any]:
    """Return an entitlement as the array that leases and hand-overs hold."""
    return [item.scope, goods_array(item.goods), [card_array(card) for card in item.cards]]


def to_map(lease: Lease) -> dict[int, Any]:
    """
    Return the map the authority signs, for a keeper that holds its key.

    Source: docs/reference/formats.md section 3.
    """
    return {
        0: VERSION,
        1: lease.lease_id,
        2: lease.workspace_id,
        3: lease.device_id,
        4: lease.session_id,
        5: lease.point_id,
        6: lease.issued_at,
        7: lease.expires_at,
        8: [lease.hours.day, lease.hours.opens_at, lease.hours.closes_at],
        9: [[cose.key_id(public), public] for public in lease.issuer_keys],
        10: [[scope.programme_id, scope.cycle_id] for scope in lease.scopes],
        11: [entitlement_array(item) for item in lease.entitlements],
        12: lease.lookup_key,
        13: lease.table,
        14: int(lease.check),
        15: [cose.key_id(lease.inbox_key), lease.inbox_key],
        16: lease.appeal_days,
        17: lease.supervised_cap,
    }


def _from_map(payload: Mapping[int, Any]) -> Lease:
    fields = Reader("lease", payload)
    fields.exactly(_KEYS)
    fields.uint(0, at_least=VERSION, at_most=VERSION)
    issued_at = fields.uint(6)
    scopes = tuple(read_scope(fields, 10, item) for item in fields.array(10))
    if not scopes or len(set(scopes)) != len(scopes):
        fields.refuse(10, "must name at least one cycle, each once")
    entitlements = tuple(
        read_entitlement(fields, 11, item, len(scopes)) for item in fields.array(11)
    )
    tags = [card.tag for item in entitlements for card in item.cards]
    if len(set(tags)) != len(tags):
        fields.refuse(11, "must not list a tag twice")
    return Lease(
        lease_id=fields.octets(1, ID_LENGTH),
        workspace_id=fields.octets(2, ID_LENGTH),
        device_id=fields.octets(3, ID_LENGTH),
        session_id=fields.octets(4, ID_LENGTH),
        point_id=fields.octets(5, ID_LENGTH),
        issued_at=issued_at,
        expires_at=fields.uint(7, at_least=issued_at + 1),
        hours=_hours(fields),
        issuer_keys=tuple(_keyed(fields, 9, item) for item in fields.array(9)),
        scopes=scopes,
        entitlements=entitlements,
        lookup_key=fields.octets(12, KEY_LENGTH),
        table=fields.uint(13),
        check=CollectorCheckKind(fields.uint(14, at_most=2)),
        inbox_key=_keyed(fields, 15, fields.value(15)),
        appeal_days=fields.uint(16),
        supervised_cap=fields.uint(17),
    )


def _hours(fields: Reader) -> SessionHours:
    day, opens_at, closes_at = fields.array(8, length=3)
    opens = fields.as_uint(8, opens_at)
    return SessionHours(
        day=fields.as_uint(8, day),
        opens_at=opens,
        closes_at=fields.as_uint(8, closes_at, at_least=opens + 1),
    )


def _keyed(fields: Reader, key: int, value: Any) -> bytes:
    kid, public = fields.as_array(key, value, length=2)
    public_key = fields.as_octets(key, public, KEY_LENGTH)
    if kid != cose.key_id(public_key):
        fields.refuse(key, "must name each key by its own id")
    return public_key


def read_scope(fields: Reader, key: int, value: Any) -> Scope:
    """Return the scope that an array in field `key` describes."""
    programme, cycle = fields.as_array(key, value, length=2)
    return Scope(
        fields.as_octets(key, programme, ID_LENGTH), fields.as_octets(key, cycle, ID_LENGTH)
    )


def read_entitlement(fields: Reader, key: int, value: Any, scope_count: int) -> LeaseEntitlement:
    """Return the entitlement that an array in field `key` describes."""
    scope, goods, cards = fields.as_array(key, value, length=3)
    read_cards = tuple(read_card(fields, key, card) for card in fields.as_array(key, cards))
    if not read_cards:
        fields.refuse(key, "must list at least one card per entitlement")
    return LeaseEntitlement(
        scope=fields.as_uint(key, scope, at_most=scope_count - 1),
        goods=fields.as_goods(key, goods),
        cards=read_cards,
    )
