"""
Open the history of one household: everybody who ever lived there or collected for it, by name.

1 find the people, still sealed · 2 record whose record is opened, by whom, what for · 3 let the
keeper open their names. Source: docs/explanation/design.md, section 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.household.membership import Membership
from despensa.domain.ports.keeper import PersonVault, Purpose
from despensa.domain.role import Permission
from despensa.records.databases import REGISTRY
from despensa.records.households import names, queries
from despensa.records.registry import queries as registry
from despensa.records.registry import store
from despensa.records.staff import queries as staff


class NoSuchHousehold(LookupError):
    """There is no household with this id."""


@dataclass(frozen=True, slots=True)
class OpenedHistory:
    """
    What was done to a household, and how it stood on a day.

    `names` holds everybody who appears in either; who was erased is not in it.
    """

    household: registry.HouseholdView
    day: date
    area: UUID
    roles: tuple[Membership, ...]
    timeline: tuple[queries.TimelineRow, ...]
    names: Mapping[UUID, str]


def open_history(
    household_id: UUID, *, day: date, purpose: Purpose, acting: Acting, vault: PersonVault
) -> OpenedHistory:
    """
    Return a household's timeline and its state on a day, with names.

    Raises: NoSuchHousehold, also for one out of this person's reach; AccessRefused when the quota
        of the person or the office is used up.
    """
    if acting.staff is None:
        raise ValueError("a history is opened by a person")
    reach = staff.reach_of(acting.staff, Permission.READ_HOUSEHOLDS, acting.day)
    household = registry.household(household_id, reach=reach)
    area = queries.area_on(household_id, day)
    if household is None or area is None:
        raise NoSuchHousehold("There is no household with this id.")
    timeline = queries.timeline(household_id)
    roles = queries.rows_on([household_id], day)
    people = queries.sealed_names(household_id)
    access = names.look_at(people, purpose=purpose, acting=acting)
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    called = names.opened(people, access, vault)
    return OpenedHistory(household, day, area, tuple(roles), tuple(timeline), called)
