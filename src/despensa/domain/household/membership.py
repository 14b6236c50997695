"""
Dated memberships: who lives in a household or collects for it, from one day until another.

Decides what holds of a history at any time: at most one head of a household, at most one home of
a person. A row that begins and ends on the same day was never valid: that is how something undone
stays in the books. Source: docs/explanation/design.md, section 5.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from itertools import groupby, pairwise
from uuid import UUID


class MemberRole(IntEnum):
    """Head and member live in the household; collectors may fetch for it."""

    HEAD = 1
    MEMBER = 2
    PRIMARY_COLLECTOR = 3
    ALTERNATE_COLLECTOR = 4


LIVES_THERE = frozenset({MemberRole.HEAD, MemberRole.MEMBER})
COLLECTS = frozenset({MemberRole.PRIMARY_COLLECTOR, MemberRole.ALTERNATE_COLLECTOR})


@dataclass(frozen=True, slots=True)
class Membership:
    """
    One role of one holder in one household; `until_day` is exclusive, None while it lasts.

    `holder` is a registrant, or an institution that collects.
    """

    id: UUID
    household: UUID
    holder: UUID
    role: MemberRole
    from_day: date
    until_day: date | None = None
    is_institution: bool = False

    @property
    def is_current(self) -> bool:
        """Return whether no end is known."""
        return self.until_day is None

    @property
    def was_ever(self) -> bool:
        """Return whether there is a day on which it is valid."""
        return self.until_day is None or self.until_day > self.from_day

    def is_valid_on(self, day: date) -> bool:
        """Return whether the role is held on a day."""
        return self.from_day <= day and (self.until_day is None or day < self.until_day)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows that may not both hold: two heads of one household, or two homes of one person."""

    earlier: Membership
    later: Membership


def overlaps(rows: Iterable[Membership]) -> list[Overlap]:
    """Return every pair of neighbouring rows that breaks a history, heads first."""
    kept = [row for row in rows if row.was_ever]
    heads = [row for row in kept if row.role is MemberRole.HEAD]
    homes = [row for row in kept if row.role in LIVES_THERE]
    return [
        *_overlaps_by(heads, key=lambda row: row.household),
        *_overlaps_by(homes, key=lambda row: row.holder),
    ]


def state_on(
    rows: Iterable[Membership], day: date
) -> dict[UUID, frozenset[tuple[UUID, MemberRole]]]:
    """Return who holds which role in each household on a day; empty households are left out."""
    found: dict[UUID, set[tuple[UUID, MemberRole]]] = {}
    for row in rows:
        if row.is_valid_on(day):
            found.setdefault(row.household, set()).add((row.holder, row.role))
    return {household: frozenset(roles) for household, roles in found.items()}


def _overlaps_by(rows: list[Membership], *, key: Callable[[Membership], UUID]) -> list[Overlap]:
    ordered = sorted(rows, key=lambda row: (key(row).bytes, row.from_day, row.id.bytes))
    return [
        Overlap(former, latter)
        for _, group in groupby(ordered, key=key)
        for former, latter in pairwise(group)
        if former.until_day is None or former.until_day > latter.from_day
    ]
