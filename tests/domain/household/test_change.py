"""Operations on households: what each changes, what is refused, and that any of them is undone."""

import random
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from despensa.domain.household.change import decide, decide_all
from despensa.domain.household.membership import COLLECTS, MemberRole, overlaps, state_on
from despensa.domain.household.operation import REASONS, Carry, Kind, Order, Reason
from despensa.domain.household.refusal import SENTENCES, ChangeRefused, Why
from despensa.domain.household.situation import Duty, after, head_due
from despensa.domain.household.statement import Says, statements
from despensa.domain.household.undo import decide_undo, done
from tests.domain.household.people import (
    AREAS,
    START,
    TODAY,
    an_order,
    any_order,
    counted,
    homes_of,
    household,
    person,
    register,
    version,
)

HOME, LONE, OTHER = household(1), household(2), household(3)
HEAD, SECOND, THIRD, FOURTH = (person(number) for number in range(1, 5))
NEW = UUID(int=77_777)


new_row = counted(200_000)


def done_to(situation, kind, home=HOME, **fields):
    order = an_order(situation, kind, home, **fields)
    change = decide(order, situation, today=TODAY, new_id=new_row)
    return change, after(situation, change)


def roles(situation, home, day=TODAY):
    return state_on(situation.memberships.values(), day).get(home, frozenset())


def refused(situation, kind, home=HOME, **fields):
    with pytest.raises(ChangeRefused) as told:
        done_to(situation, kind, home, **fields)
    return told.value.why


def undone(situation, change):
    order = Order(
        UUID(int=88_888), Kind.UNDO, Reason.ENTRY_MISTAKE, TODAY, change.order.household, 0
    )
    undo = decide_undo(order, done(change), situation)
    return undo, after(situation, undo)


class TestSplit:
    def test_those_who_go_have_a_home_a_head_and_somebody_who_collects(self):
        before = register()
        change, then = done_to(
            before, Kind.SPLIT, people=(SECOND, THIRD), other=NEW, other_head=SECOND
        )

        assert roles(then, NEW) == {
            (SECOND, MemberRole.HEAD),
            (SECOND, MemberRole.PRIMARY_COLLECTOR),
            (THIRD, MemberRole.MEMBER),
        }
        assert roles(then, HOME) == {
            (HEAD, MemberRole.HEAD),
            (HEAD, MemberRole.PRIMARY_COLLECTOR),
            (FOURTH, MemberRole.MEMBER),
        }
        assert (change.share.numerator, change.share.denominator) == (2, 4)
        assert (version(then, HOME), version(then, NEW)) == (1, 1)

    def test_the_day_before_nothing_had_changed(self):
        before = register()
        _, then = done_to(before, Kind.SPLIT, people=(SECOND,), other=NEW)

        yesterday = TODAY - timedelta(days=1)
        assert state_on(then.memberships.values(), yesterday) == state_on(
            before.memberships.values(), yesterday
        )

    def test_a_head_who_goes_leaves_a_household_that_names_another(self):
        before = register()
        why = refused(before, Kind.SPLIT, people=(HEAD,), other=NEW)
        _, then = done_to(before, Kind.SPLIT, people=(HEAD,), other=NEW, head=SECOND)

        assert why is Why.NOBODY_COLLECTS
        assert (SECOND, MemberRole.PRIMARY_COLLECTOR) in roles(then, HOME)

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"people": ()}, Why.NOBODY_NAMED),
            ({"people": (person(6),)}, Why.NOT_A_MEMBER),
            ({"people": (HEAD, SECOND, THIRD, FOURTH)}, Why.NOBODY_STAYS),
            ({"people": (SECOND, THIRD)}, Why.HEAD_NOT_AMONG_THEM),
            ({"people": (SECOND,), "other": HOME}, Why.SAME_HOUSEHOLD),
            ({"people": (SECOND,), "other": OTHER}, Why.ID_USED_OTHERWISE),
            ({"people": (SECOND,), "day": START - timedelta(days=1)}, Why.DAY_TOO_EARLY),
            ({"people": (SECOND,), "day": TODAY + timedelta(days=1)}, Why.DAY_IN_FUTURE),
            ({"people": (SECOND,), "expected_version": 7}, Why.CHANGED_MEANWHILE),
            ({"people": (SECOND,), "reason": Reason.ENTRY_MISTAKE}, Why.REASON_DOES_NOT_FIT),
        ],
    )
    def test_what_cannot_be_is_refused(self, fields, why):
        assert refused(register(), Kind.SPLIT, **{"other": NEW} | fields) is why

    def test_everything_or_nothing_may_go_along(self):
        before = register()
        given = {"people": (SECOND,), "other": NEW}

        everything, _ = done_to(before, Kind.SPLIT, carry=Carry.EVERYTHING, **given)
        nothing, _ = done_to(before, Kind.SPLIT, carry=Carry.NOTHING, **given)

        assert everything.share.numerator == everything.share.denominator
        assert nothing.share is None


