"""
What is never held about people, recognised by its name in five languages.

One function answers for catalogue names, fact names in rule texts, columns of imported files, API
fields and database columns. It looks at names only, never at values. A false alarm costs a column
that can be renamed; a miss costs a person, so doubtful words are refused.
Source: docs/explanation/design.md, section 2.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("en", "es", "fr", "pt", "ar")

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ARABIC_VARIANTS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": None}
)
_ARABIC_ARTICLES = ("وال", "بال", "ال", "لل")
_ARTICLE_REST_MIN = 2
# Column names are often run together: "voterid", "bloodgroup", "hasvoted". A term of four letters
# and more is found between these.
_RUN_ON_BEFORE = (
    *("", "is", "has", "es", "num", "no", "tiene", "tem", "hh", "head", "person", "member"),
    *("user", "household", "hogar", "persona", "jefe", "father", "mother"),
)
_RUN_ON_AFTER = (
    *("", "id", "no", "nr", "num", "number", "code", "name", "type", "card", "status", "url"),
    *("path", "file", "flag", "level", "group", "date", "numero", "codigo", "nombre", "tipo"),
    *("lat", "lon", "point", "profile", "history", "test", "hh", "head", "person", "member"),
    *("info", "data", "value", "hogar", "persona", "jefe"),
)
_RUN_ON_TERM_MIN = 4
_RUN_ON_SHORT = frozenset({"gps", "hiv", "vih", "dna", "adn"})
# Parts of a name that together are one term, such as "reli_gion"; shorter ones meet by chance.
_SPLIT_TERM_MIN = 5
_DIGIT_IN_WORD = re.compile(r"(?<=[a-z])[01345](?=[a-z])")
_DIGITS_AS_READ = str.maketrans("01345", "oieas")
_STEM_SIGN = "*"
_STEM_KEY = 3
_STEM_MIN = 4
_STEM_MIN_IN_PHRASE = 2
# Letters of other alphabets that look like Latin ones, for words that mix the two.
# Source: Unicode Technical Standard 39, confusables, the lower-case letters.
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһӏοανικρτυ", "aeopcyxijsdhloavikptu")


class Category(StrEnum):
    """A kind of fact that is never held. The order is that of the design and means nothing."""

    POLITICAL_OPINION = "political_opinion"
    PARTY_OR_UNION = "party_or_union"
    VOTES = "votes"
    RELIGION = "religion"
    ETHNICITY = "ethnicity"
    SEXUAL_LIFE = "sexual_life"
    HEALTH = "health"
    CRIMINAL_RECORD = "criminal_record"
    SOCIAL_MEDIA = "social_media"
    MOVEMENTS = "movements"
    BIOMETRICS = "biometrics"
    SCORES = "scores"


@dataclass(frozen=True, slots=True)
class Term:
    """
    One forbidden word or phrase, folded, with the language it was listed in.

    A word that ends in * is a stem: every word that begins so is meant.
    """

    words: tuple[str, ...]
    category: Category
    language: str


@dataclass(frozen=True, slots=True)
class ForbiddenTerms:
    """
    The list of one version, and phrases that are masked first.

    Shape: `by_first_word` holds terms by a whole first word, `by_stem` those whose first word is a
    stem by its first letters; `joined` holds phrases written as one word.
    """

    version: int
    terms: tuple[Term, ...]
    allowed: tuple[tuple[str, ...], ...]
    by_first_word: Mapping[str, tuple[Term, ...]]
    by_stem: Mapping[str, tuple[Term, ...]]
    joined: Mapping[str, Category]


def forbidden_category(name: str) -> Category | None:
    """
    Return the forbidden category a name falls in, or None when it may be used.

    Holds: depends on the words of the name alone: case, accents, signs and plural do not matter.
    Source: docs/explanation/design.md, section 2; data/catalogue/forbidden-1.yaml.

    >>> forbidden_category("electoralCardNumber")
    <Category.VOTES: 'votes'>
    >>> forbidden_category("party_size") is None
    True
    """
    return _category(name)


def words_of(name: str) -> tuple[str, ...]:
    """
    Return the folded words of a name, split at capitals, digits and every sign.

    >>> words_of("afiliaciónPolítica_2")
    ('afiliacion', 'politica')
    """
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name))
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFD", spaced.translate(_ARABIC_VARIANTS).casefold())
        if unicodedata.category(letter) not in ("Mn", "Cf")
    )
    plain = "".join(letter if letter.isalpha() else " " for letter in bare)
    return tuple(_without_article(_one_script(word)) for word in plain.split())


@cache
def forbidden_terms() -> ForbiddenTerms:
    """Return the list shipped with this version; package data, so the same in every process."""
    path = resources.files("despensa") / "data" / "catalogue" / "forbidden-1.yaml"
    return parse_forbidden_terms(yaml.safe_load(path.read_text(encoding="utf-8")))


def parse_forbidden_terms(document: Mapping[str, Any]) -> ForbiddenTerms:
    """
    Return the terms of a loaded list.

    Raises: ValueError when a category or one of its five languages is missing or unknown.
    """
    if set(document["categories"]) != {category.value for category in Category}:
        message = "the forbidden list must name exactly the categories of the design"
        raise ValueError(message)
    terms: list[Term] = []
    for category, by_language in document["categories"].items():
        if tuple(by_language) != LANGUAGES:
            message = f"category {category}: give the languages {', '.join(LANGUAGES)}, in order"
            raise ValueError(message)
        terms.extend(
            Term(_term_words(text), Category(category), language)
            for language, texts in by_language.items()
            for text in texts
        )
    by_first_word: dict[str, tuple[Term, ...]] = {}
    joined: dict[str, Category] = {}
    by_stem: dict[str, tuple[Term, ...]] = {}
    for term in terms:
        first = term.words[0]
        index, key = (
            (by_stem, first[:_STEM_KEY]) if first.endswith(_STEM_SIGN) else (by_first_word, first)
        )
        index[key] = (*index.get(key, ()), term)
        if len(term.words) > 1:
            joined["".join(word.removesuffix(_STEM_SIGN) for word in term.words)] = term.category
    allowed = tuple(words_of(text) for text in document["allowed"])
    return ForbiddenTerms(
        int(document["version"]), tuple(terms), allowed, by_first_word, by_stem, joined
    )


def _term_words(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for written in text.split():
        words = words_of(written)
        if written.endswith(_STEM_SIGN):
            if len(words[-1]) < (_STEM_MIN_IN_PHRASE if " " in text else _STEM_MIN):
                message = f"the stem {written!r} is too short; it would catch what is not meant"
                raise ValueError(message)
            words = (*words[:-1], words[-1] + _STEM_SIGN)
        found.extend(words)
    return tuple(found)


def _one_script(word: str) -> str:
    """A word that mixes alphabets is read as it looks; one of a single alphabet is left alone."""
    if any("a" <= letter <= "z" for letter in word) and not word.isascii():
        return word.translate(_LOOKALIKES)
    return word


def _without_article(word: str) -> str:
    for article in _ARABIC_ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= _ARTICLE_REST_MIN:
            return word[len(article) :]
    return word


def _forms(word: str) -> tuple[str, ...]:
    forms = [word]
    if word.endswith("s"):
        forms.append(word[:-1])
    if word.endswith("es"):
        forms.append(word[:-2])
    return tuple(forms)


def _run_on(word: str) -> Iterator[str]:
    for before in _RUN_ON_BEFORE:
        for after in _RUN_ON_AFTER:
            if (before or after) and word.startswith(before) and word.endswith(after):
                middle = word[len(before) : len(word) - len(after)]
                if len(middle) >= _RUN_ON_TERM_MIN or middle in _RUN_ON_SHORT:
                    yield middle


def _begins(words: tuple[str, ...], at: int, phrase: tuple[str, ...]) -> bool:
    part = words[at : at + len(phrase)]
    return len(part) == len(phrase) and all(
        word.startswith(wanted[:-1]) if wanted.endswith(_STEM_SIGN) else wanted in _forms(word)
        for word, wanted in zip(part, phrase, strict=True)
    )


def _masked(words: tuple[str, ...], terms: ForbiddenTerms) -> tuple[str, ...]:
    left = list(words)
    for phrase in terms.allowed:
        for at in range(len(words)):
            if _begins(words, at, phrase):
                left[at : at + len(phrase)] = [""] * len(phrase)
    return tuple(left)


def _readings(name: str, terms: ForbiddenTerms) -> Iterator[tuple[str, ...]]:
    """
    Yield the words of a name in every way it may be meant to be read.

    Split at capitals and not ("eLecToral"), digits between letters as letters ("v0te"), and its
    parts as one word ("reli_gion"); what is allowed is masked in each.
    """
    folded = name.casefold()
    spelt = _DIGIT_IN_WORD.sub(lambda digit: digit[0].translate(_DIGITS_AS_READ), folded)
    for written in dict.fromkeys((name, folded, spelt)):
        words = words_of(written)
        yield _masked(words, terms)
        whole = "".join(words)
        if len(words) > 1 and len(whole) >= _SPLIT_TERM_MIN:
            yield (whole,) if any(form in terms.by_first_word for form in _forms(whole)) else ()


@lru_cache(maxsize=16_384)
def _category(name: str) -> Category | None:
    terms = forbidden_terms()
    for words in _readings(name, terms):
        for at, word in enumerate(words):
            for form in _forms(word):
                for term in terms.by_first_word.get(form, ()):
                    if _begins(words, at, term.words):
                        return term.category
                if form in terms.joined:
                    return terms.joined[form]
            for term in terms.by_stem.get(word[:_STEM_KEY], ()):
                if _begins(words, at, term.words):
                    return term.category
            for middle in _run_on(word):
                near = terms.by_first_word.get(middle, ()) + terms.by_stem.get(
                    middle[:_STEM_KEY], ()
                )
                for term in near:
                    if len(term.words) == 1 and _begins((middle,), 0, term.words):
                        return term.category
    return None
