"""Every element of a rule can be written in the form; what cannot is said on the page."""

import json

import pytest
from django.http import QueryDict

from despensa.domain.catalogue import load_catalogue
from despensa.domain.eligibility.document import read_document
from despensa.domain.eligibility.parse import parse
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.rule_form.making import making
from despensa.entrypoints.office.rule_form.posted import changed, typed_rule
from despensa.entrypoints.office.rule_form.sections import sections
from despensa.entrypoints.office.rule_form.unshown import unshown
from tests.domain.eligibility.faulty import edited
from tests.domain.eligibility.rules import EVERY_NODE, FOOD_PARCEL, PERSON_AND_BUDGET, RULES

CATALOGUE = load_catalogue()
UNITS = (Choice("parcel", "parcel"), Choice("minor", "cents"))
DAY = "2026-03-01"
SHIPPED = {path.stem: path.read_text(encoding="utf-8") for path in sorted(RULES.glob("*.yaml"))}
EVERY_PART = edited(
    PERSON_AND_BUDGET,
    ("beside", "own_cycles"),
    ("carry_over", [{"unit": "minor", "at_most": {"parameter": "fund_minor"}, "cycles": 2}]),
    ("benefit", 0, "purpose", "cash_help"),
    ("benefit", 0, "rounding", {"to": 100, "direction": "nearest"}),
    ("clauses", 0, "case", "household", "area", "unknown"),
    ("parameters", "fund_minor", "values", 0, "until", "2027-01-01"),
    ("priority", 1, {"highest": {"times": [{"count": {}}, 2]}}),
)


def tree_of(text):
    return read_document(text).tree


def blocks_of(tree):
    return sections(making(tree, CATALOGUE, UNITS, DAY))


def typed(tree, **fields):
    """Return what becomes of a rule when a browser sends its form with some fields changed."""
    given = QueryDict(mutable=True)
    for block in blocks_of(tree):
        for field in block.every_field():
            if field.kind == "checks":
                given.setlist(field.name, list(field.values))
            elif field.kind != "check" or field.value:
                given[field.name] = field.value
    for name, value in fields.items():
        assert name in given, name
        given[name] = value
    found = typed_rule(tree, given, CATALOGUE, UNITS, DAY)
    assert not found.errors
    return found.tree


@pytest.mark.parametrize(
    "text",
    [*SHIPPED.values(), EVERY_NODE, PERSON_AND_BUDGET, EVERY_PART],
    ids=[*SHIPPED, "every-node", "person-and-budget", "every-part"],
)
def test_every_part_of_a_rule_stands_in_a_field_and_comes_back_as_it_was(text):
    tree = tree_of(text)
    if tree["rule"] == "pension-top-up":
        tree["facts"].pop("displaced", None)  # declared there, and read by nothing

    assert unshown(tree, blocks_of(tree)) == ()
    assert typed(tree) == tree


def test_what_the_form_has_no_field_for_is_named():
    tree = tree_of(edited(FOOD_PARCEL, ("priority", [{"lot": "seed_in_log"}])))
    tree["facts"]["livelihood_lost"] = {"of": "household", "type": "boolean"}

    assert unshown(tree, blocks_of(tree)) == ("priority", "facts")


def test_what_may_come_beside_and_a_purpose_of_its_own_are_written():
    tree = typed(tree_of(FOOD_PARCEL), beside="everything", **{"benefit-0-purpose": "school"})

    assert (tree["beside"], tree["benefit"][0]["purpose"]) == ("everything", "school")
    assert parse(tree).purpose_of("parcel") == "school"


def test_what_is_carried_over_is_begun_written_and_ended():
    tree = changed(tree_of(FOOD_PARCEL), "add:carry_over", DAY)
    tree = typed(tree, **{"carry_over-0-at_most": "2", "carry_over-0-cycles": "3"})

    assert tree["carry_over"] == [{"unit": "parcel", "at_most": 2, "cycles": 3}]
    assert parse(tree).carry_over[0].cycles == 3
    assert "carry_over" not in changed(tree, "remove:carry_over-0", DAY)


def test_a_budget_without_sentences_or_an_example_gets_them_in_the_form():
    tree = tree_of(PERSON_AND_BUDGET)
    del tree["budget"]["sentences"], tree["budget"]["case"]

    tree = changed(tree, "add:budget-case", DAY)
    said = {f"budget-sentences-{code}-{state}": "T." for code in ("en", "es")
            for state in ("met", "not_met")}  # fmt: skip
    tree = typed(tree, **said, **{"budget-case-sentence": "S."})

    budget = parse(tree).budget
    assert budget.texts["es"].not_met == "T."
    assert budget.case.reached == (True,)


def test_an_example_that_gets_nothing_says_so_and_may_be_given_something():
    tree = tree_of(FOOD_PARCEL)
    nothing = [n for n, case in enumerate(tree["cases"]) if case["lines"] == {}]

    told = typed(tree, **{f"cases-{nothing[0]}-lines-parcel": "1"})

    assert told["cases"][nothing[0]]["lines"] == {"parcel": 1}
    assert json.dumps(told["cases"][nothing[1]]["lines"]) == "{}"
