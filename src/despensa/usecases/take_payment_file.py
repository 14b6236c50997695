"""
Note that the file of a held list leaves the house; from now on its payments may have been made.

Source: docs/explanation/design.md, section 8.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.payments import store

ACTION = "take_payment_file"


def take_payment_file(disbursement: UUID, *, acting: Acting) -> bool:
    """Return whether the file leaves for the first time; every time is written down."""
    with transaction.atomic(using=LEDGER):
        is_first = store.take_file(disbursement, at=acting.at)
        columns: dict[int | str, object] = {"taken_at": acting.at}
        rows = journal_rows.updated("disbursement", [(disbursement.bytes, columns)])
        journal_store.record(LEDGER, ACTION, acting, rows)
    return is_first
