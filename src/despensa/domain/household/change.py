"""
What one operation changes: rows that begin, rows that end, a household that is founded or given up.

Pure decisions over one situation; `decide_all` takes a batch, each order on what the one before it
left. A household may be without a head for 60 days, as long as somebody collects.
Source: docs/explanation/design.md, section 5; docs/decisions/0015-households-are-histories.md.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from despensa.domain.household.membership import (
    COLLECTS,
    LIVES_THERE,
    MemberRole,
    Membership,
    overlaps,
)
from despensa.domain.household.operation import REASONS, Carry, Kind, Order
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.household.situation import (
    Change,
    HouseholdNow,
    Move,
    Share,
    Situation,
    after,
    head_due,
    headless_since,
    standing,
)

_MAY_BE_OVERDUE = frozenset(
    {
        Kind.SPLIT,
        Kind.MERGE,
        Kind.DEATH,
        Kind.LEAVE,
        Kind.NEW_HEAD,
        Kind.UNDO,
        Kind.ERASURE,
        Kind.FILE_UPDATE,
        Kind.SAME_PERSON,
    }
)
_NEEDS_OTHER = frozenset({Kind.SPLIT, Kind.MERGE})


def decide_all(
    orders: Iterable[Order], situation: Situation, *, today: date, new_id: Callable[[], UUID]
) -> tuple[list[Change], Situation]:
    """
    Return what a batch of operations changes, one after another, and what is then so.

    Raises: ChangeRefused at the first that may not be done.
    """
    changes = []
    for order in orders:
        change = decide(order, situation, today=today, new_id=new_id)
        situation = after(situation, change)
        changes.append(change)
    return changes, situation


def decide(
    order: Order, situation: Situation, *, today: date, new_id: Callable[[], UUID]
) -> Change:
    """
    Return what one operation changes.

    Raises: ChangeRefused.
    """
    _check_order(order, situation, today)
    draft = _Draft(order, situation, new_id)
    _DECIDED_BY[order.kind](draft)
    if order.head is not None:
        draft.name_head(order.household, order.head)
    for household in draft.touched():
        draft.let_somebody_collect(household)
    return draft.finished()


def _check_order(order: Order, situation: Situation, today: date) -> None:
    if order.reason not in REASONS[order.kind]:
        raise ChangeRefused(Why.REASON_DOES_NOT_FIT)
    if order.day > today:
        raise ChangeRefused(Why.DAY_IN_FUTURE)
    household = situation.households.get(order.household)
    if household is None:
        raise ChangeRefused(Why.NO_SUCH_HOUSEHOLD)
    if household.version != order.expected_version:
        raise ChangeRefused(Why.CHANGED_MEANWHILE)
    if household.ended_on is not None and order.kind is not Kind.ERASURE:
        raise ChangeRefused(Why.HOUSEHOLD_ENDED)
    if order.kind in _NEEDS_OTHER or order.other is not None:
        _check_other(order, situation)
    rows = [row for row in situation.memberships.values() if row.household == order.household]
    due = head_due(rows)
    since = headless_since(rows)
    if due is not None and today > due and order.head is None and order.kind not in _MAY_BE_OVERDUE:
        raise ChangeRefused(Why.HEAD_OVERDUE, day=since)


def _check_other(order: Order, situation: Situation) -> None:
    if order.other is None:
        raise ChangeRefused(Why.NO_SUCH_HOUSEHOLD)
    if order.other == order.household:
        raise ChangeRefused(Why.SAME_HOUSEHOLD)
    other = situation.households.get(order.other)
    if order.kind is Kind.SPLIT:
        if other is not None:
            raise ChangeRefused(Why.ID_USED_OTHERWISE)
        return
    if other is None:
        raise ChangeRefused(Why.NO_SUCH_HOUSEHOLD)
    if other.version != order.other_version:
        raise ChangeRefused(Why.CHANGED_MEANWHILE)
    if other.ended_on is not None:
        raise ChangeRefused(Why.HOUSEHOLD_ENDED)


class _Draft:
    """A change in the making: the situation with what has been decided of it so far."""

    def __init__(self, order: Order, situation: Situation, new_id: Callable[[], UUID]) -> None:
        self.order = order
        self._before = situation
        self._new_id = new_id
        self.now = situation
        self.founded: UUID | None = None
        self.moved: Move | None = None
        self.share: Share | None = None

    def touched(self) -> list[UUID]:
        """Return the households whose rows or place differ from before, in a fixed order."""
        before = self._before.memberships
        found = {
            row.household for key, row in self.now.memberships.items() if before.get(key) != row
        }
        if self.moved is not None:
            found.add(self.moved.household)
        return sorted(found, key=lambda household: household.bytes)

    def end(self, rows: Iterable[Membership]) -> None:
        """End current rows on the day of the order."""
        kept = dict(self.now.memberships)
        for row in rows:
            if self.order.day < row.from_day:
                raise ChangeRefused(Why.DAY_TOO_EARLY, day=row.from_day)
            if row.id in self._before.memberships:
                kept[row.id] = replace(row, until_day=self.order.day)
            else:
                del kept[row.id]
        self.now = replace(self.now, memberships=kept)

    def begin(
        self, household: UUID, holder: UUID, role: MemberRole, *, is_institution: bool = False
    ) -> None:
        """Let a holder have a role from the day of the order on."""
        founded_on = self.now.households[household].founded_on
        if self.order.day < founded_on:
            raise ChangeRefused(Why.DAY_TOO_EARLY, day=founded_on)
        row = Membership(
            self._new_id(), household, holder, role, self.order.day, None, is_institution
        )
        self.now = replace(self.now, memberships={**self.now.memberships, row.id: row})

    def rows_of(self, household: UUID, holder: UUID) -> list[Membership]:
        """Return a holder's current rows in a household."""
        return [row for row in self.now.current(household) if row.holder == holder]

    def require_living(self, household: UUID, people: Iterable[UUID]) -> None:
        """Refuse when nobody is named, or somebody who does not live there."""
        named = set(people)
        if not named:
            raise ChangeRefused(Why.NOBODY_NAMED)
        if not named <= set(self.now.living(household)):
            raise ChangeRefused(Why.NOT_A_MEMBER)

    def name_head(self, household: UUID, person: UUID) -> None:
        """Let a person who lives in a household be its head; the head before becomes a member."""
        rows = self.now.current(household)
        home = [row for row in rows if row.holder == person and row.role in LIVES_THERE]
        if not home:
            raise ChangeRefused(Why.HEAD_NOT_AMONG_THEM)
        if home[0].role is MemberRole.HEAD:
            return
        former = [row for row in rows if row.role is MemberRole.HEAD]
        self.end([*former, *home])
        for row in former:
            self.begin(household, row.holder, MemberRole.MEMBER)
        self.begin(household, person, MemberRole.HEAD)

    def let_somebody_collect(self, household: UUID) -> None:
        """Let the head collect where nobody else does; an empty household needs nobody."""
        rows = self.now.current(household)
        living = [row for row in rows if row.role in LIVES_THERE]
        collecting = [row for row in rows if row.role in COLLECTS]
        if not living:
            self.end(collecting)
        elif not collecting:
            first = living[0]
            if first.role is MemberRole.HEAD and first.holder != self.order.withdrawn:
                self.begin(household, first.holder, MemberRole.PRIMARY_COLLECTOR)
            elif self.order.kind is Kind.ERASURE:
                raise ChangeRefused(Why.NOBODY_ELSE_COLLECTS)
            elif household in {self.order.household, self.order.other}:
                raise ChangeRefused(Why.NOBODY_COLLECTS)

    def finished(self) -> Change:
        """Return the change, its histories checked."""
        before, rows = self._before.memberships, self.now.memberships
        if overlaps(rows.values()):
            raise ChangeRefused(Why.HISTORY_OVERLAPS)
        touched = self.touched()
        if self.order.kind is Kind.ERASURE:
            touched = self._of_the_erased()
        elif self.order.kind is Kind.FILE_UPDATE:
            # names or facts may change where no role does: the history says so as well
            touched = [self.order.household]
        return Change(
            order=self.order,
            begun=tuple(row for key, row in rows.items() if key not in before),
            ended=tuple(row for key, row in rows.items() if key in before and before[key] != row),
            households=tuple(self._standing(household) for household in touched),
            founded=self.founded,
            moved=self.moved,
            share=self.share,
        )

    def _of_the_erased(self) -> list[UUID]:
        """Return also the households of the past: what the person did there is undone no more."""
        gone = set(self.order.people)
        past = {row.household for row in self.now.memberships.values() if row.holder in gone}
        return sorted(past.union(self.touched()), key=lambda household: household.bytes)

    def _standing(self, household: UUID) -> HouseholdNow:
        now = self.now.households[household]
        rows = [row for row in self.now.memberships.values() if row.household == household]
        return standing(replace(now, version=now.version + 1), rows)


