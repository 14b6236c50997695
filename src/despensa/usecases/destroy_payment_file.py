"""
Record that the sealed file of a list is gone: refused, or past its last day; the log says so.

0 recorded before? · 1 record it. The keeper destroyed the file before; killed between, the next round
asks it again. Source: docs/explanation/design.md, section 8.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.payments import store

ACTION = "destroy_payment_file"


def destroy_payment_file(disbursement: UUID, *, acting: Acting) -> bool:
    """Return whether it was recorded now."""
    with transaction.atomic(using=LEDGER):
        if not store.note_destroyed(disbursement, at=acting.at):
            return False
        columns: dict[int | str, object] = {"destroyed_at": acting.at}
        rows = journal_rows.updated("disbursement", [(disbursement.bytes, columns)])
        journal_store.record(LEDGER, ACTION, acting, rows)
    return True
