"""A rule is published only when it reads what the catalogue holds and says nothing forbidden."""

import pytest

from despensa.domain.catalogue import load_catalogue
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.publication import publishing_problems
from tests.domain.eligibility.rules import FOOD_PARCEL, RULES, changed

CATALOGUE = load_catalogue()
DISPLACED = "displaced: {of: household, type: boolean}"


def problems(text: str) -> list[str]:
    return [str(problem) for problem in publishing_problems(parse_text(text), CATALOGUE)]


SHIPPED = sorted(RULES.glob("*.yaml"))
MEDICINE = "prescription-voucher"


@pytest.mark.parametrize(
    "path", [path for path in SHIPPED if path.stem != MEDICINE], ids=lambda path: path.stem
)
def test_every_shipped_rule_may_be_published(path):
    assert problems(path.read_text(encoding="utf-8")) == []


def test_a_language_that_people_here_read_is_refused_where_the_rule_lacks_it():
    rule = parse_text(FOOD_PARCEL)

    missing = publishing_problems(rule, CATALOGUE, ("es", "fr", "en", "pt-br"))

    assert publishing_problems(rule, CATALOGUE, ("es", "en")) == ()
    assert [one.path for one in missing] == [("languages",)] * 2
    assert "people here read fr too" in missing[0].text
    assert "pt-br" in missing[1].text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((DISPLACED, DISPLACED + "\n  shoe_size: {of: person, type: integer}"), "no such fact"),
        ((DISPLACED, DISPLACED + "\n  channel: {of: household, type: code, values: [sms]}"), "for rules"),
        ((DISPLACED, DISPLACED + "\n  livelihood_lost: {of: person, type: boolean}"), "of the household"),
        ((DISPLACED, DISPLACED + "\n  livelihood_lost: {of: household, type: integer}"), "as yes or no"),
        (("A child under {child_age} lives", "A voter under {child_age} lives"), "never held"),
        (("title:\n  en: Food parcel", "title:\n  en: Religion parcel"), "never held"),
        (("lines: {parcel: 2}", "lines: {parcel: 1}"), "but it is 2 parcel"),
    ],
)  # fmt: skip
def test_what_may_not_be_published_is_named(change, says):
    (problem,) = problems(changed(FOOD_PARCEL, *change))

    assert says in problem
