"""Faults for which a rule is not published, and warnings for the two people who publish it."""

import random
from itertools import product

import pytest

from despensa.domain.catalogue import load_catalogue
from despensa.domain.eligibility.caution import rule_warnings, small_groups
from despensa.domain.eligibility.influence import clauses_without_influence
from despensa.domain.eligibility.lint import rule_faults
from despensa.domain.eligibility.parse import parse, parse_text
from despensa.domain.eligibility.publication import publishing_problems
from tests.domain.eligibility.rules import (
    EVERY_NODE,
    FOOD_PARCEL,
    PERSON_AND_BUDGET,
    RULES,
    changed,
    vector,
)

CASES = vector("lint.yaml")
TEXTS = {
    "food-parcel": FOOD_PARCEL,
    "household-support": (RULES / "household-support.yaml").read_text(encoding="utf-8"),
    "person-and-budget": PERSON_AND_BUDGET,
}
CODES = ["LIVES_IN_AREA", "LOW_INCOME", "HARD_TIMES", "CARE"]


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case['rule']} {case['says']}"[:60] for case in CASES]
)
def test_every_fault_and_warning_is_named_with_its_place(case):
    text = TEXTS[case["rule"]]
    for change in case["change"]:
        text = changed(text, *change)
    rule = parse_text(text)

    found = publishing_problems(rule, load_catalogue()) if "fault" in case else rule_warnings(rule)

    place = case.get("fault") or case["warning"]
    said = [one.text for one in found if "/".join(map(str, one.path)) == place]
    assert any(case["says"] in text for text in said), [str(problem) for problem in found]


@pytest.mark.parametrize("text", [*TEXTS.values(), EVERY_NODE], ids=[*TEXTS, "every-node"])
def test_a_sound_rule_has_no_fault(text):
    assert rule_faults(parse_text(text)) == ()


def test_a_rule_without_edges_has_no_warning():
    assert rule_warnings(parse_text(FOOD_PARCEL)) == ()


def test_a_quantity_that_falls_with_the_income_has_no_edge():
    text = changed(
        TEXTS["household-support"],
        "quantity: {formula: {times: [{count: {}}, {parameter: share_minor}]}}\n"
        "    minimum: 15000\n    maximum: 90000\n    while_unknown: 15000\n"
        "    rounding: {to: 1000, direction: up}\n",
        "quantity: {formula: {minus: [{times: [{count: {}}, {parameter: line_minor}]},"
        " {fact: income_monthly_minor}]}}\n"
        "    minimum: 0\n    maximum: 900000\n    while_unknown: 0\n",
    )
    text = changed(text, text[text.index("  - line: parcel") : text.index("  - line: cash")], "")
    text = changed(text, text[text.index("\ncases:") :], "")
    text += (
        "cases:\n  - {sentence: S., on: 2026-03-01, household: {facts: {displaced: true}, "
        "members: [{}]}, outcome: needs_information}\n"
    )

    assert rule_warnings(parse_text(text)) == ()


def test_small_groups_are_named_and_empty_ones_are_not():
    found = small_groups({"entitled": 19, "not_entitled": 20, "needs_information": 0})

    assert [problem.path for problem in found] == [("entitled",)]
    assert "coarsened" in found[0].text


def _truth(tree: dict, values: dict[str, bool]) -> bool:
    ((kind, body),) = tree.items()
    if kind == "clause":
        return values[body]
    parts = [_truth(part, values) for part in body]
    return {"all": all(parts), "any": any(parts), "none": not any(parts)}[kind]


def _random_tree(dice: random.Random, depth: int) -> dict:
    if depth == 0 or dice.random() < 0.3:
        return {"clause": dice.choice(CODES)}
    parts = [_random_tree(dice, depth - 1) for _ in range(dice.randint(1, 3))]
    return {dice.choice(["all", "any", "none"]): parts}


@pytest.mark.parametrize("seed", range(60))
def test_influence_is_found_as_by_trying_everything(seed):
    dice = random.Random(seed)
    rest = [{"clause": code} for code in CODES]
    right = {"any": [_random_tree(dice, 3), {"all": [*rest, {"none": rest}]}]}
    text = changed(TEXTS["household-support"], "{parameter: child_age}}}", "5, reading: widest}}")
    tree = dict(parse_text(text).source) | {"entitled_when": right}

    found = clauses_without_influence(parse(tree))

    def is_idle(code: str) -> bool:
        others = [one for one in CODES if one != code]
        return all(
            _truth(right, dict(zip(others, values, strict=True)) | {code: False})
            == _truth(right, dict(zip(others, values, strict=True)) | {code: True})
            for values in product([False, True], repeat=len(others))
        )

    assert found == tuple(code for code in CODES if is_idle(code))
