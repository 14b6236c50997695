"""
Open one household: the look is written down before any name is opened.

1 load the people, still sealed · 2 record whose record is opened, by whom, what for · 3 let the
keeper open their names. Source: docs/explanation/design.md, section 5.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Access, PersonVault, Purpose
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, Sealed
from despensa.records.databases import REGISTRY
from despensa.records.registry import queries, store
from despensa.records.staff import queries as staff


class NoSuchHousehold(LookupError):
    """There is no household with this id."""


@dataclass(frozen=True, slots=True)
class OpenedHousehold:
    """
    A household with its current people and their names, heads first.

    `programmes` are those whose decisions may be shown with it, None all.
    """

    household: queries.HouseholdView
    members: tuple[queries.MemberView, ...]
    names: tuple[str, ...]
    programmes: frozenset[UUID] | None


def open_household(
    household_id: UUID, *, purpose: Purpose, acting: Acting, vault: PersonVault
) -> OpenedHousehold:
    """
    Return a household with the names of its people.

    Raises: NoSuchHousehold, also for one out of this person's reach; AccessRefused when the quota of the person or the office is used up.
    """
    if acting.staff is None:
        raise ValueError("a household is opened by a person")
    reach = staff.reach_of(acting.staff, Permission.READ_HOUSEHOLDS, acting.day)
    household = queries.household(household_id, reach=reach)
    if household is None:
        raise NoSuchHousehold("There is no household with this id.")
    members = queries.members([household_id])
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=purpose,
        persons=tuple(member.id.bytes for member in members),
        fields=(Column.FULL_NAME,),
    )
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    names = vault.unseal(
        access,
        [
            (member.key, [Sealed(Column.FULL_NAME, member.id.bytes, member.full_name)])
            for member in members
        ],
    )
    return OpenedHousehold(
        household,
        tuple(members),
        tuple(values[0] for values in names),
        reach.programmes_at(household.area),
    )
