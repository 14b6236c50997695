"""
Look at the decisions about one household: the look is written down before they are returned.

No name is opened. Source: docs/explanation/design.md, sections 1 and 5.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Access, Purpose
from despensa.domain.role import Permission
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries as programmes
from despensa.records.registry import queries, store
from despensa.records.staff import queries as staff


class NoSuchHousehold(LookupError):
    """There is no household with this id."""


def open_decision(
    household_id: UUID, *, purpose: Purpose, acting: Acting
) -> list[programmes.DecisionRow]:
    """
    Return a household's decisions of the programmes in reach, newest cycle first.

    Raises: NoSuchHousehold, also for one out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("a decision is looked at by a person")
    reach = staff.reach_of(acting.staff, Permission.READ_HOUSEHOLDS, acting.day)
    household = queries.household(household_id, reach=reach)
    if household is None:
        raise NoSuchHousehold(f"There is no household {household_id}.")
    persons = tuple(member.id.bytes for member in queries.members([household_id]))
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=purpose,
        persons=persons,
        fields=(),
    )
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    return programmes.decisions_of(household_id, programmes=reach.programmes_at(household.area))
