"""The programmes that are shipped as examples: lint clean, in three languages, and decided."""

from importlib import resources

import pytest

from despensa.domain.catalogue import load_catalogue
from despensa.domain.catalogue_change import What, differences, read_catalogue
from despensa.domain.eligibility.caution import rule_warnings
from despensa.domain.eligibility.evaluate import evaluate
from despensa.domain.eligibility.explain import explain
from despensa.domain.eligibility.frozen import facts_read, reduce
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.publication import publishing_problems
from despensa.domain.eligibility.rule import Rule
from despensa.domain.forbidden import forbidden_category
from tests.domain.eligibility.rules import ROOT, RULES

CATALOGUES = resources.files("despensa.data").joinpath("catalogue")
CORE = CATALOGUES.joinpath("core-1.yaml").read_text("utf-8")
TOKEN = CATALOGUES.joinpath("facts/prescription-token.yaml").read_text("utf-8")
WITH_TOKEN = CORE.replace("version: 1", "version: 2", 1).rstrip() + "\n" + TOKEN
# programme, unit, and whether a little income more costs more than itself (the officer is told)
PROGRAMMES = [
    ("food-parcel", "parcel", False),
    ("maternal-grant", "minor", False),
    ("pension-top-up", "minor", True),
    ("cooking-gas", "minor", True),
    ("prescription-voucher", "pharmacy_voucher", False),
]


def _rule(name: str) -> Rule:
    return parse_text((RULES / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "unit", "has_edge"), PROGRAMMES)
def test_an_example_may_be_published_and_says_everything_in_three_languages(name, unit, has_edge):
    rule = _rule(name)

    assert publishing_problems(rule, read_catalogue(WITH_TOKEN)) == ()
    assert [line.unit for line in rule.benefit] == [unit]
    assert rule.languages == ("en", "es", "ar")
    assert [("cliff edge" in str(found)) for found in rule_warnings(rule)] == [True] * has_edge
    for case in rule.cases:
        decision = evaluate(rule, reduce(rule, case.household, case.on), case.on)
        told = [explain(rule, decision, case.on, [language]) for language in rule.languages]
        assert len({one.sentence for one in told}) == 3
        assert all(basis for one in told for *_, basis in one.legal_bases)


@pytest.mark.parametrize("name", [name for name, *_ in PROGRAMMES])
def test_the_cases_of_an_example_reach_every_outcome(name):
    assert {case.outcome for case in _rule(name).cases} == {1, 2, 3}


def test_the_medicine_rule_reads_one_yes_or_no_and_nothing_else_about_anybody():
    rule = _rule("prescription-voucher")
    reads = facts_read(rule)

    assert [fact.name for fact in reads.person_facts] == ["prescription_token"]
    assert (reads.in_area, reads.household_facts, reads.ages, reads.lot) == (False, (), (), False)
    text = (RULES / "prescription-voucher.yaml").read_text(encoding="utf-8")
    said = [line for line in text.splitlines() if not line.startswith("#")]
    assert not [line for line in said if forbidden_category(line)]


def test_its_fact_comes_by_a_new_version_of_the_catalogue_and_is_in_none_from_the_start():
    before, after = load_catalogue(), read_catalogue(WITH_TOKEN)

    [added] = differences(before, after)

    assert (added.what, added.fact.name) == (What.ADDED, "prescription_token")
    assert (added.fact.type, added.fact.retention_days) == ("bool", 30)
    [problem] = publishing_problems(_rule("prescription-voucher"), before)
    assert "no such fact" in str(problem)


def test_the_page_of_rules_names_every_example():
    page = (ROOT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")

    for name, *_ in PROGRAMMES:
        assert f"rules/{name}.yaml" in page
