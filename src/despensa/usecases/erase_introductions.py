"""
Destroy the links between people and who vouched for them, twelve months after at the latest.

The journal keeps how many there were, never whose: a person's own entry there is a hash.
"""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.enrolment import store
from despensa.records.journal_rows import deleted

ACTION = "erase_introductions"


def erase_introductions(*, acting: Acting) -> int:
    """Return how many links were destroyed; without any, nothing is written."""
    with transaction.atomic(using=REGISTRY):
        ended = store.erase_introductions(acting.day)
        if ended:
            rows = deleted("introduction", [(b"", {}) for _ in range(ended)])
            journal_store.record(REGISTRY, ACTION, acting, rows)
    return ended
