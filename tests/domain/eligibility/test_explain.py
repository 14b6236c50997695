"""Why and why not, in the language of the household."""

from datetime import date

import pytest

from despensa.domain.eligibility.evaluate import evaluate
from despensa.domain.eligibility.explain import explain
from despensa.domain.eligibility.frozen import reduce
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import Household, Member
from tests.domain.eligibility.rules import EVERY_NODE, FOOD_PARCEL, changed, food_parcel

DAY = date(2026, 3, 1)
BABY = Household(True, {}, (Member(date(2025, 9, 1), 2, {}),))
UNASKED = Household(True, {}, (Member(None, 0, {}),))
AWAY = Household(False, {"displaced": True}, (Member(date(1990, 1, 1), 2, {}),))


def explained(household, languages=("en",), rule=None, on=DAY):
    rule = rule or food_parcel()
    return explain(rule, evaluate(rule, reduce(rule, household, on), on), on, languages)


def test_the_reasons_for_a_yes_are_the_clauses_that_are_met():
    explanation = explained(BABY)

    assert explanation.sentence == "Your household receives the food parcel of this cycle."
    assert [reason.sentence for reason in explanation.because] == [
        "The household lives in the area of the programme.",
        "A child under 5 lives in the household.",
    ]
    assert explanation.lines == (("parcel", 1),)


def test_the_reason_for_a_no_leaves_out_what_would_not_have_helped():
    explanation = explained(AWAY)

    assert [reason.code for reason in explanation.because] == ["LIVES_IN_AREA"]
    assert "You may appeal" in explanation.sentence
    assert "DISPLACED" in [reason.code for reason in explanation.besides]


def test_what_is_missing_is_named():
    explanation = explained(UNASKED)

    assert [reason.code for reason in explanation.because] == [
        "YOUNG_CHILD",
        "OLDER_MEMBER",
        "CARE_NEED",
        "DISPLACED",
    ]
    assert explanation.because[0].sentence.startswith("A birth date is missing")


def test_a_right_without_a_known_quantity_names_the_missing_fact():
    rule = parse_text(EVERY_NODE)
    family = Household(True, {}, (Member(date(1990, 1, 1), 2, {}), Member(date(2018, 1, 1), 2, {})))

    explanation = explained(family, rule=rule)

    assert "We do not know the income." in [reason.sentence for reason in explanation.because]


@pytest.mark.parametrize(
    ("chain", "language"),
    [
        (("es",), "es"),
        (("es-MX", "en"), "es"),
        (("pt", "ar-SY"), "ar"),
        (("pt",), "en"),
        ((), "en"),
    ],
)
def test_the_first_language_of_the_chain_that_the_rule_speaks(chain, language):
    explanation = explained(BABY, chain)

    assert explanation.language == language
    assert (
        explanation.title
        == {"en": "Food parcel", "es": "Paquete de alimentos", "ar": "السلة الغذائية"}[language]
    )


def test_a_changed_sentence_and_threshold_appear_in_the_explanation():
    text = changed(
        FOOD_PARCEL, "A child under {child_age} lives", "A girl or boy below {child_age} lives"
    )
    text = changed(text, "value: 5\n", "value: 7\n")

    explanation = explained(BABY, rule=parse_text(text))

    assert explanation.because[1].sentence == "A girl or boy below 7 lives in the household."


def test_legal_bases_are_those_in_force_on_the_date():
    explanation = explained(BABY, ("es",))

    assert ("child_age", 5, "Ordenanza 12/2025 de apoyo alimentario, artículo 4.1") in (
        explanation.legal_bases
    )
    assert explained(BABY, on=DAY).legal_bases
