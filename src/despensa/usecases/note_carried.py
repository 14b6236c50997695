"""Note what the ledger carried over: a quantity per operation, so that lists are made with it."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from despensa.domain.encoding import dcbor
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households import store


def note_carried(message: UUID, payload: bytes, *, operations: Mapping[bytes, UUID]) -> bool:
    """
    Return whether the message was applied now; a second time changes nothing.

    `operations` says which operation each of the keeper's names stands for.
    """
    rows = [
        (operations[reference], UUID(bytes=cycle), unit, quantity)
        for reference, cycle, unit, quantity in dcbor.decode(payload)
    ]
    with transaction.atomic(using=REGISTRY):
        if not journal_store.is_first(REGISTRY, message):
            return False
        store.add_carried(message, rows)
    return True
