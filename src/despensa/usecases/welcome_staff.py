"""Welcome a new member of staff: their first password, once."""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.role import Permission
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.staff import queries, store


class NotExpected(LookupError):
    """Nobody of this sign-in name waits for a first password."""


def welcome_staff(username: str, password: str, *, acting: Acting) -> None:
    """
    Give a member who cannot sign in yet their first password.

    Raises: NotExpected when there is no such member, or they have a password already, or roles out
        of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("a member of staff is welcomed by a person")
    with transaction.atomic(using=REGISTRY):
        reach = queries.reach_of(acting.staff, Permission.MANAGE_STAFF, acting.day)
        in_reach = all(reach.covers(*place) for place in queries.places_of(username))
        if not in_reach or not store.set_first_password(username, password):
            raise NotExpected(f"Nobody called {username} waits for a first password.")
        journal_store.record(REGISTRY, "welcome_staff", acting)
