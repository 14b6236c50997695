"""What the lines of a child are called, who fits into a share, which drafts a schedule asks for."""

import doctest
import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain import child, schedule
from despensa.domain.child import ChildKind, LineNameWrong, ShareWrong, fitting, late_id, line_of
from despensa.domain.schedule import Schedule, ScheduleWrong, due, require_sound

GOODS = st.lists(st.tuples(st.just(1), st.integers(1, 5)), max_size=1)


def test_the_examples_are_true():
    assert doctest.testmod(child).failed == doctest.testmod(schedule).failed == 0


@pytest.mark.parametrize(
    "kind, name, line",
    [
        (ChildKind.LATE, "", ""),
        (ChildKind.FOLLOW_UP, "", "follow-up"),
        (ChildKind.TOP_UP, "winter", "top-up/winter"),
        (ChildKind.RECOVERY, "2", "recovery/2"),
    ],
)
def test_a_line_says_its_kind(kind, name, line):
    assert line_of(kind, name) == line


@pytest.mark.parametrize(
    "kind, name",
    [
        (ChildKind.LATE, "second"), (ChildKind.TOP_UP, "a/b"), (ChildKind.TOP_UP, "Winter"),
        (ChildKind.TOP_UP, "x" * 33), (ChildKind.TOP_UP, "-"),
    ],
)  # fmt: skip
def test_a_name_that_is_none_is_refused(kind, name):
    with pytest.raises(LineNameWrong):
        line_of(kind, name)


@given(st.lists(GOODS, max_size=20), st.integers(0, 30))
def test_the_share_is_never_exceeded_and_nobody_overtakes(wanted, free):
    fits = fitting(wanted, [(1, free)])

    taken = sum(
        quantity for goods, fit in zip(wanted, fits, strict=True) if fit for _, quantity in goods
    )
    assert taken <= free
    asking = [fit for goods, fit in zip(wanted, fits, strict=True) if goods]
    assert asking == sorted(asking, reverse=True)
    assert all(fit for goods, fit in zip(wanted, fits, strict=True) if not goods)


def test_a_unit_without_a_share_fits_nobody():
    assert fitting([[(2, 1)], []], [(1, 9)]) == [False, True]


@pytest.mark.parametrize("percent", [0, 11, -1, True, "2", None])
def test_a_share_outside_its_bounds_is_refused(percent):
    with pytest.raises(ShareWrong):
        child.share_percent((10, percent))


def test_a_round_finds_its_own_children_and_no_other():
    root, day = uuid.UUID(int=7, version=4), date(2026, 11, 22)

    made = {
        late_id(one, on, part)
        for one in (root, uuid.UUID(int=8, version=4))
        for on in (day, day + timedelta(days=1))
        for part in (0, 1)
    }

    assert len(made) == 8
    assert late_id(root, day, 0) in made
    assert {one.version for one in made} == {4}


class TestSchedules:
    PLAN = Schedule(31, 3, 7, date(2026, 1, 15), date(2026, 12, 31))

    @given(st.dates(date(2025, 11, 1), date(2027, 3, 1)))
    def test_every_draft_is_due_and_none_is_over(self, today):
        for one in due(self.PLAN, today):
            assert one.reference_date <= today <= one.closes_on
            assert self.PLAN.from_date <= one.opens_on <= self.PLAN.until_date
            assert (one.opens_on + timedelta(days=1)).day == 1
            assert one.code == one.opens_on.isoformat()

    def test_a_year_of_days_asks_for_each_month_once(self):
        days = (date(2026, 1, 1) + timedelta(days=at) for at in range(400))

        codes = {one.code for day in days for one in due(self.PLAN, day)}

        assert len(codes) == 12
        assert {"2026-01-31", "2026-02-28", "2026-04-30"} <= codes

    @pytest.mark.parametrize(
        "changes",
        [
            {"day": 0}, {"day": 32}, {"days_open": 0}, {"days_ahead": 29},
            {"until_date": date(2026, 1, 14)},
        ],
    )  # fmt: skip
    def test_one_that_nobody_could_follow_is_refused(self, changes):
        fields = {name: getattr(self.PLAN, name) for name in Schedule.__slots__} | changes

        with pytest.raises(ScheduleWrong):
            require_sound(Schedule(**fields))
