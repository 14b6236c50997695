"""
Enrol the phone that read a one-time code: certificate and operators, once.

0 asked before? the same certificate while the code lives · 1 lock the code · 2 certify and write.
A code that was read by two phones enrols the first. Source: docs/reference/device-api.md.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain import device as certificates
from despensa.domain import phone_request
from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Signatory
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.service_points import offer_store, store

DeviceKnown = store.DeviceKnown


class CodeNotValid(PermissionError):
    """The code is unknown, too old or was used by another phone; which of these is not told."""


def enrol_by_code(
    request: phone_request.EnrolRequest, *, acting: Acting, signatory: Signatory
) -> store.DeviceRow:
    """
    Return the enrolled phone.

    Raises: CodeNotValid; DeviceKnown when the phone, or its key, is enrolled already.
    """
    digest = phone_request.code_hash(request.code)
    device_id = UUID(bytes=request.device_id)
    with transaction.atomic(using=LEDGER):
        offer = offer_store.lock_offer(digest)
        if offer is None or acting.at >= offer.expires_at:
            raise _refused()
        if offer.device is not None:
            return _enrolled_before(offer.device, request)
        content = certificates.first_certificate(
            device=request.device_id,
            workspace=acting.workspace.bytes,
            signing_key=request.signing_key,
            sealing_key=request.sealing_key,
            area=offer.area.bytes,
            protection=request.protection,
            now=acting.at,
        )
        signed = signatory.sign(certificates.to_map(content), label=certificates.LABEL)
        row = store.DeviceRow(
            id=device_id,
            public_key=request.signing_key,
            sealing_key=request.sealing_key,
            certificate=signed,
            area=offer.area,
            state=store.ACTIVE,
            expires_at=content.expires_at,
            next_seq=1,
            last_hash=certificates.certificate_hash(signed),
            operators=offer.operators,
        )
        store.add_device(row)
        offer_store.use_offer(digest, device_id)
        rows = journal_rows.inserted(
            "device", [(device_id.bytes, {"certificate": signed, "area": offer.area.bytes})]
        ) + journal_rows.updated("device_offer", [(digest, {"device_id": device_id.bytes})])
        journal_store.record(LEDGER, "enrol_device", acting, rows)
    return row


def _enrolled_before(device: UUID, request: phone_request.EnrolRequest) -> store.DeviceRow:
    """Return the phone a used code enrolled, if it is the one that asks again."""
    row = store.lock_device(device)
    asked = (request.device_id, request.signing_key, request.sealing_key)
    if row is None or (row.id.bytes, row.public_key, row.sealing_key) != asked:
        raise _refused()
    return row


def _refused() -> CodeNotValid:
    return CodeNotValid(
        "This code is unknown, was used or is older than ten minutes. Ask for a new one."
    )
