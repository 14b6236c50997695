"""Unknown stays unknown, ages favour the person, and a changed file changes the decision."""

from dataclasses import replace
from datetime import date

import pytest

from despensa.domain.eligibility.evaluate import decision_from_codes, evaluate
from despensa.domain.eligibility.frozen import age_range, reduce
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import (
    ENTITLED,
    NEEDS_INFORMATION,
    NOT_ENTITLED,
    FactHolds,
    Household,
    Junction,
    Member,
)
from tests.domain.eligibility.rules import (
    FOOD_PARCEL,
    changed,
    food_parcel,
    vector,
)

LOGIC = vector("logic.yaml")
AGES = vector("ages.yaml")
DAY = date(2026, 3, 1)


def a_person(born: date | None = None, **facts) -> Member:
    return Member(born, 2 if born else 0, facts)


def decided(rule, household: Household, on: date = DAY):
    return evaluate(rule, reduce(rule, household, on), on)


@pytest.mark.parametrize(("kind", "parts", "answer"), LOGIC)
def test_three_valued_logic(kind, parts, answer):
    rule = parse_text(
        changed(FOOD_PARCEL, "facts:\n", "facts:\n  second: {of: household, type: boolean}\n")
    )
    displaced = next(clause for clause in rule.clauses if clause.code == "DISPLACED")
    condition = Junction(kind, (FactHolds("displaced"), FactHolds("second")))
    rule = replace(rule, clauses=(*rule.clauses[:-1], replace(displaced, when=condition)))
    facts = {n: v for n, v in zip(("displaced", "second"), parts, strict=True) if v is not None}

    decision = decided(rule, Household(True, facts, (a_person(),)))

    assert dict(decision.clauses)["DISPLACED"] is answer


@pytest.mark.parametrize("case", AGES, ids=lambda case: f"{case['born']} on {case['on']}")
def test_a_birth_month_allows_these_ages(case):
    born = date.fromisoformat(case["born"]) if case["born"] else None

    ages = age_range(born, case["precision"], date.fromisoformat(case["on"]), case["unit"])

    assert ages == (tuple(case["ages"]) if case["ages"] else None)


def test_every_day_of_birth_the_month_allows_gives_an_age_in_the_range():
    on = date(2026, 2, 28)
    for day in range(1, 30):
        born = date(2024, 2, day)
        months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
        low, high = age_range(born.replace(day=1), 2, on, "months")
        assert low <= months <= high


@pytest.mark.parametrize(
    ("household", "outcome", "lines"),
    [
        (Household(True, {}, (a_person(),)), NEEDS_INFORMATION, (("parcel", 1),)),
        (Household(False, {}, (a_person(),)), NOT_ENTITLED, ()),
        (Household(None, {"displaced": True}, (a_person(),)), NEEDS_INFORMATION, (("parcel", 1),)),
        (Household(None, {}, (a_person(),) * 7), NEEDS_INFORMATION, (("parcel", 1),)),
        (Household(True, {}, (a_person(),) * 6), ENTITLED, (("parcel", 2),)),
        (Household(True, {"displaced": "yes"}, (a_person(),)), NEEDS_INFORMATION, (("parcel", 1),)),
    ],
    ids=["name only", "outside", "area unknown", "large, area unknown", "six", "wrong type"],
)
def test_unknown_matters_only_where_it_could_change_the_outcome(household, outcome, lines):
    decision = decided(food_parcel(), household)

    assert decision.outcome == outcome
    assert decision.lines == lines


def test_a_changed_threshold_changes_the_outcome():
    household = Household(
        True,
        {"displaced": False},
        (a_person(date(2020, 5, 1), sex="male", disability_functional=False),),
    )
    text = changed(FOOD_PARCEL, "value: 5\n", "value: 6\n")

    assert decided(food_parcel(), household).outcome == NOT_ENTITLED
    assert decided(parse_text(text), household).outcome == ENTITLED


def test_a_later_parameter_value_holds_from_its_day_on():
    later = (
        "value: 5\n        legal_basis: {en: A, es: B, ar: C}\n"
        "      - from: 2026-06-01\n        value: 8\n"
    )
    rule = parse_text(changed(FOOD_PARCEL, "value: 5\n", later))
    child = a_person(date(2019, 5, 1), sex="male", disability_functional=False)
    household = Household(True, {"displaced": False}, (child,))

    assert decided(rule, household, date(2026, 5, 31)).outcome == NOT_ENTITLED
    assert decided(rule, household, date(2026, 6, 1)).outcome == ENTITLED


def test_a_decision_can_be_stored_as_codes_and_read_again():
    decision = decided(food_parcel(), Household(True, {}, (a_person(),)))

    assert decision.codes[0] == "+LIVES_IN_AREA"
    assert decision.codes[1] == "?YOUNG_CHILD"
    assert decision_from_codes(decision.outcome, decision.codes, decision.lines) == decision
