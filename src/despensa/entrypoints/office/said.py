"""Sentences of the domain, said in the reader's language."""

from collections.abc import Mapping
from datetime import date
from unicodedata import bidirectional

from django.utils.formats import number_format
from django.utils.translation import get_language_bidi, pgettext

from despensa.domain.eligibility.faults import RuleFault
from despensa.domain.eligibility.phrases import Phrase
from despensa.domain.sentence import Name, NameKind, Sentence, Value, filled
from despensa.domain.text_fault import Fault
from despensa.entrypoints.office.rule_fault_words import RULE_FAULT_WORDS
from despensa.entrypoints.office.rule_phrase_words import RULE_PHRASE_WORDS
from despensa.entrypoints.office.states import Word, isolated
from despensa.entrypoints.office.templatetags.office import day
from despensa.entrypoints.office.text_fault_words import FAULT_WORDS

WORDS: Mapping[type[Sentence], Mapping[str, Word]] = {
    Fault: FAULT_WORDS,
    RuleFault: RULE_FAULT_WORDS,
    Phrase: RULE_PHRASE_WORDS,
}
Called = Mapping[tuple[NameKind, str], Word]


def said(text: str, called: Called | None = None) -> str:
    """
    Return a sentence in the reader's language; a text that is none as it is.

    Names of a file are said by their word in `called`, where there is one.
    """
    names = called or {}

    def say(value: Value) -> str:
        if isinstance(value, Sentence):
            return said(value, names)
        if isinstance(value, tuple):
            is_of_sentences = any(isinstance(one, Sentence) for one in value)
            return _apart(is_of_sentences=is_of_sentences).join(map(say, value))
        if isinstance(value, Name) and (value.kind, value) in names:
            return isolated(names[value.kind, value])
        return _in_order(value)

    if not isinstance(text, Sentence):
        return text
    return filled(str(WORDS[type(text)][text.code]), text.parameters, say)


def _apart(*, is_of_sentences: bool) -> str:
    if is_of_sentences:
        return pgettext("between parts of a list that are sentences", "; ")
    return pgettext("between words of a list", ", ")


def _in_order(value: str | int | date) -> str:
    """Return a value that a sentence of the other direction cannot turn round."""
    if isinstance(value, int):
        return number_format(value, force_grouping=True)
    if isinstance(value, date):
        return day(value)
    is_apart = get_language_bidi() or any(bidirectional(sign) in ("R", "AL") for sign in value)
    return isolated(value) if is_apart else value
