"""Welcome a new member of staff: their first password, once."""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.entry import Act, private_entry
from despensa.records import journal_store
from despensa.records.databases import DATABASE_NUMBER, REGISTRY
from despensa.records.staff import store


class NotExpected(LookupError):
    """Nobody of this sign-in name waits for a first password."""


def welcome_staff(username: str, password: str, *, acting: Acting) -> None:
    """
    Give a member who cannot sign in yet their first password.

    Raises: NotExpected when there is no such member, or they have a password already.
    """
    act = Act(DATABASE_NUMBER[REGISTRY], acting.at, acting.actor, "welcome_staff")
    with transaction.atomic(using=REGISTRY):
        if not store.set_first_password(username, password):
            raise NotExpected(f"Nobody called {username} waits for a first password.")
        journal_store.append(
            REGISTRY, [private_entry(act, entry=acting.new_id(), salt=acting.new_salt())]
        )