def _split(draft: _Draft) -> None:
    order = draft.order
    assert order.other is not None, "checked with the order"
    draft.require_living(order.household, order.people)
    living = draft.now.living(order.household)
    going = [person for person in living if person in set(order.people)]
    if len(going) == len(living):
        raise ChangeRefused(Why.NOBODY_STAYS)
    head = order.other_head or (going[0] if len(going) == 1 else None)
    if head not in going:
        raise ChangeRefused(Why.HEAD_NOT_AMONG_THEM)
    area = order.area or draft.now.households[order.household].area
    founded = HouseholdNow(order.other, 0, area, order.day)
    draft.now = replace(draft.now, households={**draft.now.households, order.other: founded})
    draft.founded = order.other
    for person in going:
        draft.end(draft.rows_of(order.household, person))
        role = MemberRole.HEAD if person == head else MemberRole.MEMBER
        draft.begin(order.other, person, role)
    draft.share = _share(order.carry, order.household, order.other, len(going), len(living))


def _share(carry: Carry, source: UUID, target: UUID, going: int, living: int) -> Share | None:
    if carry is Carry.NOTHING:
        return None
    if carry is Carry.EVERYTHING:
        return Share(source, target, 1, 1)
    return Share(source, target, going, living)


def _merge(draft: _Draft) -> None:
    order = draft.order
    assert order.other is not None, "checked with the order"
    coming = draft.now.living(order.other)
    draft.end(draft.now.current(order.other))
    for person in coming:
        # whoever fetched for this household from outside lives here now and goes on fetching
        draft.begin(order.household, person, MemberRole.MEMBER)
    draft.share = Share(order.other, order.household, 1, 1)


