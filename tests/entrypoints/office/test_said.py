"""What is wrong with a file is said in the reader's language, whatever it is."""

import re
from dataclasses import replace
from datetime import date
from functools import cache
from string import Formatter

import pytest
from django.utils.translation import override

from despensa.domain.catalogue import Catalogue, Purpose, load_catalogue
from despensa.domain.eligibility.caution import rule_warnings, small_groups
from despensa.domain.eligibility.difference import differences
from despensa.domain.eligibility.document import RuleError, read_document
from despensa.domain.eligibility.faults import SENTENCES as RULE_SENTENCES
from despensa.domain.eligibility.faults import RuleFault
from despensa.domain.eligibility.parse import parse, parse_text
from despensa.domain.eligibility.phrases import SENTENCES as PHRASES
from despensa.domain.eligibility.phrases import Phrase
from despensa.domain.eligibility.publication import publishing_problems
from despensa.domain.sentence import Name, Sentence
from despensa.domain.text_fault import Fault
from despensa.entrypoints.office.said import WORDS, said
from tests.domain.eligibility.faulty import FAULTY, NO_YAML, edited
from tests.domain.eligibility.rules import EVERY_NODE, FOOD_PARCEL, PERSON_AND_BUDGET

EVERY = [(kind, code) for kind, words in WORDS.items() for code in sorted(words)]
ENGLISH = frozenset(
    "the is of and or with not write expected leave out here this which it one each keep them "
    "there are be add must what who from never any another".split()
)


def names_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def plain_words(sentence: str) -> set[str]:
    """Return the words of a sentence that are neither the file's own nor what it tells of."""
    own = re.sub(r"`[^`]*`|\u2068[^\u2069]*\u2069|\{[^{}]*\}", " ", sentence)
    return set(re.findall(r"[a-zA-Z_']+", own))


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_both_tables_hold_the_same_codes_and_sentences(kind):
    with override("en"):
        assert {code: str(word) for code, word in WORDS[kind].items()} == dict(kind.templates)


@pytest.mark.parametrize(("kind", "code"), EVERY, ids=[f"{k.__name__}-{c}" for k, c in EVERY])
def test_every_sentence_is_told_in_each_language(kind, code):
    names = names_in(kind.templates[code])
    found = kind(code, **dict.fromkeys(names, "xyz"))
    told = {}
    for language in ("en", "es", "ar"):
        with override(language):
            template = str(WORDS[kind][code])
            assert names_in(template) == names
            told[language] = said(found)
            words = plain_words(template)
        if language == "es":
            assert not {word.lower() for word in words} & ENGLISH, template
        if language == "ar":
            assert words <= {"YAML", "en", "pt", "br", "label", "catalogue"} or kind is Fault

    assert told["en"] == found
    assert plain_words(kind.templates[code]) <= {"no"} or len(set(told.values())) == 3


def test_a_sentence_inside_a_sentence_is_told_as_well():
    inner = RuleFault("other_purpose")
    outer = Fault("read_by_rule", place="age", rule="parcel/1", why=inner)
    with override("es"):
        told = said(outer)

    assert inner in outer
    assert "la regla parcel/1 está en uso" in told
    assert "the catalogue" not in told


def test_numbers_days_and_names_are_told_as_the_reader_writes_them():
    fault = RuleFault("carried_less", most=1200, unit=Name("unit", "kg"), maximum=90_000)
    with override("es"):
        told = said(fault, {("unit", "kg"): "kilos"})
        day = said(RuleFault("value_ends", until=date(2027, 1, 1)))

    assert "1,200 kg" in fault
    assert "1.200" in told.replace("\xa0", ".").replace("\u202f", ".")
    assert "kilos" in told
    assert "ene" in day.lower()


@cache
def every_problem() -> tuple[Sentence, ...]:
    """Return everything that is said of the faulty rules."""
    shipped = load_catalogue()
    purposes = {"channel": (Purpose.RULE,), "dwelling_shared": (Purpose.REPORT,)}
    facts = [replace(f, purposes=purposes.get(f.name, f.purposes)) for f in shipped.facts]
    catalogue = Catalogue(shipped.name, 2, tuple(facts), {fact.name: fact for fact in facts})
    found = [one.text for one in small_groups({"entitled": 7})]
    for text in FAULTY:
        try:
            rule = parse_text(text)
        except RuleError as error:
            found += [one.text for one in error.problems]
            continue
        found += [
            one.text
            for one in (*publishing_problems(rule, catalogue, ["fr"]), *rule_warnings(rule))
        ]
    for text in NO_YAML:
        with pytest.raises(RuleError) as caught:
            parse_text(text)
        found += [one.text for one in caught.value.problems]
    for key, value in ((3, "x"), ("rule", 1.5)):
        with pytest.raises(RuleError) as caught:
            parse({**read_document(FOOD_PARCEL).tree, key: value})
        found += [one.text for one in caught.value.problems]
    return tuple(found)


def _codes(sentence: Sentence):
    yield sentence.code
    for value in sentence.parameters.values():
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Sentence):
                yield from _codes(one)


@cache
def every_phrase() -> tuple[Sentence, ...]:
    """Return every line of what some rules differ in, by way of each kind of part."""
    more = edited(
        FOOD_PARCEL,
        ("beside", "own_cycles"),
        ("carry_over", [{"unit": "parcel", "at_most": 2}]),
        ("benefit", 0, "purpose", "school"),
        ("benefit", 0, "rounding", {"to": 2, "direction": "down"}),
        ("cases", 0, "household", "area", "unknown"),
        ("clauses", 1, "when", {"compare": [{"count": {}}, ">", {"sum": {"of": 1}}]}),
    )
    two = edited(PERSON_AND_BUDGET, ("priority", 1, {"highest": {"count": {}}}),
                  ("beside", "nothing"))  # fmt: skip
    three = edited(EVERY_NODE, ("beside", "everything"))
    rules = [parse_text(text) for text in (FOOD_PARCEL, EVERY_NODE, PERSON_AND_BUDGET)]
    others = [parse_text(text) for text in (more, three, two)]
    found = [one for before in rules for after in others for one in differences(before, after)]
    return tuple(dict.fromkeys(line for one in found for line in (*one.before, *one.after)))


def test_the_rules_compared_show_every_phrase_there_is():
    found = {code for one in every_phrase() for code in _codes(one)}

    assert set(PHRASES) - found == set()


@pytest.mark.parametrize("language", ["es", "ar"])
def test_no_line_of_a_comparison_leaves_english_words(language):
    with override(language):
        for one in every_phrase():
            told = said(one)
            if language == "ar":
                assert not plain_words(told), told
            assert told != one or not plain_words(Phrase.templates[one.code]), told


def test_the_faulty_rules_show_every_fault_there_is():
    found = {code for one in every_problem() for code in _codes(one)}

    assert all(isinstance(one, Sentence) for one in every_problem())
    # the last one answers what no file can hold today: a part of another schema
    assert set(RULE_SENTENCES) - found == {"not_as_format"}


@pytest.mark.parametrize("language", ["es", "ar"])
def test_no_fault_of_a_rule_leaves_english_words(language):
    with override(language):
        for one in every_problem():
            told = said(one)
            assert told != one
            if language == "ar":
                assert plain_words(told) <= {"YAML", "en", "pt", "br"}, told
