"""What is wrong with a file of facts is said in the reader's language, whatever it is."""

from string import Formatter

import pytest
from django.utils.translation import override

from despensa.domain.text_fault import SENTENCES, Fault
from despensa.entrypoints.office.text_fault_words import FAULT_WORDS, faults


def names_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_tables_hold_the_same_codes_and_sentences():
    with override("en"):
        assert {code: str(word) for code, word in FAULT_WORDS.items()} == dict(SENTENCES)


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_fault_is_told_in_each_language(code):
    names = names_in(SENTENCES[code])
    found = Fault(code, **dict.fromkeys(names, "xyz"))
    told = {}
    for language in ("en", "es", "ar"):
        with override(language):
            assert names_in(str(FAULT_WORDS[code])) <= names
            [told[language]] = faults([found])

    assert told["en"] == found
    assert code == "in_place" or len(set(told.values())) == 3


def test_a_fault_inside_a_fault_is_told_as_well():
    inner = Fault("rule_other_purpose")
    outer = Fault("read_by_rule", place="age", rule="parcel/1", why=inner)
    with override("es"):
        [said] = faults([outer])

    assert inner in outer
    assert "la regla parcel/1 está en uso" in said
    assert "the catalogue" not in said