def _move(draft: _Draft) -> None:
    order = draft.order
    household = draft.now.households[order.household]
    if order.area is None:
        raise ChangeRefused(Why.NO_AREA)
    if order.area == household.area:
        raise ChangeRefused(Why.SAME_AREA)
    since = household.area_since or household.founded_on
    if order.day < since:
        raise ChangeRefused(Why.DAY_TOO_EARLY, day=since)
    draft.moved = Move(order.household, household.area, order.area, household.area_since)
    moved = replace(household, area=order.area, area_since=order.day)
    draft.now = replace(draft.now, households={**draft.now.households, order.household: moved})


def _birth(draft: _Draft) -> None:
    if not draft.order.newcomers:
        raise ChangeRefused(Why.NOBODY_NAMED)
    for person in draft.order.newcomers:
        draft.begin(draft.order.household, person, MemberRole.MEMBER)


def _death(draft: _Draft) -> None:
    order = draft.order
    draft.require_living(order.household, order.people)
    gone = set(order.people)
    if gone & {order.head, order.collector}:
        raise ChangeRefused(Why.DIED)
    draft.end(
        row for row in draft.now.memberships.values() if row.is_current and row.holder in gone
    )
    _name_collector(draft)


def _erasure(draft: _Draft) -> None:
    order = draft.order
    gone = set(order.people)
    if not gone:
        raise ChangeRefused(Why.NOBODY_NAMED)
    if gone & {order.head, order.collector}:
        raise ChangeRefused(Why.HEAD_NOT_AMONG_THEM)
    rows = [row for row in draft.now.memberships.values() if row.holder in gone]
    if order.household not in {row.household for row in rows}:
        raise ChangeRefused(Why.NOT_A_MEMBER)
    draft.end(row for row in rows if row.is_current)
    _name_collector(draft)


def _same_person(draft: _Draft) -> None:
    """
    Let one record take the place of another of the same person.

    The earlier record stays as it is. Where the later one was head beside it, or collected, the
    earlier one does so now. A household that nobody else lives in goes to the earlier one's.
    """
    order = draft.order
    if order.kept is None or order.kept in order.people or len(order.people) != 1:
        raise ChangeRefused(Why.NOBODY_NAMED)
    draft.require_living(order.household, order.people)
    draft.require_living(order.other or order.household, [order.kept])
    [gone] = order.people
    rows = [row for row in draft.now.memberships.values() if row.is_current and row.holder == gone]
    draft.end(rows)
    for row in rows:
        held = draft.rows_of(row.household, order.kept)
        if row.role in COLLECTS and not any(one.role in COLLECTS for one in held):
            draft.begin(row.household, order.kept, row.role)
    was_head = any(row.role is MemberRole.HEAD for row in rows)
    if was_head and order.other is None and order.head is None:
        draft.name_head(order.household, order.kept)
    if order.other is not None and not draft.now.living(order.household):
        draft.share = Share(order.household, order.other, 1, 1)


