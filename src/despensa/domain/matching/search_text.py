"""
The texts a person can be found by; the keeper turns each into a keyed token.

Every text needs two parts or a whole number, so that no single name lists people.
Source: docs/reference/formats.md, section 7.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import permutations, product
from typing import NamedTuple

from despensa.domain.matching.normalise import PARTICLES_1, fold, phonetic, spoken_words, words

SEPARATOR = "\x1f"
_PREFIX_LENGTH = 3
_PARTS_MAX = 2
_VOWELS = "AEIOU"
_ARABIC_ARTICLE = "ال"
_ARTICLES = frozenset({"AL", "EL"})
_UNKNOWN_YEAR = "0000"
_NUMBERS_MAX = 2
_NOT_NUMBER = re.compile(r"[^A-Z0-9]")


class TokenKind(IntEnum):
    """What a search token was made of; the numbers are part of the hash."""

    WHOLE = 1
    PHONETIC = 2
    PREFIX = 3
    SURNAME_YEAR = 4
    PHONETIC_YEAR = 5
    DOCUMENT = 6
    PHONE = 7


class SearchText(NamedTuple):
    """One text a person can be found by."""

    kind: TokenKind
    text: str


@dataclass(frozen=True, slots=True)
class NameParts:
    """Folded words of a name; `surnames` and `given` hold at most two each."""

    surnames: tuple[str, ...]
    given: tuple[str, ...]


def name_parts(
    full_name: str,
    *,
    given: str | None = None,
    surname_1: str | None = None,
    surname_2: str | None = None,
) -> NameParts:
    """
    Return the parts of a name, guessed from its words where they were not written separately.

    Of an unseparated name the first word is the given name and the rest are surnames; of four or
    more words the first two are given names and the last two surnames. A one-word name counts as
    a surname. Two words in the field of the only surname are two surnames.
    >>> name_parts("Rosa Elena Quispe Mamani")
    NameParts(surnames=('QUISPE', 'MAMANI'), given=('ROSA', 'ELENA'))
    >>> name_parts("Amina")
    NameParts(surnames=('AMINA',), given=())
    """
    first = words(surname_1) if surname_1 else []
    if any(first):
        surnames = ["".join(first), fold(surname_2)] if surname_2 else first
        return NameParts(tuple(filter(None, surnames))[:_PARTS_MAX], _given(given))
    every = words(full_name)
    if len(every) <= 1:
        return NameParts(tuple(every), ())
    if len(every) < 4:
        return NameParts(tuple(every[1:]), (every[0],))
    return NameParts(tuple(every[-2:]), tuple(every[:2]))


def person_texts(
    parts: NameParts,
    *,
    birth_year: int | None,
    documents: Sequence[tuple[str, str, str]] = (),
    phones: Sequence[str] = (),
) -> list[SearchText]:
    """
    Return the texts of one person, without repetition.

    Shape: at most 16; documents are (type, country, number), phones E.164, two of each.
    Source: docs/reference/formats.md, section 7.
    """
    texts: dict[SearchText, None] = {}
    for surname, name in _pairs(parts):
        texts.update(dict.fromkeys(_pair_texts(surname, name)))
    for text in _year_texts(parts, birth_year):
        texts[text] = None
    for kind, country, number in documents[:_NUMBERS_MAX]:
        if _bare_number(number):
            texts[document_text(kind, country, number)] = None
    for phone in phones[:_NUMBERS_MAX]:
        texts[SearchText(TokenKind.PHONE, phone)] = None
    return list(texts)


def document_text(kind: str, country: str, number: str) -> SearchText:
    """
    Return the text of a document: its number is reduced to A to Z and digits of any script.

    >>> document_text("national_id", "SYR", "ab-١٢ ٣").text.split(SEPARATOR)
    ['national_id', 'SYR', 'AB123']
    """
    return SearchText(TokenKind.DOCUMENT, SEPARATOR.join((kind, country, _bare_number(number))))


def query_texts(query: str, known: Mapping[str, Sequence[str]] | None = None) -> list[SearchText]:
    """
    Return what a typed name may be found by; a year among the words asks for surname and year.

    Shape: empty when the query has fewer than two parts: one name alone never searches.
    The order of the words does not matter: both readings of each pair are asked. Differences
    that are not in the stored form are asked for here: another first vowel, an Arabic name with or
    without its article, and the spellings of a folded word that are `known` (`matching.variants`).
    >>> [text.kind.name for text in query_texts("quispe 1984")]
    ['SURNAME_YEAR', 'PHONETIC_YEAR']
    >>> query_texts("rosa")
    []
    """
    typed = spoken_words(query)
    year = next((int(word) for word in typed if word.isdecimal() and len(word) == 4), None)
    names = _spellings([word for word in typed if not word.isdigit()])
    if len(names) > 4:  # the words a stored name of this length is made of
        names = names[:2] + names[-2:]
    learnt = {other for forms in (known or {}).values() for other in forms}
    names = [(*forms, *(known or {}).get(forms[0], ())) for forms in names]
    if year is not None:
        asked = (text for name in names for form in name for text in _asked_year(form, year))
    else:
        asked = (
            text
            for first, second in permutations(names, 2)
            for surname, given in product(first, second)
            for text in (
                _pair_texts(surname, given)
                if learnt & {surname, given}
                else _asked_pair(surname, given)
            )
        )
    return list(dict.fromkeys(asked))


def _spellings(typed: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the folded spellings of each name; particles count when they are all there is."""
    every: list[tuple[str, ...]] = []
    former = ""
    for word in typed:
        folded = fold(word)
        if word.startswith(_ARABIC_ARTICLE) and len(word) >= len(_ARABIC_ARTICLE) + 3:
            every.append((folded, folded[len(_ARABIC_ARTICLE) :]))
        elif former in _ARTICLES:
            every.append((folded, "AL" + folded))
        elif folded:
            every.append((folded,))
        former = folded
    names = [forms for forms in every if forms[0] not in PARTICLES_1]
    return names if len(names) > 1 else every


