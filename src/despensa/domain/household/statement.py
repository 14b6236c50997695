"""
What a change does, said line by line: the preview, and the same lines in the timeline.

A statement is a code with what it names; doors put it into a sentence of their language.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from despensa.domain.household.membership import LIVES_THERE, MemberRole, Membership
from despensa.domain.household.operation import Kind
from despensa.domain.household.situation import (
    Change,
    Share,
    Situation,
    after,
    head_due,
)


class Says(StrEnum):
    """The code of a statement; doors translate it."""

    HEAD_BEGINS = "head_begins"
    HEAD_ENDS = "head_ends"
    MEMBER_BEGINS = "member_begins"
    MEMBER_ENDS = "member_ends"
    PRIMARY_BEGINS = "primary_begins"
    PRIMARY_ENDS = "primary_ends"
    ALTERNATE_BEGINS = "alternate_begins"
    ALTERNATE_ENDS = "alternate_ends"
    FOUNDED = "founded"
    ENDED = "ended"
    MOVED = "moved"
    WITHOUT_HEAD = "without_head"
    SHARE_PART = "share_part"
    SHARE_ALL = "share_all"
    SHARE_BACK = "share_back"
    SHARE_NONE = "share_none"
    LEASES_STAY = "leases_stay"


@dataclass(frozen=True, slots=True)
class Statement:
    """
    One thing a change does; fields that the sentence does not name are None.

    `is_here` says that it concerns the order's own household, not the other one.
    """

    says: Says
    holder: UUID | None = None
    is_institution: bool = False
    household: UUID | None = None
    is_here: bool = True
    day: date | None = None
    area: UUID | None = None
    count: int = 0
    of: int = 0


_BEGINS = {
    MemberRole.HEAD: Says.HEAD_BEGINS,
    MemberRole.MEMBER: Says.MEMBER_BEGINS,
    MemberRole.PRIMARY_COLLECTOR: Says.PRIMARY_BEGINS,
    MemberRole.ALTERNATE_COLLECTOR: Says.ALTERNATE_BEGINS,
}
_ENDS = {
    MemberRole.HEAD: Says.HEAD_ENDS,
    MemberRole.MEMBER: Says.MEMBER_ENDS,
    MemberRole.PRIMARY_COLLECTOR: Says.PRIMARY_ENDS,
    MemberRole.ALTERNATE_COLLECTOR: Says.ALTERNATE_ENDS,
}


def statements(change: Change, before: Situation) -> list[Statement]:
    """Return what a change does, in the order in which it is told."""
    here = change.order.household
    ends = sorted((*change.ended, *change.voided), key=lambda row: _place(row, here))
    begins = sorted((*change.begun, *change.reopened), key=lambda row: _place(row, here))
    told = [role_statement(row, here, begins=False) for row in ends]
    if change.founded is not None:
        people = sum(
            row.household == change.founded and row.role in LIVES_THERE for row in change.begun
        )
        told.append(Statement(Says.FOUNDED, household=change.founded, is_here=False, count=people))
    told += [role_statement(row, here, begins=True) for row in begins]
    if change.moved is not None:
        told.append(Statement(Says.MOVED, area=change.moved.after, day=change.order.day))
    return [*told, *_standings(change, before), *_shares(change)]


def role_statement(row: Membership, here: UUID, *, begins: bool) -> Statement:
    """Return the statement that a role begins, or that it ends."""
    says = (_BEGINS if begins else _ENDS)[row.role]
    return Statement(says, row.holder, row.is_institution, row.household, row.household == here)


def _standings(change: Change, before: Situation) -> list[Statement]:
    then = after(before, change)
    here = change.order.household
    told = []
    for household in change.households:
        if household.ended_on is not None:
            told.append(Statement(Says.ENDED, household=household.id, is_here=household.id == here))
            continue
        rows = [row for row in then.memberships.values() if row.household == household.id]
        due = head_due(rows)
        if due is not None:
            told.append(
                Statement(
                    Says.WITHOUT_HEAD, household=household.id, is_here=household.id == here, day=due
                )
            )
    return told


def _shares(change: Change) -> list[Statement]:
    kind, share = change.order.kind, change.share
    if kind not in {Kind.SPLIT, Kind.MERGE, Kind.UNDO, Kind.MOVE, Kind.SAME_PERSON}:
        return []
    told = [] if share is None else [_share(kind, share)]
    if share is None and kind is Kind.SPLIT:
        told.append(Statement(Says.SHARE_NONE))
    return [*told, Statement(Says.LEASES_STAY)]


def _share(kind: Kind, share: Share) -> Statement:
    if kind is Kind.UNDO:
        return Statement(Says.SHARE_BACK)
    if share.numerator == share.denominator:
        return Statement(Says.SHARE_ALL)
    return Statement(Says.SHARE_PART, count=share.numerator, of=share.denominator)


def _place(row: Membership, here: UUID) -> tuple[bool, int, bytes]:
    return row.household != here, row.role, row.holder.bytes
