"""Two versions of a rule side by side: nothing changed is silent, nothing else is told."""

import copy

import pytest

from despensa.domain.eligibility.difference import Difference, differences
from despensa.domain.eligibility.parse import parse, parse_text
from tests.domain.eligibility.rules import (
    EVERY_NODE,
    FOOD_PARCEL,
    PERSON_AND_BUDGET,
    changed,
    food_parcel,
)


def _changed_parts(old, new):
    found = differences(food_parcel(), parse_text(changed(FOOD_PARCEL, old, new)))
    return [(one.part, one.name) for one in found]


@pytest.mark.parametrize("text", [FOOD_PARCEL, EVERY_NODE, PERSON_AND_BUDGET])
def test_a_rule_is_the_same_as_itself(text):
    assert differences(parse_text(text), parse_text(text)) == ()


def test_a_parameter_is_told_with_both_values():
    new = parse_text(changed(FOOD_PARCEL, "value: 60", "value: 65"))

    [found] = differences(food_parcel(), new)

    assert (found.part, found.name) == ("parameter", "older_age")
    assert "60 from 2026-01-01" in found.before
    assert "65 from 2026-01-01" in found.after


def test_a_sentence_in_any_language_is_told_under_its_clause():
    assert _changed_parts("El hogar vive en la zona", "Este hogar vive en la zona") == [
        ("clause", "LIVES_IN_AREA")
    ]


def test_a_condition_is_told_in_words():
    old = "when: {any_member: {age: {at_least: {parameter: older_age}}}}"
    new = parse_text(changed(FOOD_PARCEL, old, old.replace("at_least", "below")))

    [found] = differences(food_parcel(), new)

    assert "at least [older_age]" in found.before[0]
    assert "below [older_age]" in found.after[0]


def test_what_only_one_version_has_stands_on_one_side():
    before, after = parse_text(PERSON_AND_BUDGET), food_parcel()

    found = {(one.part, one.name): one for one in differences(before, after)}

    assert found["budget", ""].after == ()
    assert found["clause", "YOUNG_CHILD"].before == ()
    assert isinstance(found["budget", ""], Difference)


@pytest.mark.parametrize("text", [FOOD_PARCEL, EVERY_NODE, PERSON_AND_BUDGET])
def test_no_word_or_number_changes_in_silence(text):
    """Change every single value of the tree in turn; whatever still is a rule is told."""
    rule, tried = parse_text(text), 0
    for path in list(_leaves(rule.source, ())):
        tree = copy.deepcopy(rule.source)
        holder = tree
        for key in path[:-1]:
            holder = holder[key]
        value = holder[path[-1]]
        holder[path[-1]] = not value if isinstance(value, bool) else _other(value)
        try:
            other = parse(tree)
        except ValueError:
            continue
        tried += 1
        assert differences(rule, other), path
    assert tried > 50


def _other(value):
    return value + 1 if isinstance(value, int) else f"{value} indeed"


def _leaves(node, path):
    if isinstance(node, (dict, list)):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield from _leaves(node[key], (*path, key))
    elif node is not None:
        yield path
