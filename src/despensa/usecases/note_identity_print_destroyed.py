"""
Write down that the print files of identity cards are destroyed: a leaf each, after they are gone.

Killed before it, the next round destroys nothing and notes it.
Source: docs/how-to/print-identity-cards.md.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.wallet import paper_store

ACTION = "destroy_print_files"
_DAY_ZERO = date(1970, 1, 1).toordinal()


def note_identity_print_destroyed(batches: Sequence[UUID], *, acting: Acting) -> int:
    """Return of how many batches it is noted now; of those noted before nothing is."""
    if not batches:
        return 0
    with transaction.atomic(using=REGISTRY):
        noted = paper_store.note_print_destroyed(batches, at=acting.at)
        for batch, cards in noted:
            body = {0: batch.bytes, 1: cards, 2: acting.day.toordinal() - _DAY_ZERO}
            journal_store.announce(REGISTRY, ACTION, acting, PublicKind.PRINT_DESTROYED, body)
        rows = journal_rows.updated(
            "identity_batch",
            [(batch.bytes, {"print_destroyed_at": acting.at}) for batch, _ in noted],
        )
        if rows:
            journal_store.record(REGISTRY, ACTION, acting, rows)
    return len(noted)
