"""Remember that a phone wrote, and how many events it says it keeps unsent: the office shows it."""

from uuid import UUID

from django.db import transaction

from despensa.records.databases import LEDGER
from despensa.records.service_points import store

# a phone that asks every few seconds does not write every few seconds
AT_MOST_EVERY_SECONDS = 60


def note_heard(device: UUID, *, unsent: int | None, now: int) -> None:
    """
    Note when a phone was heard; `unsent` None leaves what it said before.

    Nothing is decided by it: it is the phone's own word, shown to whoever manages phones.
    """
    with transaction.atomic(using=LEDGER):
        store.note_heard(device, unsent=unsent, now=now, at_most_every=AT_MOST_EVERY_SECONDS)
