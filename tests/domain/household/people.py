"""Invented households and any sequence of operations on them."""

import itertools
import random
from datetime import date, timedelta
from uuid import UUID

from despensa.domain.household.membership import LIVES_THERE, MemberRole, Membership
from despensa.domain.household.operation import REASONS, Carry, Kind, Order
from despensa.domain.household.situation import HouseholdNow, Situation

START = date(2026, 1, 1)
TODAY = date(2026, 11, 21)
AREAS = (UUID(int=9_001), UUID(int=9_002), UUID(int=9_003))


# an undo needs an operation, the others need a second look or a second person
_NOT_BY_CHANCE = {Kind.UNDO, Kind.ERASURE, Kind.SAME_PERSON, Kind.FILE_UPDATE}


def counted(start: int):
    """Return what makes one id after another."""
    numbers = itertools.count(start)
    return lambda: UUID(int=next(numbers))


def household(number: int) -> UUID:
    return UUID(int=1_000 + number)


def person(number: int) -> UUID:
    return UUID(int=100 + number)


def register(sizes=(4, 1, 3)) -> Situation:
    """Return households as an import leaves them: the head collects."""
    new_id, households, rows, people = counted(100_000), {}, {}, itertools.count(1)
    for number, size in enumerate(sizes, start=1):
        home = household(number)
        households[home] = HouseholdNow(home, 0, AREAS[0], START)
        for place in range(size):
            holder = person(next(people))
            roles = (MemberRole.MEMBER,)
            if place == 0:
                roles = (MemberRole.HEAD, MemberRole.PRIMARY_COLLECTOR)
            for role in roles:
                row = Membership(new_id(), home, holder, role, START)
                rows[row.id] = row
    return Situation(households, rows)


def version(situation: Situation, home: UUID) -> int:
    return situation.households[home].version


def an_order(situation: Situation, kind: Kind, home: UUID, **fields) -> Order:
    """Return an order for a household as it stands, with any fitting reason."""
    other = fields.get("other")
    if other in situation.households:
        fields.setdefault("other_version", version(situation, other))
    fields.setdefault("id", UUID(int=50_000))
    fields.setdefault("day", TODAY)
    fields.setdefault("reason", REASONS[kind][0])
    fields.setdefault("expected_version", version(situation, home))
    return Order(kind=kind, household=home, **fields)


def any_order(chance: random.Random, situation: Situation, new_id) -> Order:
    """Return an operation that may fit what is so now, or may be refused."""
    homes = sorted(situation.households, key=lambda one: one.bytes)
    home = chance.choice([one for one in homes if situation.living(one)] or homes)
    living = situation.living(home) or [person(1)]
    some = chance.sample(living, chance.randint(1, len(living)))
    one = chance.choice(living)
    anybody = sorted({row.holder for row in situation.memberships.values()}, key=lambda p: p.bytes)
    kind = chance.choice([kind for kind in Kind if kind not in _NOT_BY_CHANCE])
    fields = {
        "id": new_id(),
        "day": TODAY - timedelta(days=chance.randint(0, 90)),
        "reason": chance.choice(REASONS[kind]),
        "head": chance.choice([None, None, one]),
        "collector": chance.choice([None, *anybody]),
        "collector_role": chance.choice(
            [MemberRole.PRIMARY_COLLECTOR, MemberRole.ALTERNATE_COLLECTOR]
        ),
    }
    if kind is Kind.SPLIT:
        fields |= {
            "people": tuple(some),
            "other": new_id(),
            "other_head": some[0],
            "area": chance.choice([None, *AREAS]),
            "carry": chance.choice(list(Carry)),
        }
    elif kind is Kind.MERGE:
        fields["other"] = chance.choice(homes)
    elif kind is Kind.MOVE:
        fields["area"] = chance.choice(AREAS)
    elif kind is Kind.BIRTH:
        fields["newcomers"] = (new_id(),)
    elif kind in {Kind.DEATH, Kind.LEAVE}:
        fields["people"] = tuple(some)
    elif kind is Kind.JOIN:
        fields |= _joining(chance, situation, homes, new_id)
    elif kind is Kind.NEW_HEAD:
        fields["head"] = one
    return an_order(situation, kind, home, **fields)


def _joining(chance: random.Random, situation: Situation, homes, new_id) -> dict[str, object]:
    other = chance.choice(homes)
    outside = situation.living(other)
    if outside and chance.random() < 0.5:
        return {"other": other, "people": tuple(outside[:1])}
    return {"newcomers": (new_id(),)}


def homes_of(situation: Situation) -> dict[UUID, UUID]:
    """Return where everybody lives now."""
    return {
        row.holder: row.household
        for row in situation.memberships.values()
        if row.is_current and row.role in LIVES_THERE
    }