def _heard(folded: str) -> list[str]:
    """Return the phonetic form, under every first vowel: Arabic letters do not tell which it is."""
    form = phonetic(folded)
    if form and form[0] in _VOWELS:
        return [vowel + form[1:] for vowel in _VOWELS]
    return [form]


def _asked_pair(surname: str, given: str) -> Iterator[SearchText]:
    yield from _pair_texts(surname, given)
    for pair in product(_heard(surname), _heard(given)):
        yield SearchText(TokenKind.PHONETIC, SEPARATOR.join(pair))


def _asked_year(surname: str, year: int) -> Iterator[SearchText]:
    yield from _year_texts(NameParts((surname,), ()), year)
    for heard in _heard(surname):
        yield SearchText(TokenKind.PHONETIC_YEAR, SEPARATOR.join((heard, f"{year:04d}")))


def _given(given: str | None) -> tuple[str, ...]:
    return tuple(words(given or "")[:_PARTS_MAX])


def _bare_number(number: str) -> str:
    if number.isascii():
        return _NOT_NUMBER.sub("", number.upper())
    digits = (
        str(unicodedata.decimal(sign, sign)) for sign in unicodedata.normalize("NFKC", number)
    )
    return _NOT_NUMBER.sub("", "".join(digits).upper())


def _pairs(parts: NameParts) -> list[tuple[str, str]]:
    surnames, given = parts.surnames, parts.given
    if not surnames or not given:
        return []
    pairs = [(surnames[0], given[0])]
    if len(surnames) > 1:
        pairs.append((surnames[1], given[0]))
    if len(given) > 1:
        pairs.append((surnames[0], given[1]))
    return pairs


def _pair_texts(surname: str, given: str) -> list[SearchText]:
    forms = (
        (TokenKind.WHOLE, surname, given),
        (TokenKind.PHONETIC, phonetic(surname), phonetic(given)),
        (TokenKind.PREFIX, surname[:_PREFIX_LENGTH], given[:_PREFIX_LENGTH]),
    )
    return [SearchText(kind, SEPARATOR.join((first, second))) for kind, first, second in forms]


def _year_texts(parts: NameParts, birth_year: int | None) -> list[SearchText]:
    year = _UNKNOWN_YEAR if birth_year is None else f"{birth_year:04d}"
    texts = [
        SearchText(TokenKind.SURNAME_YEAR, SEPARATOR.join((surname, year)))
        for surname in parts.surnames[:_PARTS_MAX]
    ]
    if parts.surnames:
        first = SEPARATOR.join((phonetic(parts.surnames[0]), year))
        texts.append(SearchText(TokenKind.PHONETIC_YEAR, first))
    return texts
