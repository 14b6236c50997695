"""
What is known of households before an operation, and what it leaves.

Source: docs/explanation/design.md, section 5; docs/decisions/0015-households-are-histories.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from despensa.domain.household.membership import LIVES_THERE, MemberRole, Membership
from despensa.domain.household.operation import Order

DAYS_WITHOUT_HEAD = 60


@dataclass(frozen=True, slots=True)
class HouseholdNow:
    """
    A household as it stands: `version` counts the operations it took part in.

    `area_since` is the day of its last move; `ended_on` the day from which nobody lives in it.
    """

    id: UUID
    version: int
    area: UUID
    founded_on: date
    area_since: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """For how many other households a holder collects, and how many its programmes allow."""

    households: int
    limit: int


@dataclass(frozen=True, slots=True)
class Situation:
    """
    What is known before an operation.

    Holds: every membership, past and current, of the households and of the people the operation
    names. `duties` of a collector who is not in it is none.
    """

    households: Mapping[UUID, HouseholdNow]
    memberships: Mapping[UUID, Membership]
    duties: Mapping[UUID, Duty] = field(default_factory=dict)

    def current(self, household: UUID) -> list[Membership]:
        """Return the current rows of a household, by role and holder."""
        found = [
            row
            for row in self.memberships.values()
            if row.household == household and row.is_current
        ]
        return sorted(found, key=lambda row: (row.role, row.holder.bytes))

    def living(self, household: UUID) -> list[UUID]:
        """Return who lives in a household, its head first."""
        return [row.holder for row in self.current(household) if row.role in LIVES_THERE]


@dataclass(frozen=True, slots=True)
class Move:
    """A household goes from one area, where it has been since a day, to another."""

    household: UUID
    before: UUID
    after: UUID
    before_since: date | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of what a household may still get goes to another: numerator / denominator."""

    source: UUID
    target: UUID
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Change:
    """
    What an operation does, ready to be written.

    `ended` and `voided` hold rows as they are afterwards; a voided row ends on the day it began.
    `households` are those touched, as they are afterwards.
    """

    order: Order
    begun: tuple[Membership, ...] = ()
    ended: tuple[Membership, ...] = ()
    voided: tuple[Membership, ...] = ()
    reopened: tuple[Membership, ...] = ()
    households: tuple[HouseholdNow, ...] = ()
    founded: UUID | None = None
    moved: Move | None = None
    share: Share | None = None


def after(situation: Situation, change: Change) -> Situation:
    """Return the situation once a change is written."""
    rows = dict(situation.memberships)
    for row in (*change.ended, *change.voided, *change.reopened, *change.begun):
        rows[row.id] = row
    households = dict(situation.households)
    households.update((item.id, item) for item in change.households)
    return replace(situation, households=households, memberships=rows)


def headless_since(rows: Iterable[Membership]) -> date | None:
    """Return since when a household with members has no head, or None while it has one."""
    kept = [row for row in rows if row.was_ever]
    lives = any(row.is_current and row.role in LIVES_THERE for row in kept)
    heads = [row for row in kept if row.role is MemberRole.HEAD]
    if not lives or any(row.is_current for row in heads):
        return None
    ends = [row.until_day for row in heads if row.until_day is not None]
    return max(ends) if ends else min(row.from_day for row in kept)


def head_due(rows: Iterable[Membership]) -> date | None:
    """Return until which day a household without a head must name one."""
    since = headless_since(rows)
    return None if since is None else since + timedelta(days=DAYS_WITHOUT_HEAD)


def standing(household: HouseholdNow, rows: Sequence[Membership]) -> HouseholdNow:
    """Return the household with its end as its rows say: nobody lives there any more."""
    homes = [row for row in rows if row.role in LIVES_THERE and row.was_ever]
    if any(row.is_current for row in homes):
        return replace(household, ended_on=None)
    ends = [row.until_day for row in homes if row.until_day is not None]
    return replace(household, ended_on=max(ends, default=household.founded_on))
