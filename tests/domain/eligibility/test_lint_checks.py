"""Each check of the linter's list finds its fault, and nothing else does: without it, silence."""

import pytest

from despensa.domain.catalogue import load_catalogue
from despensa.domain.eligibility import build, caution, lint, publication
from despensa.domain.eligibility.document import RuleError
from despensa.domain.eligibility.parse import parse_text
from tests.domain.eligibility.faulty import TEXTS, edited
from tests.domain.eligibility.rules import FOOD_PARCEL

BASIS = {"en": "A", "es": "B", "ar": "C"}
NUMBER = {"of": "household", "type": "integer"}


def nothing(*_arguments, **_named):
    return ()


def never(*_arguments, **_named):
    return None


def fact(name):
    return edited(FOOD_PARCEL, ("facts", name, NUMBER))


def when(index, condition):
    return edited(FOOD_PARCEL, ("clauses", index, "when", condition))


RIGHT = ("entitled_when", "all", 1, "any", 4)
CHECKS = [
    ("a forbidden fact", fact("mosque_member"), "forbidden", (publication, "_forbidden", nothing)),
    ("a fact nobody holds", fact("unheard"), "no_such_fact",
     (publication, "fact_problems", nothing)),
    ("a card carried", fact("has_card"), "fact_card", (lint, "CARD_WORDS", frozenset())),
    ("a clause that changes nothing",
     edited(FOOD_PARCEL, (*RIGHT, {"all": [{"clause": "DISPLACED"},
                                           {"none": [{"clause": "DISPLACED"}]}]})),
     "clause_idle", (lint, "clauses_without_influence", nothing)),
    ("a clause beside one that decides more",
     when(5, {"compare": [{"count": {}}, ">=", 9]}), "clause_covered",
     (lint, "_covered", nothing)),
    ("bounds that contradict each other",
     when(1, {"any_member": {"age": {"at_least": 8, "below": {"parameter": "child_age"}}}}),
     "clause_never", (lint, "_first_day", never)),
    ("a sentence that misses a language", edited(FOOD_PARCEL, ("title", {"en": "A", "es": "B"})),
     "language_missing", (build.Builder, "_languages", never)),
    ("a gap in time",
     edited(FOOD_PARCEL, ("parameters", "child_age", "values", [
         {"from": "2026-01-01", "until": "2026-02-01", "value": 5, "legal_basis": BASIS},
         {"from": "2026-03-01", "value": 5, "legal_basis": BASIS}])),
     "gap", (lint, "_gaps", nothing)),
    ("a birth date compared", fact("birth_day"), "fact_birth",
     (lint, "BIRTH_WORDS", frozenset())),
    ("one month of birth",
     when(1, {"any_member": {"age": {"at_least": 30, "below": 31, "unit": "months"}}}),
     "single_month", (lint, "_birth_dates", nothing)),
    ("an area below the programme's", fact("village_code"), "fact_area",
     (lint, "AREA_WORDS", frozenset())),
    ("a cliff edge", TEXTS["household-support"], "cliff_edge", (caution, "_edges", nothing)),
]  # fmt: skip


def said_of(text):
    """Return the code of everything that is wrong with a rule, or worth a look."""
    try:
        rule = parse_text(text)
    except RuleError as error:
        return {one.text.code for one in error.problems}
    found = publication.publishing_problems(rule, load_catalogue())
    return {one.text.code for one in (*found, *caution.rule_warnings(rule))}


@pytest.mark.parametrize(
    ("text", "code", "check"), [one[1:] for one in CHECKS], ids=[one[0] for one in CHECKS]
)
def test_each_check_finds_its_fault_and_is_the_only_one_that_does(text, code, check, monkeypatch):
    assert code in said_of(text)

    monkeypatch.setattr(*check)

    assert code not in said_of(text)


def test_an_area_below_the_programmes_cannot_be_written_as_a_condition():
    assert said_of(when(0, {"in_area": "upper_mill"})) == {"only_programme"}


def test_a_group_below_twenty_is_warned_of_and_one_of_twenty_is_not(monkeypatch):
    groups = {"entitled": 19, "not_entitled": 20}
    [warned] = caution.small_groups(groups)
    monkeypatch.setattr(caution, "SMALL_GROUP", 0)

    assert (warned.path, warned.text.code) == (("entitled",), "small_group")
    assert caution.small_groups(groups) == ()
