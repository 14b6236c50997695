"""End a session of the command line before its time."""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.staff import store


def end_command_session(secret_sha256: bytes, *, acting: Acting) -> None:
    """Remove the session; one that has ended is no error."""
    with transaction.atomic(using=REGISTRY):
        store.end_command_session(secret_sha256)
        journal_store.record(REGISTRY, "end_command_session", acting)
