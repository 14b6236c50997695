"""
Put the registry's queued leaves into the log and record their numbers.

A crash between log and database is healed by the next call: the log finds leaves it has by their
hash. Source: docs/explanation/design.md, section 5, The log.
"""

from django.db import transaction

from despensa.domain.ports.keeper import Signatory
from despensa.domain.ports.log_storage import LogStorage
from despensa.records import journal_store
from despensa.records.databases import REGISTRY


def number_registry_leaves(*, log: LogStorage, signatory: Signatory) -> int:
    """Return how many leaves of the registry were numbered."""
    count = 0
    while numbered := journal_store.append_waiting(REGISTRY, log=log, signatory=signatory):
        with transaction.atomic(using=REGISTRY):
            journal_store.number_leaves(REGISTRY, numbered)
        count += len(numbered)
    return count
