"""Show an operator the code by which she, and nobody else, sets her PIN on one phone."""

from uuid import UUID

from django.db import transaction

from despensa.domain import pin_code
from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Signatory
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.service_points import store

_CODE_LENGTH = 16


class NotHerPhone(LookupError):
    """The phone is not in use, or is not one that this person works with."""


def offer_pin(device: UUID, *, acting: Acting, signatory: Signatory) -> bytes:
    """
    Return the signed code; it is kept nowhere, that it was made is in the journal.

    Raises: NotHerPhone.
    """
    if acting.staff is None:
        raise ValueError("a PIN is a person's own")
    with transaction.atomic(using=LEDGER):
        row = store.lock_device(device)
        named = set() if row is None else {staff for staff, _ in row.operators}
        if row is None or row.state != store.ACTIVE or str(acting.staff) not in named:
            raise NotHerPhone("This phone is not one that you work with. Nothing was made.")
        code = pin_code.PinCode(
            workspace_id=acting.workspace.bytes,
            device_id=device.bytes,
            operator_id=acting.staff.bytes,
            expires_at=acting.at + pin_code.CODE_SECONDS,
            code_id=acting.random(_CODE_LENGTH),
        )
        rows = journal_rows.updated("device", [(device.bytes, {"pin_code": code.code_id})])
        journal_store.record(LEDGER, "offer_pin", acting, rows)
    return signatory.sign(pin_code.to_map(code), label=pin_code.LABEL)
