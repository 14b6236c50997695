"""A rule file is read whole or refused with every fault, its place and how to mend it."""

import json
import unicodedata

import pytest

from despensa.domain.eligibility.cases import failing_cases
from despensa.domain.eligibility.compile import compile_rule
from despensa.domain.eligibility.document import RuleError, read_document
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse, parse_text
from despensa.domain.eligibility.rule import CarryOver, NotInForce, Whole
from tests.domain.eligibility.rules import (
    EVERY_NODE,
    FOOD_PARCEL,
    PERSON_AND_BUDGET,
    RULES,
    changed,
    food_parcel,
    vector,
)

REFUSED = vector("refused.yaml")
# what two people approved and decisions refer to
FOOD_HASH = "e1971867b45072deaa546bf6021c3ca8312bd79a5aad602039ea1d1766271363"
SUPPORT_HASH = "fd03a05c1d9572fcf1b9df625e5dc0d135764c87f184c651936cdddd0ab9eac5"


@pytest.mark.parametrize("case", REFUSED, ids=[str(case["says"])[:40] for case in REFUSED])
def test_a_faulty_rule_is_refused_with_place_and_words(case):
    text = changed(FOOD_PARCEL, *case["change"])

    with pytest.raises(RuleError) as caught:
        parse_text(text)

    problem = next(
        found
        for found in caught.value.problems
        if ("/".join(map(str, found.path)) or "the rule") == case["path"]
    )
    assert case["says"] in problem.text
    assert problem.line is None or FOOD_PARCEL.count("\n") + 2 >= problem.line >= 1


def test_all_faults_are_found_at_once_in_the_order_of_the_text():
    text = changed(FOOD_PARCEL, "when: {in_area: programme}", "when: {fact: absent}")
    text = changed(text, "- {clause: DISPLACED}", "- {clause: HOMELESS}")

    with pytest.raises(RuleError) as caught:
        parse_text(text)

    lines = [problem.line for problem in caught.value.problems]
    assert len(lines) >= 3
    assert lines == sorted(lines)


@pytest.mark.parametrize("path", sorted(RULES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_rule_passes_its_own_cases(path):
    rule = parse_text(path.read_text(encoding="utf-8"))

    assert failing_cases(rule) == ()


@pytest.mark.parametrize("text", [EVERY_NODE, PERSON_AND_BUDGET])
def test_the_rules_of_the_vectors_pass_their_own_cases(text):
    assert failing_cases(parse_text(text)) == ()


def test_the_hashes_of_published_rules_never_change():
    hashes = {
        path.stem: rule_hash(parse_text(path.read_text("utf-8"))).hex()
        for path in RULES.glob("*.yaml")
    }

    assert hashes["food-parcel"] == FOOD_HASH
    assert hashes["household-support"] == SUPPORT_HASH


def test_a_case_that_no_longer_holds_is_named():
    text = changed(FOOD_PARCEL, "lines: {parcel: 2}", "lines: {parcel: 1}")

    (problem,) = failing_cases(parse_text(text))

    assert problem.path == ("cases", 2)
    assert "expected 1 parcel, but it is 2 parcel" in problem.text


def test_a_case_before_the_first_parameter_value_is_named():
    text = changed(FOOD_PARCEL, "on: 2026-03-01", "on: 2025-12-31")

    assert "no value on 2025-12-31" in failing_cases(parse_text(text))[0].text


def test_a_date_without_a_parameter_value_cannot_be_compiled():
    rule = food_parcel()

    with pytest.raises(NotInForce, match="add a dated value"):
        compile_rule(rule, rule.cases[0].on.replace(year=2020))


def test_layout_and_comments_leave_the_hash_alone_but_a_word_does_not():
    tree = read_document(FOOD_PARCEL).tree
    as_json = parse_text(json.dumps(tree, ensure_ascii=False))
    other = parse_text(changed(FOOD_PARCEL, "en: Food parcel", "en: Food Parcel"))

    assert rule_hash(as_json) == rule_hash(parse(tree)) == rule_hash(food_parcel())
    assert rule_hash(other) != rule_hash(food_parcel())


def test_decomposed_letters_give_the_same_hash():
    decomposed = unicodedata.normalize("NFD", FOOD_PARCEL)

    assert rule_hash(parse_text(decomposed)) == rule_hash(food_parcel())


@pytest.mark.parametrize("word", ["no", "yes", "on", "2026-01-01", "1.5", "0x10", "1_000", "010"])
def test_yaml_words_stay_text(word):
    assert read_document(f"a: {word}").tree == {"a": word}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("- 1\n- 2", "expected a map"),
        ("a: b: c", "not readable as YAML"),
        ("? [a]\n: 1", "not plain text"),
        ("[" * 60, "line 1, column 17, the rule: nested too deep"),
        ("[" * 60 + "]" * 60, "nested too deep"),
        ("a: 1\n---\nb: 2", "not readable as YAML"),
        ("a: \x00", "line 1, column 4, the rule: a character that nobody can see"),
        ("a: '" + "x" * 1_000_001 + "'", "longer than"),
    ],
)
def test_text_that_is_no_rule_is_refused(text, says):
    with pytest.raises(RuleError, match=says):
        parse_text(text)


@pytest.mark.parametrize("value", [1.5, b"x", {1: 2}, {"format": {"a": object()}}])
def test_a_tree_of_foreign_values_is_refused(value):
    with pytest.raises(RuleError):
        parse({"format": value} if not isinstance(value, dict) else value)


def test_a_control_character_is_refused():
    text = changed(FOOD_PARCEL, "en: Food parcel", 'en: "Food\\nparcel"')

    with pytest.raises(RuleError, match="title/en: the text holds a control character"):
        parse_text(text)


def test_a_number_that_could_grow_too_large_is_refused():
    product = "{times: [" + ", ".join(["{fact: income_monthly_minor}"] * 4) + "]}"
    text = changed(EVERY_NODE, "{times: [{count: {}}, {parameter: line_minor}]}", product)

    with pytest.raises(RuleError, match="36 digits"):
        parse_text(text)


def test_what_is_carried_over_and_what_may_stand_beside_is_said_by_the_rule():
    plain = parse_text(FOOD_PARCEL)
    text = changed(FOOD_PARCEL, "benefit:\n", "beside: own_cycles\nbenefit:\n")
    text = changed(text, "benefit:\n", "carry_over: [{unit: parcel, at_most: 2}]\nbenefit:\n")
    rule = parse_text(changed(text, "    kind: item\n", "    kind: item\n    purpose: school\n"))

    assert (plain.beside, plain.carry_over, plain.purpose_of("parcel")) == ("nothing", (), "food")
    assert rule.carry_over == (CarryOver("parcel", Whole(2), 1),)
    assert (rule.beside, rule.purpose_of("parcel")) == ("own_cycles", "school")
