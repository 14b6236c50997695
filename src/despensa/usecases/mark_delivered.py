"""Mark the ledger's messages as delivered, once the registry has applied them."""

from collections.abc import Sequence

from django.db import transaction

from despensa.records import journal_store
from despensa.records.databases import LEDGER


def mark_ledger_messages(positions: Sequence[int], *, now: int) -> None:
    """Remember that the registry has applied these messages; again is nothing."""
    with transaction.atomic(using=LEDGER):
        journal_store.mark_delivered(LEDGER, positions, now=now)
