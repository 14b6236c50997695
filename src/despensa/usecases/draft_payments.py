"""
Write a list of payments that is about to be proposed; nothing of it is held or paid by this.

Source: docs/explanation/design.md, section 8.
"""

from collections.abc import Sequence

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.payment.plan import Draft
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.payments import store

ACTION = "draft_payments"


def draft_payments(
    draft: Draft, payments: Sequence[tuple[str, bytes, int]], *, acting: Acting
) -> None:
    """Write a list and its (reference, account, amount), sorted by reference."""
    with transaction.atomic(using=LEDGER):
        store.add_draft(draft, sorted(payments), at=acting.at)
        row: dict[int | str, object] = {
            "cycle": draft.cycle.bytes,
            "unit": draft.unit,
            "provider": draft.provider.bytes,
            "file_hash": draft.file_hash,
            "count": draft.count,
            "total": draft.total,
        }
        rows = journal_rows.inserted("disbursement", [(draft.id.bytes, row)])
        journal_store.record(LEDGER, ACTION, acting, rows)
