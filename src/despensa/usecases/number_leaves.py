"""
Put queued leaves into the log and record their numbers.

Called for one database at a time. A crash between log and database is healed by the next call:
the log finds leaves it has by their hash. Source: docs/explanation/design.md, section 5, The log.
"""

from django.db import transaction

from despensa.domain.ports.keeper import Signatory
from despensa.domain.ports.log_storage import LogStorage
from despensa.records import journal_store

BATCH_MAX = 10_000


def number_leaves(using: str, *, log: LogStorage, signatory: Signatory) -> int:
    """Return how many leaves of one database were numbered."""
    count = 0
    while leaves := journal_store.unnumbered_leaves(using, BATCH_MAX):
        numbers = log.append([leaf for _, leaf in leaves], sign=signatory.sign_log)
        with transaction.atomic(using=using):
            journal_store.number_leaves(
                using, [(entry, n) for (entry, _), n in zip(leaves, numbers, strict=True)]
            )
        count += len(leaves)
    return count
