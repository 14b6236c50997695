"""What may be told of a draft: coarse numbers, and households nobody has ever been."""

from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.preview import Counted, Split, coarsened, examples, told_goods
from tests.domain.eligibility.rules import FOOD_PARCEL, changed, food_parcel


def _counted(**changes):
    exact = {
        "outcomes": {1: 413, 2: 25, 3: 1}, "given": {"parcel": (608, 3)}, "late": None,
        "gained": 24, "lost": 3, "unreached": None,
        "entitled": Split({0: 401, 1: 12}, {0: 19, 1: 394}, {0: 400, 1: 19}, {3: 126}),
    }  # fmt: skip
    return Counted(**(exact | changes))


def test_no_number_is_told_exactly():
    shown = coarsened(_counted(), areas=3)

    assert shown.outcomes == {"entitled": 410, "not_entitled": 30, "needs_information": "<20"}
    assert (shown.gained, shown.lost, shown.late) == (20, "<20", None)
    assert shown.given == {"parcel": 600}
    assert shown.entitled.by_area == (400, "<20", "<20")
    assert shown.entitled.by_size == ("<20", 390, "<20", "<20", "<20")
    assert shown.entitled.with_sex == (400, "<20")
    assert shown.entitled.with_age == ("<20", "<20", "<20", 130)


def test_those_the_money_does_not_reach_are_coarse_too():
    left_out = Split({1: 25}, {2: 19, 3: 21}, {0: 25}, {})

    shown = coarsened(_counted(late=25, unreached=left_out), areas=2)

    assert shown.late == 30
    assert shown.unreached.by_area == ("<20", 30)
    assert shown.unreached.by_size == ("<20", "<20", "<20", 20, "<20")


def test_nobody_and_a_few_look_alike():
    assert coarsened(_counted(lost=0), areas=2) == coarsened(_counted(lost=19), areas=2)


def test_the_largest_benefit_of_one_household_is_a_tenth_of_a_step():
    assert [told_goods(total, 5_000) for total in (99_999, 100_000, 124_999, 125_000)] == [
        "<100000", 100_000, 100_000, 150_000,
    ]  # fmt: skip


def test_examples_come_from_the_rule_files_and_begin_with_what_changes():
    last, draft = food_parcel(), parse_text(changed(FOOD_PARCEL, "value: 60", "value: 65"))

    shown = examples(draft, last)

    invented = {case.sentence for rule in (last, draft) for case in rule.cases}
    invented |= {clause.case.sentence for rule in (last, draft) for clause in rule.clauses}
    assert {one.sentence for one in shown} <= invented
    assert shown[0].before != shown[0].after
    assert all(one.before is None for one in examples(draft, None))
