"""
One phone takes over from another what it has not handed out, with no network between them.

The phone that takes over asks with a code of its own; the other one writes its release and shows
what it releases, for that one asking and that one list. Decides whether a code is what it says; the
twin of `domain/takeover.js` of the phone, both play vectors/lease/takeover.json.
Source: docs/reference/formats.md section 3; docs/decisions/0039.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from despensa.domain.device import DeviceCertificate, verify_certificate
from despensa.domain.encoding import cose
from despensa.domain.event import Event, EventKind, verify_event
from despensa.domain.lease import (
    Lease,
    LeaseEntitlement,
    Scope,
    entitlement_array,
    read_entitlement,
    read_scope,
)
from despensa.domain.payload import ID_LENGTH, KEY_LENGTH, Reader

ASK_LABEL = b"despensa/take-over/1"
LABEL = b"despensa/hand-over/1"
VERSION = 1
_ASK_KEYS = frozenset(range(6))
_KEYS = frozenset(range(5))


class TakeOverTrouble(StrEnum):
    """Why a code moves nothing; in the order in which it is asked."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    OTHER_OFFICE = "other_office"
    EXPIRED = "expired"
    OWN = "own"
    OTHER_SESSION = "other_session"
    NOT_ASKED = "not_asked"
    OTHER_LIST = "other_list"
    NOT_RELEASED = "not_released"
    OTHER_CYCLE = "other_cycle"
    CARD_LISTED = "card_listed"


class TakeOverRefused(ValueError):
    """The code moves nothing, for `trouble`."""

    def __init__(self, trouble: TakeOverTrouble) -> None:
        """Hold why."""
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Asking:
    """A phone asks for what another one has left: into which list, and under which number."""

    device_id: bytes
    lease_id: bytes
    session_id: bytes
    asked_at: int
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Group:
    """Entitlements of one list, which finds typed numbers by its own key."""

    lease_id: bytes
    lookup_key: bytes = field(repr=False)
    entitlements: tuple[LeaseEntitlement, ...]


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a phone releases to another one: its signed event of kind 9, and the rows."""

    release: bytes = field(repr=False)
    nonce: bytes
    scopes: tuple[Scope, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a phone may take into its list: its scopes are the list's own; `released` is key 20."""

    other: DeviceCertificate
    event: Event
    released: bytes = field(repr=False)
    groups: tuple[Group, ...]


def sign_asking(
    asking: Asking, *, public_key: bytes, signer: cose.Signer, certificate: bytes
) -> bytes:
    """
    Return a phone's asking, under its certificate.

    Source: docs/reference/formats.md section 3.
    """
    payload = dict(
        enumerate(
            [VERSION, asking.device_id, asking.lease_id, asking.session_id, asking.asked_at,
             asking.nonce]
        )
    )  # fmt: skip
    return cose.sign(
        payload, label=ASK_LABEL, public_key=public_key, signer=signer, certificate=certificate
    )


def read_asking(
    data: bytes, own: Lease, *, authority_keys: Mapping[bytes, bytes], now: int
) -> tuple[Asking, DeviceCertificate]:
    """
    Return another phone's asking, as the phone sees it whose list is `own`.

    Raises: TakeOverRefused.
    """
    fields, other = _signed(data, ASK_LABEL, _ASK_KEYS, own, authority_keys, now)
    try:
        fields.exactly(_ASK_KEYS)
        fields.uint(0, at_least=VERSION, at_most=VERSION)
        asking = Asking(
            device_id=fields.octets(1, ID_LENGTH),
            lease_id=fields.octets(2, ID_LENGTH),
            session_id=fields.octets(3, ID_LENGTH),
            asked_at=fields.uint(4),
            nonce=fields.octets(5, ID_LENGTH),
        )
        if asking.device_id != other.device_id:
            fields.refuse(1, "must name the phone that signs")
    except cose.MalformedSignature as error:
        raise TakeOverRefused(TakeOverTrouble.MALFORMED) from error
    if asking.session_id != own.session_id:
        raise TakeOverRefused(TakeOverTrouble.OTHER_SESSION)
    return asking, other


def sign_hand_over(
    hand_over: HandOver, *, public_key: bytes, signer: cose.Signer, certificate: bytes
) -> bytes:
    """
    Return what a phone releases, under its certificate; it is sealed to the other phone's key.

    Source: docs/reference/formats.md section 3.
    """
    groups = [
        [item.lease_id, item.lookup_key, [entitlement_array(one) for one in item.entitlements]]
        for item in hand_over.groups
    ]
    scopes = [[scope.programme_id, scope.cycle_id] for scope in hand_over.scopes]
    payload = dict(enumerate([VERSION, hand_over.release, hand_over.nonce, scopes, groups]))
    return cose.sign(
        payload, label=LABEL, public_key=public_key, signer=signer, certificate=certificate
    )


def seal_info(nonce: bytes) -> bytes:
    """Return the HPKE info under which a hand-over is sealed to the phone that asked."""
    return LABEL + nonce


