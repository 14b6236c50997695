"""End a session of the command line before its time."""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.entry import Act, private_entry
from despensa.records import journal_store
from despensa.records.databases import DATABASE_NUMBER, REGISTRY
from despensa.records.staff import store


def end_command_session(secret_sha256: bytes, *, acting: Acting) -> None:
    """Remove the session; one that has ended is no error."""
    act = Act(DATABASE_NUMBER[REGISTRY], acting.at, acting.actor, "end_command_session")
    with transaction.atomic(using=REGISTRY):
        store.end_command_session(secret_sha256)
        journal_store.append(
            REGISTRY, [private_entry(act, entry=acting.new_id(), salt=acting.new_salt())]
        )
