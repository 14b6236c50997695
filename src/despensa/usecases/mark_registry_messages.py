"""Mark the registry's messages as delivered, once the ledger has applied them."""

from collections.abc import Sequence

from django.db import transaction

from despensa.records import journal_store
from despensa.records.databases import REGISTRY


def mark_registry_messages(positions: Sequence[int], *, now: int) -> None:
    """Remember that the ledger has applied these messages; again is nothing."""
    with transaction.atomic(using=REGISTRY):
        journal_store.mark_delivered(REGISTRY, positions, now=now)