def _leave(draft: _Draft) -> None:
    order = draft.order
    draft.require_living(order.household, order.people)
    for person in order.people:
        draft.end(draft.rows_of(order.household, person))
    _name_collector(draft)


def _join(draft: _Draft) -> None:
    order = draft.order
    if not order.people and not order.newcomers:
        raise ChangeRefused(Why.NOBODY_NAMED)
    if order.other is not None:
        draft.require_living(order.other, order.people)
        for person in order.people:
            draft.end(draft.rows_of(order.other, person))
    elif any(
        row.is_current and row.role in LIVES_THERE and row.holder in order.people
        for row in draft.now.memberships.values()
    ):
        raise ChangeRefused(Why.LIVES_ELSEWHERE)
    for person in (*order.people, *order.newcomers):
        draft.begin(order.household, person, MemberRole.MEMBER)


def _new_head(draft: _Draft) -> None:
    order = draft.order
    if order.head is None:
        raise ChangeRefused(Why.NOBODY_NAMED)
    if any(row.role is MemberRole.HEAD for row in draft.rows_of(order.household, order.head)):
        raise ChangeRefused(Why.IS_HEAD_ALREADY)


def _collector_named(draft: _Draft) -> None:
    if draft.order.collector is None:
        raise ChangeRefused(Why.NOBODY_NAMED)
    _name_collector(draft)


def _name_collector(draft: _Draft) -> None:
    order = draft.order
    if order.collector is None:
        return
    rows = draft.now.current(order.household)
    held = [row for row in rows if row.holder == order.collector]
    if any(row.role is order.collector_role for row in held):
        raise ChangeRefused(Why.IS_COLLECTOR_ALREADY)
    duty = draft.now.duties.get(order.collector)
    if (
        duty is not None
        and duty.households >= duty.limit
        and not any(row.role in LIVES_THERE for row in held)
    ):
        raise ChangeRefused(Why.COLLECTS_FOR_TOO_MANY, count=duty.households, limit=duty.limit)
    draft.end(row for row in held if row.role in COLLECTS)
    if order.collector_role is MemberRole.PRIMARY_COLLECTOR:
        draft.end(
            row
            for row in draft.now.current(order.household)
            if row.role is MemberRole.PRIMARY_COLLECTOR
        )
    draft.begin(
        order.household,
        order.collector,
        order.collector_role,
        is_institution=order.collector_is_institution,
    )


def _collector_withdrawn(draft: _Draft) -> None:
    order = draft.order
    rows = [
        row
        for row in draft.now.current(order.household)
        if row.holder == order.collector and row.role in COLLECTS
    ]
    if not rows:
        raise ChangeRefused(Why.NOT_A_COLLECTOR)
    draft.end(rows)


def _file_update(draft: _Draft) -> None:
    order, household = draft.order, draft.order.household
    for person in order.people:
        draft.end(draft.rows_of(household, person))
    for person in order.newcomers:
        draft.begin(household, person, MemberRole.MEMBER)
    relieved = set(order.relieved)
    draft.end(row for row in draft.now.current(household) if (row.holder, row.role) in relieved)
    for person, role in order.collectors:
        # one fetches first and one instead, as a file says it
        draft.end(row for row in draft.now.current(household) if row.role is role)
        draft.begin(household, person, role)
    if order.area is not None and order.area != draft.now.households[household].area:
        _move(draft)


_DECIDED_BY: dict[Kind, Callable[[_Draft], None]] = {
    Kind.SPLIT: _split,
    Kind.MERGE: _merge,
    Kind.MOVE: _move,
    Kind.BIRTH: _birth,
    Kind.DEATH: _death,
    Kind.LEAVE: _leave,
    Kind.JOIN: _join,
    Kind.NEW_HEAD: _new_head,
    Kind.COLLECTOR_NAMED: _collector_named,
    Kind.COLLECTOR_WITHDRAWN: _collector_withdrawn,
    Kind.ERASURE: _erasure,
    Kind.FILE_UPDATE: _file_update,
    Kind.SAME_PERSON: _same_person,
}
