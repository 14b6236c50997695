"""
The texts a person can be found by; the keeper turns each into a keyed token.

Every text needs two parts or a whole number, so that no single name lists people.
Source: docs/reference/formats.md, section 7.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from despensa.domain.matching.normalise import fold, phonetic, words

SEPARATOR = "\x1f"
_PREFIX_LENGTH = 3
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


@dataclass(frozen=True, slots=True)
class SearchText:
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

    Of an unseparated name the first word is the given name; of four or more words the first two
    are. A one-word name counts as a surname.
    >>> name_parts("Rosa Elena Quispe Mamani")
    NameParts(surnames=('QUISPE', 'MAMANI'), given=('ROSA', 'ELENA'))
    >>> name_parts("Amina")
    NameParts(surnames=('AMINA',), given=())
    """
    if surname_1 and fold(surname_1):
        surnames = tuple(filter(None, (fold(surname_1), fold(surname_2 or ""))))
        return NameParts(surnames, tuple(words(given or "")[:2]))
    every = words(full_name)
    if len(every) <= 1:
        return NameParts(tuple(every), ())
    count = 2 if len(every) >= 4 else 1
    return NameParts(tuple(every[count : count + 2]), tuple(every[:count]))


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
        texts[document_text(kind, country, number)] = None
    for phone in phones[:_NUMBERS_MAX]:
        texts[SearchText(TokenKind.PHONE, phone)] = None
    return list(texts)


def document_text(kind: str, country: str, number: str) -> SearchText:
    """Return the text of a document: its number is reduced to A to Z and digits."""
    bare = _NOT_NUMBER.sub("", number.upper())
    return SearchText(TokenKind.DOCUMENT, SEPARATOR.join((kind, country, bare)))


def query_texts(query: str) -> list[SearchText]:
    """
    Return what a typed name may be found by; a year among the words asks for surname and year.

    Shape: empty when the query has fewer than two parts: one name alone never searches.
    Order of the words does not matter: both readings of each pair are asked.
    >>> [text.kind.name for text in query_texts("quispe 1984")]
    ['SURNAME_YEAR', 'PHONETIC_YEAR']
    >>> query_texts("rosa")
    []
    """
    year = next(
        (
            int(word)
            for word in query.split()
            if word.isascii() and word.isdigit() and len(word) == 4
        ),
        None,
    )
    names = words(" ".join(word for word in query.split() if not word.isdigit()))[:4]
    if year is not None:
        found = [text for name in names for text in _year_texts(NameParts((name,), ()), year)]
        return list(dict.fromkeys(found))
    found = [
        text
        for first in names
        for second in names
        if first != second
        for text in _pair_texts(first, second)
    ]
    return list(dict.fromkeys(found))


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
        for surname in parts.surnames
    ]
    if parts.surnames:
        first = SEPARATOR.join((phonetic(parts.surnames[0]), year))
        texts.append(SearchText(TokenKind.PHONETIC_YEAR, first))
    return texts
