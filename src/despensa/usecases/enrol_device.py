"""Enrol a phone: the authority certifies its public keys for an area and a time."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from despensa.domain import device as certificates
from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Signatory
from despensa.domain.reach import Reach
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.service_points import store


@dataclass(frozen=True, slots=True)
class NewDevice:
    """What a phone says of itself when it is enrolled."""

    id: UUID
    signing_key: bytes = field(repr=False)
    sealing_key: bytes = field(repr=False)
    area: UUID
    protection: certificates.Protection


def enrol_device(new: NewDevice, *, reach: Reach, acting: Acting, signatory: Signatory) -> bytes:
    """
    Return the signed certificate of the phone.

    `reach` is where whoever enrols it may run points: the ledger cannot see roles.
    Raises: OutOfReach; DeviceKnown.
    """
    reach.require_people(new.area)
    content = certificates.first_certificate(
        device=new.id.bytes,
        workspace=acting.workspace.bytes,
        signing_key=new.signing_key,
        sealing_key=new.sealing_key,
        area=new.area.bytes,
        protection=new.protection,
        now=acting.at,
    )
    signed = signatory.sign(certificates.to_map(content), label=certificates.LABEL)
    with transaction.atomic(using=LEDGER):
        store.add_device(
            store.DeviceRow(
                id=new.id,
                public_key=new.signing_key,
                sealing_key=new.sealing_key,
                certificate=signed,
                area=new.area,
                state=store.ACTIVE,
                expires_at=content.expires_at,
                next_seq=1,
                last_hash=certificates.certificate_hash(signed),
            )
        )
        rows = journal_rows.inserted(
            "device", [(new.id.bytes, {"certificate": signed, "area": new.area.bytes})]
        )
        journal_store.record(LEDGER, "enrol_device", acting, rows)
    return signed