def read_hand_over(
    data: bytes, own: Lease, *, nonce: bytes, authority_keys: Mapping[bytes, bytes], now: int
) -> Taken:
    """
    Return what the phone whose list is `own` may take into it; `nonce` is that of its asking.

    Raises: TakeOverRefused.
    """
    fields, other = _signed(data, LABEL, _KEYS, own, authority_keys, now)
    try:
        made = _hand_over(fields)
        event = verify_event(made.release, certificate=other)
    except cose.MalformedSignature as error:
        raise TakeOverRefused(TakeOverTrouble.MALFORMED) from error
    except (cose.BadSignature, cose.UnknownKey) as error:
        raise TakeOverRefused(TakeOverTrouble.BAD_SIGNATURE) from error
    if event.session_id != own.session_id:
        raise TakeOverRefused(TakeOverTrouble.OTHER_SESSION)
    if made.nonce != nonce:
        raise TakeOverRefused(TakeOverTrouble.NOT_ASKED)
    _check_release(event, made.groups, own)
    return Taken(other, event, made.release, _groups_in(made, own))


def is_release_for(release: Event, taken: Event) -> bool:
    """
    Return whether a verified event of another phone releases what a taking over names.

    What the office asks of key 20, and the phone before it takes anything.
    """
    given, got = release.handover, taken.handover
    return (
        release.kind is EventKind.ROW_RELEASED
        and given is not None
        and got is not None
        and given.other_device_id == taken.device_id
        and given.other_lease_id == taken.lease_id
        and got.other_device_id == release.device_id
        and got.tags == given.tags
    )


def _signed(
    data: bytes,
    label: bytes,
    allowed: frozenset[int],
    own: Lease,
    authority_keys: Mapping[bytes, bytes],
    now: int,
) -> tuple[Reader, DeviceCertificate]:
    """Return the fields that another phone of this office signed. Raises: TakeOverRefused."""
    try:
        header = cose.parse(data).certificate
        if header is None:
            raise TakeOverRefused(TakeOverTrouble.MALFORMED)
        other = verify_certificate(header, authority_keys=authority_keys)
        verified = cose.verify(data, label=label, keys=other.keys, allowed=allowed)
    except cose.MalformedSignature as error:
        raise TakeOverRefused(TakeOverTrouble.MALFORMED) from error
    except cose.UnknownKey as error:
        raise TakeOverRefused(TakeOverTrouble.UNKNOWN_KEY) from error
    except cose.BadSignature as error:
        raise TakeOverRefused(TakeOverTrouble.BAD_SIGNATURE) from error
    if other.workspace_id != own.workspace_id:
        raise TakeOverRefused(TakeOverTrouble.OTHER_OFFICE)
    if not other.is_current(now):
        raise TakeOverRefused(TakeOverTrouble.EXPIRED)
    if other.device_id == own.device_id:
        raise TakeOverRefused(TakeOverTrouble.OWN)
    return Reader("take-over", verified.payload), other


def _hand_over(fields: Reader) -> HandOver:
    fields.exactly(_KEYS)
    fields.uint(0, at_least=VERSION, at_most=VERSION)
    release = fields.value(1)
    if not isinstance(release, bytes):
        fields.refuse(1, "must hold a signed event")
    scopes = tuple(read_scope(fields, 3, item) for item in fields.array(3))
    groups = tuple(_group(fields, item, len(scopes)) for item in fields.array(4))
    tags = [card.tag for group in groups for one in group.entitlements for card in one.cards]
    if not tags or len(set(tags)) != len(tags):
        fields.refuse(4, "must list at least one card, each once")
    return HandOver(bytes(release), fields.octets(2, ID_LENGTH), scopes, groups)


def _group(fields: Reader, value: Any, scope_count: int) -> Group:
    lease_id, lookup_key, listed = fields.as_array(4, value, length=3)
    return Group(
        fields.as_octets(4, lease_id, ID_LENGTH),
        fields.as_octets(4, lookup_key, KEY_LENGTH),
        tuple(
            read_entitlement(fields, 4, item, scope_count) for item in fields.as_array(4, listed)
        ),
    )


def _check_release(event: Event, groups: Sequence[Group], own: Lease) -> None:
    given = event.handover
    if (
        event.kind is not EventKind.ROW_RELEASED
        or given is None
        or given.other_device_id != own.device_id
        or given.other_lease_id != own.lease_id
    ):
        raise TakeOverRefused(TakeOverTrouble.OTHER_LIST)
    tags = {card.tag for group in groups for one in group.entitlements for card in one.cards}
    if tags != set(given.tags):
        raise TakeOverRefused(TakeOverTrouble.NOT_RELEASED)


def _groups_in(made: HandOver, own: Lease) -> tuple[Group, ...]:
    """Return the groups with the scopes of the phone's own list. Raises: TakeOverRefused."""
    if any(scope not in own.scopes for scope in made.scopes):
        raise TakeOverRefused(TakeOverTrouble.OTHER_CYCLE)
    places = [own.scopes.index(scope) for scope in made.scopes]
    listed = {card.tag for one in own.entitlements for card in one.cards}
    groups = tuple(
        replace(
            group,
            entitlements=tuple(replace(one, scope=places[one.scope]) for one in group.entitlements),
        )
        for group in made.groups
    )
    if any(
        card.tag in listed for group in groups for one in group.entitlements for card in one.cards
    ):
        raise TakeOverRefused(TakeOverTrouble.CARD_LISTED)
    return groups
