"""
Open the timeline of a household: every act on it, with the names of its people; the look first.

Source: docs/explanation/design.md, section 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import PersonVault, Purpose
from despensa.domain.role import Permission
from despensa.records.corrections import timeline
from despensa.records.databases import REGISTRY
from despensa.records.households import names, queries
from despensa.records.keyset import Turn
from despensa.records.registry import queries as registry
from despensa.records.registry import store
from despensa.records.staff import queries as staff


class NoSuchHousehold(LookupError):
    """There is no household with this id."""


@dataclass(frozen=True, slots=True)
class OpenedTimeline:
    """One page of a household's acts, its operations in full, and the names of its people."""

    household: registry.HouseholdView
    deeds: tuple[timeline.DeedRow, ...]
    operations: Mapping[UUID, queries.TimelineRow]
    names: Mapping[UUID, str]


def open_timeline(
    household_id: UUID,
    *,
    limit: int,
    turn: Turn | None,
    purpose: Purpose,
    acting: Acting,
    vault: PersonVault,
) -> OpenedTimeline:
    """
    Return a page of a household's timeline, newest first, with names.

    Raises: NoSuchHousehold, also for one out of this person's reach; AccessRefused when the quota
        of the person or the office is used up.
    """
    if acting.staff is None:
        raise ValueError("a timeline is opened by a person")
    reach = staff.reach_of(acting.staff, Permission.READ_HOUSEHOLDS, acting.day)
    household = registry.household(household_id, reach=reach)
    if household is None:
        raise NoSuchHousehold("There is no household with this id.")
    deeds = timeline.deeds(
        household_id, limit, programmes=reach.programmes_at(household.area), turn=turn
    )
    people = queries.sealed_names(household_id)
    access = names.look_at(people, purpose=purpose, acting=acting)
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    called = names.opened(people, access, vault)
    operations = {row.id: row for row in queries.timeline(household_id)}
    return OpenedTimeline(household, tuple(deeds), operations, called)
