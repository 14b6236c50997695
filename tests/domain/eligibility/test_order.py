"""When money ends: a published order, those at one place together, a lot nobody could choose."""

from datetime import date

import pytest

from despensa.domain.eligibility.evaluate import evaluate, evaluate_all
from despensa.domain.eligibility.explain import explain
from despensa.domain.eligibility.frozen import lot_commitment, lot_of, lot_seed, reduce
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.reading import Reading
from despensa.domain.eligibility.rule import OUTCOMES, Border, Household, Member
from tests.domain.eligibility.rules import PERSON_AND_BUDGET, changed, vector

ORDER = vector("order.yaml")
DAY = date.fromisoformat(ORDER["on"])
RULE = parse_text(PERSON_AND_BUDGET)
LOTS = ORDER["lots"]


def household(case: dict) -> Household:
    members = (
        Member(date.fromisoformat(f"{one['born']}-01"), 2, one.get("facts", {}))
        for one in case["members"]
    )
    return Household(True, case.get("facts", {}), tuple(members))


FROZEN = [reduce(RULE, household(case), DAY, lot=case["lot"]) for case in ORDER["households"]]


def test_money_goes_down_the_order_until_it_ends():
    decisions, border = evaluate_all(RULE, FROZEN, DAY)

    assert border == Border(tuple(ORDER["border"]))
    for case, decision in zip(ORDER["households"], decisions, strict=True):
        found = (OUTCOMES[decision.outcome], list(decision.codes), dict(decision.lines))
        assert found == (case["outcome"], case["codes"], case["lines"]), case["name"]


@pytest.mark.parametrize("case", ORDER["households"], ids=lambda case: case["name"][:30])
def test_a_household_alone_comes_to_the_same_when_it_knows_the_border(case):
    frozen = reduce(RULE, household(case), DAY, lot=case["lot"])
    reading = Reading(RULE, DAY)
    (row,) = reading.rows(frozen)

    decision = evaluate(RULE, frozen, DAY, border=Border(tuple(ORDER["border"])))

    assert reading.place(row) == tuple(case["place"])
    assert (list(decision.codes), dict(decision.lines)) == (case["codes"], case["lines"])


def test_those_at_one_place_receive_together_or_not_at_all():
    rule = parse_text(changed(PERSON_AND_BUDGET, "  - {lot: seed_in_log}\n", ""))
    like = [reduce(rule, household(case), DAY) for case in ORDER["households"]]

    decisions, border = evaluate_all(rule, [like[4], like[3], like[4], like[3], like[4]], DAY)

    assert border == Border(None)
    assert {decision.codes[-1] for decision in decisions} == {"-BUDGET"}


def test_a_budget_for_all_has_no_border():
    decisions, border = evaluate_all(RULE, FROZEN[:2], DAY)

    assert border is None
    assert {decision.codes[-1] for decision in decisions} == {"+BUDGET"}


def test_the_end_of_the_money_is_said_and_is_the_only_reason():
    decision = evaluate_all(RULE, FROZEN, DAY)[0][3]

    explanation = explain(RULE, decision, DAY, ["en"])

    (reason,) = explanation.because
    assert reason.sentence == "The 20000 of this cycle ended before it was your turn."
    assert [reason.code for reason in explanation.besides] == ["OLD", "POOR"]


def test_a_household_without_members_has_no_reason_of_its_own():
    empty = reduce(RULE, Household(True, {}, ()), DAY, lot=1)

    explanation = explain(RULE, evaluate(RULE, empty, DAY), DAY, ["en"])

    assert [reason.code for reason in explanation.because] == ["OLD", "POOR"]


def test_lots_follow_from_the_seed_and_the_seed_from_what_the_log_holds():
    seed = lot_seed(bytes.fromhex(LOTS["salt"]), bytes.fromhex(LOTS["cycle"]))

    assert seed.hex() == LOTS["seed"]
    assert lot_commitment(seed).hex() == LOTS["commitment"]
    for identifier, lot in LOTS["of"]:
        assert lot_of(seed, bytes.fromhex(identifier)) == lot
