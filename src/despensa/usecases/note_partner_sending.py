"""Remember how a try to send an answer out ended: it arrived, is tried again, or is given up."""

from uuid import UUID

from django.db import transaction

from despensa.records.databases import REGISTRY
from despensa.records.partners import store

# a minute, five, half an hour, two hours, half a day; then the answer waits to be asked for
WAITS_SECONDS = (60, 300, 1_800, 7_200, 43_200)


def note_partner_sending(message: UUID, *, tries: int, has_arrived: bool, now: int) -> None:
    """Write one try down; `tries` is how many there were before it."""
    due_at = None
    if not has_arrived and tries < len(WAITS_SECONDS):
        due_at = now + WAITS_SECONDS[tries]
    with transaction.atomic(using=REGISTRY):
        store.note_try(message, sent_at=now if has_arrived else None, due_at=due_at)
