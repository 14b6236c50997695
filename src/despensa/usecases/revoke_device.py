"""Revoke a lost or stolen phone, in one step and at once: what it still sends is set aside."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.reach import Reach
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.service_points import store


class NoSuchDevice(LookupError):
    """There is no phone of this id, or none in reach."""


def revoke_device(device: UUID, *, reach: Reach, acting: Acting) -> bool:
    """
    Return whether the phone was revoked now; one that was revoked before stays so.

    It gets no list any more. Lists that it holds end by their time or are broken by two people:
    what it handed over before it was lost may still come in.
    `reach` is where whoever revokes it manages phones: the ledger cannot see roles.
    Raises: NoSuchDevice, also for one out of reach.
    """
    with transaction.atomic(using=LEDGER):
        row = store.lock_device(device)
        if row is None or not reach.holds(row.area):
            raise NoSuchDevice("There is no such phone: nothing was changed.")
        if not store.revoke_device(device):
            return False
        rows = journal_rows.updated("device", [(device.bytes, {"state": store.REVOKED})])
        journal_store.record(LEDGER, "revoke_device", acting, rows)
    return True
