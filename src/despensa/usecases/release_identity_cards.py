"""Release pages of identity cards: every code was read back from them, so they may be printed."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import Columns
from despensa.records.wallet import paper_store

ACTION = "release_identity_cards"


def release_identity_cards(batch: UUID, *, sheet_sha256: bytes, acting: Acting) -> bool:
    """Return whether the batch's pages are ready from now on; those that were before stay so."""
    with transaction.atomic(using=REGISTRY):
        if not paper_store.pages_are_ready(batch, sheet_sha256):
            return False
        told: Columns = {"state": paper_store.READY, "sheet_sha256": sheet_sha256}
        rows = journal_rows.updated("identity_batch", [(batch.bytes, told)])
        journal_store.record(REGISTRY, ACTION, acting, rows)
    return True