class TestOthers:
    def test_a_merge_ends_one_household_and_carries_everything(self):
        change, then = done_to(register(), Kind.MERGE, other=OTHER)

        assert {who for who, _ in roles(then, HOME)} >= {person(6), person(7), person(8)}
        assert roles(then, OTHER) == frozenset()
        assert then.households[OTHER].ended_on == TODAY
        assert (change.share.source, change.share.target) == (OTHER, HOME)
        assert refused(then, Kind.BIRTH, OTHER, newcomers=(NEW,)) is Why.HOUSEHOLD_ENDED

    def test_a_merge_sees_that_the_other_household_changed(self):
        assert (
            refused(register(), Kind.MERGE, other=OTHER, other_version=3) is Why.CHANGED_MEANWHILE
        )

    def test_a_move_changes_the_area_and_nothing_else(self):
        before = register()
        change, then = done_to(before, Kind.MOVE, area=AREAS[1], day=TODAY - timedelta(days=3))

        assert then.households[HOME].area == AREAS[1]
        assert then.memberships == before.memberships
        assert change.share is None
        assert refused(then, Kind.MOVE, area=AREAS[1]) is Why.SAME_AREA
        earlier = TODAY - timedelta(days=9)
        assert refused(then, Kind.MOVE, area=AREAS[2], day=earlier) is Why.DAY_TOO_EARLY

    def test_a_child_is_born_into_a_household(self):
        _, then = done_to(register(), Kind.BIRTH, newcomers=(NEW,))

        assert (NEW, MemberRole.MEMBER) in roles(then, HOME)

    def test_the_dead_collect_for_nobody(self):
        _, before = done_to(
            register(), Kind.COLLECTOR_NAMED, OTHER, collector=HEAD,
            collector_role=MemberRole.ALTERNATE_COLLECTOR,
        )  # fmt: skip
        change, then = done_to(before, Kind.DEATH, people=(HEAD,), collector=SECOND)

        assert HEAD not in {who for home in (HOME, OTHER) for who, _ in roles(then, home)}
        assert {one.id for one in change.households} == {HOME, OTHER}

    @pytest.mark.parametrize("follows", ["head", "collector"])
    def test_who_died_follows_nobody(self, follows):
        named = {follows: HEAD}

        assert refused(register(), Kind.DEATH, people=(HEAD,), **named) is Why.DIED

    def test_a_household_is_without_a_head_for_sixty_days_while_somebody_collects(self):
        long_ago = TODAY - timedelta(days=61)
        _, then = done_to(register(), Kind.DEATH, people=(HEAD,), collector=SECOND, day=long_ago)
        rows = [row for row in then.memberships.values() if row.household == HOME]

        assert head_due(rows) == long_ago + timedelta(days=60)
        assert refused(then, Kind.BIRTH, newcomers=(NEW,)) is Why.HEAD_OVERDUE
        _, headed = done_to(then, Kind.NEW_HEAD, head=THIRD)
        assert (THIRD, MemberRole.HEAD) in roles(headed, HOME)

    def test_within_sixty_days_everything_else_goes_on(self):
        lately = TODAY - timedelta(days=60)
        _, then = done_to(register(), Kind.DEATH, people=(HEAD,), collector=SECOND, day=lately)

        _, born = done_to(then, Kind.BIRTH, newcomers=(NEW,))

        assert (NEW, MemberRole.MEMBER) in roles(born, HOME)

    def test_the_last_one_who_goes_ends_the_household(self):
        lone = person(5)
        change, then = done_to(register(), Kind.DEATH, LONE, people=(lone,))

        assert then.households[LONE].ended_on == TODAY
        assert Says.ENDED in {line.says for line in statements(change, register())}

    def test_somebody_joins_from_another_household(self):
        who = person(7)
        _, then = done_to(register(), Kind.JOIN, people=(who,), other=OTHER)

        assert homes_of(then)[who] == HOME
        assert refused(register(), Kind.JOIN, people=(who,)) is Why.LIVES_ELSEWHERE

    def test_the_former_head_stays_a_member(self):
        _, then = done_to(register(), Kind.NEW_HEAD, head=SECOND)

        assert {(SECOND, MemberRole.HEAD), (HEAD, MemberRole.MEMBER)} <= roles(then, HOME)
        assert refused(then, Kind.NEW_HEAD, head=SECOND) is Why.IS_HEAD_ALREADY
        assert refused(then, Kind.NEW_HEAD, head=NEW) is Why.HEAD_NOT_AMONG_THEM


