"""Rules still being written: what of them counts, and which facts they declare."""

import copy

from despensa.domain.catalogue import load_catalogue
from despensa.domain.eligibility.document import read_document
from despensa.domain.eligibility.parse import parse, parse_text, shape_problems
from despensa.domain.eligibility.publication import counting_problems
from despensa.domain.eligibility.rewrite import written
from despensa.domain.eligibility.sketch import (
    counted_tree,
    declaring,
    effect,
    empty_clause,
    renamed,
    spoken_in,
)
from tests.domain.eligibility.shipped import shipped_text


def tree_of(name="household-support"):
    return copy.deepcopy(read_document(shipped_text(name)).tree)


def test_a_draft_without_any_words_can_be_counted():
    tree = tree_of()
    for clause in tree["clauses"]:
        clause["sentences"], clause["case"] = {}, {}
    tree |= {"title": {}, "outcomes": {}, "cases": [], "purpose": ""}

    rule = parse_text(written(counted_tree(tree)))

    assert counting_problems(rule, load_catalogue()) == ()
    assert effect(tree) == effect(tree_of())


def test_a_language_more_is_empty_everywhere_and_one_less_is_gone_everywhere():
    tree = tree_of("cooking-gas") | {"budget": {"sentences": {}}}

    more = spoken_in(tree, ["en", "pt-br"])

    said = [more["title"], *more["outcomes"].values(), more["budget"]["sentences"]]
    said += [clause["sentences"] for clause in more["clauses"]]
    said += [v["legal_basis"] for p in more["parameters"].values() for v in p["values"]]
    assert {tuple(one) for one in said} == {("en", "pt-br")}
    assert more["title"] == {"en": tree["title"]["en"], "pt-br": ""}
    assert more["clauses"][0]["sentences"]["pt-br"] == {"met": "", "not_met": "", "unknown": ""}
    assert more["budget"]["sentences"]["pt-br"] == {"met": "", "not_met": ""}
    assert effect(tree_of()) == effect(spoken_in(tree_of(), ["es"]))


def test_every_condition_number_and_benefit_counts():
    known = {effect(tree_of())}
    for change in (
        lambda tree: tree["clauses"][2]["when"]["any"].pop(),
        lambda tree: tree["parameters"]["line_minor"]["values"][0].update(value=60001),
        lambda tree: tree["benefit"][1].update(maximum=90001),
        lambda tree: tree["entitled_when"]["all"].pop(),
    ):
        tree = tree_of()
        change(tree)
        known.add(effect(tree))

    assert len(known) == 5


def test_facts_are_declared_as_they_are_read_and_no_longer():
    before = tree_of()
    tree = copy.deepcopy(before)
    tree["clauses"][2]["when"] = {"any_member": {"in": {"fact": "sex", "values": ["female"]}}}
    tree["facts"]["unread"] = {"of": "household", "type": "boolean"}

    facts = declaring(tree, before, load_catalogue())

    assert set(before["facts"]) - set(facts["facts"]) == {
        "displaced", "dwelling_shared", "livelihood_lost",
    }  # fmt: skip
    assert facts["facts"]["sex"] == {
        "of": "person", "type": "code", "values": ["female", "male", "other"],
    }  # fmt: skip
    assert "unread" in facts["facts"]
    assert "facts" not in facts["cases"][2]["household"]
    assert facts["cases"][0]["household"]["facts"] == {"income_monthly_minor": 50000}


def test_a_parameter_is_renamed_wherever_it_is_named():
    tree = renamed(tree_of(), {"line_minor": "income_line"})

    parse(tree)
    assert "line_minor" not in written(tree)
    assert list(tree["parameters"]) == ["income_line", "child_age", "share_minor"]


def test_an_unfinished_draft_has_the_shape_of_a_rule_and_a_strange_file_has_not():
    tree = tree_of()
    tree["clauses"].append(empty_clause("NEW", tree["languages"], "2026-03-01"))
    tree["clauses"][1]["when"] = {"compare": [{"fact": ""}, "<", ""]}

    assert shape_problems(read_document(written(tree))) == ()
    for change in ({"clauses": "x"}, {"more": 1}, {"benefit": [{"line": "a"}]}):
        assert shape_problems(read_document(written(tree | change)))
