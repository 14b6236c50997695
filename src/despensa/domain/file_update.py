"""
The operation by which a household follows its source: one dated step of its history.

Decides from what is new in the file (`registration.follow`) and from who lives where now. Whoever the
office let go, or who was erased, is not brought back; a head or collector who does not live there is
not made one. Source: docs/decisions/0015-households-are-histories.md.
"""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from despensa.domain.household.membership import COLLECTS, LIVES_THERE, MemberRole
from despensa.domain.household.operation import Kind, Order, Reason
from despensa.domain.household.situation import Situation
from despensa.domain.registration.draft import Role
from despensa.domain.registration.follow import Following, Named, is_head

_COLLECTOR = {
    Role.PRIMARY_COLLECTOR: MemberRole.PRIMARY_COLLECTOR,
    Role.ALTERNATE_COLLECTOR: MemberRole.ALTERNATE_COLLECTOR,
}


def following_order(
    following: Following,
    household: UUID,
    situation: Situation,
    *,
    operation: UUID,
    area: UUID | None,
    day: date,
    erased: Collection[UUID] = frozenset(),
) -> Order:
    """
    Return the operation that lets a household follow what is new in its source.

    `area` is where the file says it lives, None where it says nothing new. Nothing of who was
    erased is touched.
    """
    here = {row.holder for row in situation.current(household) if row.role in LIVES_THERE}
    elsewhere = _living_elsewhere(situation, household)
    stated = [one for one in following.named if one.differs and one.person not in erased]
    joining = [one for one in stated if _joins(one, here, elsewhere)]
    moving_out = [one.person for one in stated if one.person in here and not _lives(one)]
    gone = [one for one in following.gone if one not in erased]
    living = (here | {one.person for one in joining}) - {*moving_out, *gone}
    heads = [one.person for one in stated if is_head(one.draft) and one.person in living]
    own_collectors = {row.holder for row in situation.current(household) if row.role in COLLECTS}
    may_collect = (
        living | own_collectors | {one.person for one in stated if one.is_new or one.is_back}
    )
    held = {
        (row.holder, row.role)
        for row in situation.current(household)
        if row.role in COLLECTS and not row.is_institution
    }
    wanted = {
        (one.person, _COLLECTOR[role])
        for one in stated
        if one.person in may_collect
        for role in one.draft.roles
        if role in _COLLECTOR
    }
    # whoever moves out, or is no longer named, loses every role: what they keep begins again
    ends = {one for one in held if one[0] in {*moving_out, *gone}}
    spoken_of = {one.person for one in stated}
    relieved = {one for one in held if one[0] in spoken_of} - wanted
    return Order(
        id=operation,
        kind=Kind.FILE_UPDATE,
        reason=Reason.FILE_SAYS,
        day=day,
        household=household,
        expected_version=situation.households[household].version,
        people=_ordered({*moving_out, *gone} & (here | own_collectors)),
        newcomers=tuple(one.person for one in joining),
        head=heads[0] if heads and not _is_head(situation, household, heads[0]) else None,
        area=area,
        collectors=tuple(sorted(wanted - (held - ends), key=lambda one: (one[0].bytes, one[1]))),
        relieved=tuple(sorted(relieved, key=lambda one: (one[0].bytes, one[1]))),
    )


def _joins(one: Named, here: Collection[UUID], elsewhere: Collection[UUID]) -> bool:
    """A person the office let go stays gone: only the source brings back whom it had left out."""
    if not _lives(one) or one.person in here:
        return False
    return one.is_new or (one.is_back and one.person not in elsewhere)


def _lives(one: Named) -> bool:
    return Role.MEMBER in one.draft.roles


def _living_elsewhere(situation: Situation, household: UUID) -> set[UUID]:
    return {
        row.holder
        for row in situation.memberships.values()
        if row.is_current and row.role in LIVES_THERE and row.household != household
    }


def _is_head(situation: Situation, household: UUID, person: UUID) -> bool:
    return any(
        row.holder == person and row.role is MemberRole.HEAD for row in situation.current(household)
    )


def _ordered(people: Iterable[UUID]) -> tuple[UUID, ...]:
    return tuple(sorted(people, key=lambda person: person.bytes))
