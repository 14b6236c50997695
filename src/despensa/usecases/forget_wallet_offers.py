"""
End offers nobody took in time, and forget which phone took the others.

Codes and keys of phones are in no journal, so there is nothing to tell the log.
"""

from django.db import transaction

from despensa.records.databases import REGISTRY
from despensa.records.wallet import store


def forget_wallet_offers(now: int) -> int:
    """Return how many offers kept something that they keep no more."""
    with transaction.atomic(using=REGISTRY):
        return store.end_late(now)
