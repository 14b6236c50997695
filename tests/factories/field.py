"""Builders for the field: fixed keys, a certified phone, its lease, cards and events."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from despensa.adapters import hpke
from despensa.adapters.field_device import FieldDevice
from despensa.domain.card import tag as chain
from despensa.domain.card.claims import EntitlementCard
from despensa.domain.card.envelope import encode_entitlement_card
from despensa.domain.device import (
    DeviceCertificate,
    Protection,
    certificate_hash,
    sign_certificate,
)
from despensa.domain.encoding import cose
from despensa.domain.event import Event, EventKind, Means, sign_event
from despensa.domain.lease import (
    Collector,
    CollectorCheckKind,
    CollectorRole,
    Lease,
    LeaseCard,
    LeaseEntitlement,
    Scope,
    SessionHours,
    lease_info,
    seal_holder,
    sign_lease,
)


class Signing:
    """A fixed Ed25519 key pair."""

    def __init__(self, seed: int) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = self._private.public_key().public_bytes_raw()
        self.ring = {cose.key_id(self.public): self.public}

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data)


class Sealing:
    """A fixed X25519 key pair."""

    def __init__(self, seed: int) -> None:
        private = X25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.private = private.private_bytes_raw()
        self.public = private.public_key().public_bytes_raw()


def an_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


DAY = 20_778  # 2026-11-21
OPENS_AT = DAY * 86_400 + 8 * 3600
CLOSES_AT = OPENS_AT + 8 * 3600
NOW = OPENS_AT + 1800
LEASE_ENDS_AT = CLOSES_AT + 48 * 3600
CARD_EXPIRES_AT = OPENS_AT + 4 * 365 * 86_400
CARD_ISSUED_AT = (DAY - 20) * 86_400

AUTHORITY, ISSUER, STRANGER = Signing(0xA1), Signing(0x15), Signing(0x66)
PHONE, OTHER_PHONE = Signing(0xD1), Signing(0xD2)
PHONE_SEALING, INBOX, CYCLE_KEY = Sealing(0x5E), Sealing(0x1B), Sealing(0xCC)

WORKSPACE, AREA, POINT, OTHER_POINT = an_id(1), an_id(2), an_id(3), an_id(4)
DEVICE, OTHER_DEVICE, SESSION, LEASE = an_id(5), an_id(6), an_id(7), an_id(8)
PROGRAMME, CYCLE = an_id(9), an_id(10)
SECOND_PROGRAMME, SECOND_CYCLE = an_id(11), an_id(12)
OPERATOR, POINT_LEAD = an_id(13), an_id(14)
LOOKUP_KEY = bytes([0x70]) * 32
PARCEL = 1
GOODS = ((PARCEL, 1),)
EPOCH, STEP = 8, 10
NUMBERS = ("C7Q488KD2T", "7H2M9RTWX9")


def a_certificate(
    device_id=DEVICE, signing=PHONE.public, sealing=PHONE_SEALING.public
) -> DeviceCertificate:
    return DeviceCertificate(
        device_id=device_id,
        workspace_id=WORKSPACE,
        signing_key=signing,
        sealing_key=sealing,
        area_id=AREA,
        issued_at=OPENS_AT - 86_400,
        expires_at=OPENS_AT + 90 * 86_400,
        protection=Protection.SERVER_HELD_DEMO,
    )


def certificate_bytes(certificate: DeviceCertificate | None = None) -> bytes:
    return sign_certificate(
        certificate or a_certificate(), public_key=AUTHORITY.public, signer=AUTHORITY.sign
    )


def a_card(number: int = 0, **changes) -> EntitlementCard:
    fields = {
        "number": NUMBERS[number],
        "issued_at": CARD_ISSUED_AT,
        "expires_at": CARD_EXPIRES_AT,
        "epoch": EPOCH,
        "secret": bytes([0x30 + number]) * 16,
    }
    return EntitlementCard(**fields | changes)


def card_text(card: EntitlementCard | None = None, issuer: Signing = ISSUER) -> str:
    return encode_entitlement_card(card or a_card(), public_key=issuer.public, signer=issuer.sign)


def tag_of(card, *, step=STEP, programme=PROGRAMME, cycle=CYCLE) -> bytes:
    link = chain.walk(chain.Link(card.epoch, card.secret), step)
    return chain.tag16(link.key, programme=programme, cycle=cycle)


def lease_card(card, *, step=STEP, programme=PROGRAMME, cycle=CYCLE, names=()) -> LeaseCard:
    tag = tag_of(card, step=step, programme=programme, cycle=cycle)
    holder = None
    if names:
        link = chain.walk(chain.Link(card.epoch, card.secret), step)
        holder = seal_holder(
            [Collector(CollectorRole.PRIMARY, name) for name in names],
            holder_key=chain.holder_key(link.key, lease=LEASE),
            tag=tag,
            nonce=bytes(12),
        )
    lookup = chain.number_lookup8(LOOKUP_KEY, card.number)
    return LeaseCard(step, tag, lookup, step, holder)


def a_lease(cards=(), **changes) -> Lease:
    entitlements = tuple(
        LeaseEntitlement(0, GOODS, (lease_card(card),)) for card in cards or (a_card(),)
    )
    fields = {
        "lease_id": LEASE,
        "workspace_id": WORKSPACE,
        "device_id": DEVICE,
        "session_id": SESSION,
        "point_id": POINT,
        "issued_at": OPENS_AT - 3600,
        "expires_at": LEASE_ENDS_AT,
        "hours": SessionHours(DAY, OPENS_AT, CLOSES_AT),
        "issuer_keys": (ISSUER.public,),
        "scopes": (Scope(PROGRAMME, CYCLE),),
        "entitlements": entitlements,
        "lookup_key": LOOKUP_KEY,
        "inbox_key": INBOX.public,
        "check": CollectorCheckKind.NONE,
    }
    return Lease(**fields | changes)


def lease_bytes(lease: Lease | None = None) -> bytes:
    return sign_lease(lease or a_lease(), public_key=AUTHORITY.public, signer=AUTHORITY.sign)


def sealed_lease(lease: Lease, phone_key: bytes) -> bytes:
    info = lease_info(device_id=lease.device_id, lease_id=lease.lease_id)
    return hpke.seal(phone_key, lease_bytes(lease), info)


def an_event(seq: int = 1, previous: bytes | None = None, **changes) -> Event:
    fields = {
        "event_id": an_id(1000 + seq),
        "device_id": DEVICE,
        "seq": seq,
        "previous_hash": previous or certificate_hash(certificate_bytes()),
        "kind": EventKind.DELIVERED,
        "claimed_at": NOW + seq,
        "session_id": SESSION,
        "lease_id": LEASE,
        "operator_id": OPERATOR,
    }
    if changes.get("kind", EventKind.DELIVERED) is EventKind.DELIVERED:
        fields |= {"tag": tag_of(a_card()), "goods": GOODS, "means": Means.CAMERA}
    return Event(**fields | changes)


def event_bytes(event: Event | None = None, phone: Signing = PHONE) -> bytes:
    return sign_event(event or an_event(), public_key=phone.public, signer=phone.sign)


def a_phone(folder, *, lease=None, device_id=DEVICE, is_open=True) -> FieldDevice:
    """A phone with a certificate and, unless `lease` is False, a list and an open session."""
    phone = FieldDevice.create(folder, device_id=device_id)
    keys = phone.public_keys
    certificate = certificate_bytes(a_certificate(device_id, keys.signing, keys.sealing))
    phone.install(
        certificate,
        authority_keys=[AUTHORITY.public],
        inbox_key=INBOX.public,
        issuer_keys=[ISSUER.public],
    )
    if lease is not False:
        lease = lease or a_lease(device_id=device_id)
        phone.load_lease(lease.lease_id, sealed_lease(lease, keys.sealing))
        if is_open:
            phone.open_session(NOW, OPERATOR)
    return phone
