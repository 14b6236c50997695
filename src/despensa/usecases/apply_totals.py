"""Apply the ledger's totals to the registry: counts per point and day, never people."""

from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.encoding import dcbor
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store


def apply_totals(message: UUID, payload: bytes) -> bool:
    """Return whether the message was applied now; a second time changes nothing."""
    rows = [
        (UUID(bytes=cycle), UUID(bytes=point), names, date.fromisoformat(day), name, count)
        for cycle, point, names, day, name, count in dcbor.decode(payload)
    ]
    with transaction.atomic(using=REGISTRY):
        if not journal_store.is_first(REGISTRY, message):
            return False
        store.set_totals(rows)
    return True
