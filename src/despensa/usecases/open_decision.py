"""
Look at the decisions about one household: the look is written down before they are returned.

No name is opened. Source: docs/explanation/design.md, sections 1 and 5.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Purpose
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, private_entry
from despensa.records import journal_store
from despensa.records.databases import DATABASE_NUMBER, REGISTRY
from despensa.records.programmes import queries as programmes
from despensa.records.registry import queries, store


class NoSuchHousehold(LookupError):
    """There is no household with this id."""


def open_decision(
    household_id: UUID, *, purpose: Purpose, acting: Acting
) -> list[programmes.DecisionRow]:
    """
    Return a household's decisions, newest cycle first.

    Raises: NoSuchHousehold.
    """
    if acting.staff is None:
        raise ValueError("a decision is looked at by a person")
    if queries.household(household_id) is None:
        raise NoSuchHousehold(f"There is no household {household_id}.")
    persons = tuple(member.id.bytes for member in queries.members([household_id]))
    entry = acting.new_id()
    act = Act(DATABASE_NUMBER[REGISTRY], acting.at, acting.actor, journal.READ)
    shown = journal.Access(persons, int(purpose), (), None)
    with transaction.atomic(using=REGISTRY):
        store.add_access(
            entry,
            persons,
            at=acting.at,
            staff=acting.staff,
            purpose=int(purpose),
            fields=[],
        )
        journal_store.append(
            REGISTRY,
            [private_entry(act, entry=entry, salt=acting.new_salt(), access=shown)],
        )
    return programmes.decisions_of(household_id)
