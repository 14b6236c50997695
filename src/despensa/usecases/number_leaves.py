"""
Put queued leaves into the log and record their numbers, one database at a time.

A crash between log and database is healed by the next call: the log finds leaves it has by their
hash. Source: docs/explanation/design.md, section 5, The log.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.ports.keeper import Signatory
from despensa.domain.ports.log_storage import LogStorage
from despensa.records import journal_queries, journal_store
from despensa.records.databases import LEDGER, REGISTRY

BATCH_MAX = 10_000


def number_registry_leaves(*, log: LogStorage, signatory: Signatory) -> int:
    """Return how many leaves of the registry were numbered."""
    count = 0
    while numbered := _appended(REGISTRY, log, signatory):
        with transaction.atomic(using=REGISTRY):
            journal_store.number_leaves(REGISTRY, numbered)
        count += len(numbered)
    return count


def number_ledger_leaves(*, log: LogStorage, signatory: Signatory) -> int:
    """Return how many leaves of the ledger were numbered."""
    count = 0
    while numbered := _appended(LEDGER, log, signatory):
        with transaction.atomic(using=LEDGER):
            journal_store.number_leaves(LEDGER, numbered)
        count += len(numbered)
    return count


def _appended(using: str, log: LogStorage, signatory: Signatory) -> list[tuple[UUID, int]]:
    """Return (entry, number) of the oldest waiting leaves once a checkpoint covers them."""
    leaves = journal_queries.unnumbered_leaves(using, BATCH_MAX)
    if not leaves:
        return []
    numbers = log.append(
        [leaf for _, leaf in leaves],
        sign=signatory.sign_log,
        adopt_from=journal_queries.next_number(using),
    )
    return [(entry, number) for (entry, _), number in zip(leaves, numbers, strict=True)]
