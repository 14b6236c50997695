"""Release a card sheet: every code was read back from the page, so it may be printed."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_rows, journal_store
from despensa.records.cards import store
from despensa.records.databases import REGISTRY


class SheetNotSigned(RuntimeError):
    """The batch does not exist or its sheet was released before."""


def release_sheet(batch: UUID, *, sheet_sha256: bytes, acting: Acting) -> None:
    """
    Mark the batch's sheet as ready.

    Raises: SheetNotSigned.
    """
    with transaction.atomic(using=REGISTRY):
        if not store.sheet_is_ready(batch, sheet_sha256):
            raise SheetNotSigned("This batch has no sheet that waits for its release.")
        rows = journal_rows.updated(
            "card_batch", [(batch.bytes, {"state": store.READY, "sheet_sha256": sheet_sha256})]
        )
        journal_store.record(REGISTRY, "release_sheet", acting, rows)