class TestCollectors:
    def test_an_institution_collects_up_to_its_limit(self):
        shelter = UUID(int=60_000)
        given = {"collector": shelter, "collector_is_institution": True}
        room = replace(register(), duties={shelter: Duty(2, 3)})
        full = replace(register(), duties={shelter: Duty(3, 3)})

        _, then = done_to(room, Kind.COLLECTOR_NAMED, **given)

        assert roles(then, HOME) >= {(shelter, MemberRole.PRIMARY_COLLECTOR)}
        assert (HEAD, MemberRole.PRIMARY_COLLECTOR) not in roles(then, HOME)
        assert refused(full, Kind.COLLECTOR_NAMED, **given) is Why.COLLECTS_FOR_TOO_MANY

    def test_whoever_lives_there_may_always_collect(self):
        full = replace(register(), duties={SECOND: Duty(9, 3)})

        _, then = done_to(full, Kind.COLLECTOR_NAMED, collector=SECOND)

        assert (SECOND, MemberRole.PRIMARY_COLLECTOR) in roles(then, HOME)

    def test_the_last_collector_is_not_withdrawn(self):
        assert refused(register(), Kind.COLLECTOR_WITHDRAWN, collector=HEAD) is Why.NOBODY_COLLECTS
        assert (
            refused(register(), Kind.COLLECTOR_WITHDRAWN, collector=SECOND) is Why.NOT_A_COLLECTOR
        )


class TestUndo:
    def test_a_split_undone_was_never_valid(self):
        before = register()
        change, then = done_to(before, Kind.SPLIT, people=(SECOND,), other=NEW)
        undo, again = undone(then, change)

        for days in range(4):
            day = TODAY - timedelta(days=days)
            assert state_on(again.memberships.values(), day) == state_on(
                before.memberships.values(), day
            )
        assert again.households[NEW].ended_on == TODAY
        assert (undo.share.source, undo.share.target) == (NEW, HOME)

    def test_a_move_undone_leads_back(self):
        change, then = done_to(register(), Kind.MOVE, area=AREAS[1])
        _, again = undone(then, change)

        assert again.households[HOME].area == AREAS[0]
        assert again.households[HOME].area_since is None

    def test_what_was_built_upon_is_undone_from_the_top(self):
        change, then = done_to(register(), Kind.BIRTH, newcomers=(NEW,))
        _, later = done_to(then, Kind.NEW_HEAD, head=SECOND)

        with pytest.raises(ChangeRefused) as told:
            undone(later, change)

        assert told.value.why is Why.NOT_THE_LATEST

    def test_somebody_who_found_another_home_is_not_pulled_back(self):
        change, gone = done_to(register(), Kind.LEAVE, people=(FOURTH,))
        _, there = done_to(gone, Kind.JOIN, OTHER, people=(FOURTH,))

        with pytest.raises(ChangeRefused) as told:
            undone(there, change)

        assert told.value.why is Why.LIVES_ELSEWHERE

    def test_an_undo_or_something_undone_is_not_undone(self):
        change, then = done_to(register(), Kind.BIRTH, newcomers=(NEW,))
        order = Order(NEW, Kind.UNDO, Reason.ENTRY_MISTAKE, TODAY, HOME, 1)
        for latest, why in (
            (None, Why.NO_SUCH_CHANGE),
            (replace(done(change), kind=Kind.UNDO), Why.NO_SUCH_CHANGE),
            (replace(done(change), is_undone=True), Why.UNDONE_BEFORE),
        ):
            with pytest.raises(ChangeRefused) as told:
                decide_undo(order, latest, then)
            assert told.value.why is why


def test_every_kind_has_reasons_and_every_refusal_a_sentence():
    assert set(REASONS) == set(Kind)
    assert set(SENTENCES) == set(Why)


def test_a_batch_is_one_after_another():
    before = register()
    first = an_order(before, Kind.BIRTH, HOME, newcomers=(NEW,), id=UUID(int=1))
    second = replace(
        an_order(before, Kind.NEW_HEAD, HOME, head=SECOND, id=UUID(int=2)), expected_version=1
    )

    changes, then = decide_all([first, second], before, today=TODAY, new_id=counted(300_000))

    assert len(changes) == 2
    assert then.households[HOME].version == 2


def _holds(situation):
    """Assert what must hold of the register whatever was done."""
    assert overlaps(situation.memberships.values()) == []
    for home, now in situation.households.items():
        current = situation.current(home)
        living = situation.living(home)
        assert sum(row.role is MemberRole.HEAD for row in current) <= 1
        assert sum(row.role is MemberRole.PRIMARY_COLLECTOR for row in current) <= 1
        assert (now.ended_on is None) == bool(living)
        assert bool(living) or not current


@settings(max_examples=200)
@given(seed=st.integers(0, 2**32))
def test_whatever_is_done_and_undone_the_histories_hold(seed):
    situation, new_id, kept = register(), counted(400_000), []
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 8)):
        if kept and chance.random() < 0.4:
            before, change = kept.pop()
            _, situation = undone(situation, change)
            assert homes_of(situation) == homes_of(before)
            for days in (0, 1, 45, 90):
                day = TODAY - timedelta(days=days)
                assert state_on(situation.memberships.values(), day) == state_on(
                    before.memberships.values(), day
                )
            # an undo is the latest now: what lies below it is not undone any more
            kept = []
            continue
        order = any_order(chance, situation, new_id)
        try:
            change = decide(order, situation, today=TODAY, new_id=new_id)
        except ChangeRefused:
            continue
        assert statements(change, situation)
        kept.append((situation, change))
        earlier = state_on(situation.memberships.values(), order.day - timedelta(days=1))
        situation = after(situation, change)
        assert state_on(situation.memberships.values(), order.day - timedelta(days=1)) == earlier
        _holds(situation)
    _holds(situation)


def test_collectors_are_the_two_roles_that_fetch():
    assert {MemberRole.PRIMARY_COLLECTOR, MemberRole.ALTERNATE_COLLECTOR} == COLLECTS


PAIR = UUID(int=99_999)


def same(situation, gone, kept, home, other=None, **fields):
    """Let one record take the place of another."""
    return done_to(
        situation,
        Kind.SAME_PERSON,
        home,
        people=(gone,),
        kept=kept,
        other=other,
        pair=PAIR,
        **fields,
    )


def test_the_later_record_leaves_and_both_households_go_on():
    situation = register((4, 1, 3))
    gone, kept = person(7), person(2)

    change, then = same(situation, gone, kept, OTHER, HOME)

    assert gone not in then.living(OTHER)
    assert kept in then.living(HOME)
    assert {row.holder for row in change.ended} == {gone}
    assert not change.begun
    assert change.share is None, "a household that goes on keeps what it was given"
    assert roles(undone(then, change)[1], OTHER) == roles(situation, OTHER)


def test_who_collected_under_the_later_record_goes_on_collecting_under_the_earlier():
    situation = register((4, 1, 3))
    gone, kept = person(6), person(2)  # head and collector of OTHER

    change, then = same(situation, gone, kept, OTHER, HOME)

    assert (kept, MemberRole.PRIMARY_COLLECTOR) in roles(then, OTHER)
    assert (gone, MemberRole.HEAD) not in roles(then, OTHER)
    says = [one.says for one in statements(change, situation)]
    assert Says.WITHOUT_HEAD in says
    assert Says.LEASES_STAY in says


def test_a_household_of_nobody_else_ends_and_what_is_free_goes_to_the_kept_record():
    situation = register((4, 1, 3))
    gone, kept = person(5), person(2)

    change, then = same(situation, gone, kept, LONE, HOME)

    assert then.households[LONE].ended_on == TODAY
    assert (change.share.source, change.share.target) == (LONE, HOME)
    assert change.share.numerator == change.share.denominator
    assert not then.current(LONE)


def test_in_one_household_the_earlier_record_is_head_instead():
    situation = register((4,))

    change, then = same(situation, HEAD, SECOND, HOME)

    assert roles(then, HOME) == {
        (SECOND, MemberRole.HEAD),
        (SECOND, MemberRole.PRIMARY_COLLECTOR),
        (THIRD, MemberRole.MEMBER),
        (FOURTH, MemberRole.MEMBER),
    }
    assert change.share is None
    assert not overlaps(then.memberships.values())
    assert roles(undone(then, change)[1], HOME) == roles(situation, HOME)


@pytest.mark.parametrize(
    ("gone", "kept", "why"),
    [(7, 7, Why.NOBODY_NAMED), (2, 3, Why.NOT_A_MEMBER), (7, 5, Why.NOT_A_MEMBER)],
)
def test_two_records_become_one_only_where_each_lives(gone, kept, why):
    situation = register((4, 1, 3))

    assert (
        refused(
            situation, Kind.SAME_PERSON, OTHER, people=(person(gone),), kept=person(kept),
            other=HOME, pair=PAIR,
        )
        is why
    )  # fmt: skip
