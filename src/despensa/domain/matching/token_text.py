"""
The texts a person can be found by, for whole files: the set-based form of `search_text`.

Each text stands after the number of its kind in one byte, ready to be keyed. Names repeat, so what
a name is reduced to is remembered; what belongs to one person alone is not.
Source: docs/reference/formats.md, section 7.
"""

from collections.abc import Sequence
from functools import lru_cache

from despensa.domain.matching.normalise import phonetic, words
from despensa.domain.matching.search_text import NameParts, document_text, name_parts

_NAMES_REMEMBERED = 1 << 14
_SEPARATOR = b"\x1f"
_PREFIX_LENGTH = 3
_NUMBERS_MAX = 2
# whole, phonetic and beginning, each with its kind in front where it is a surname
_Surname = tuple[bytes, bytes, bytes, bytes, bytes]
_Given = tuple[bytes, bytes, bytes]


def texts_of(
    full_name: str,
    parts: tuple[str | None, str | None, str] | None,
    birth_year: int | None,
    documents: Sequence[tuple[str, str, str]],
    phones: Sequence[str],
) -> list[bytes]:
    """
    Return kind and text of everything a person can be found by; some may repeat.

    `parts` are both surnames and the given names where a file tells them apart.
    Holds: as a set equal to `person_texts` of `name_parts`, which say what each text is.
    """
    if parts is not None and parts[0]:
        surnames, given = _surnames(parts[0], parts[1]), _given(parts[2])
        if not surnames:
            surnames, given = _unseparated(full_name)
    else:
        surnames, given = _unseparated(full_name)
    year = b"0000" if birth_year is None else b"%04d" % birth_year
    texts = []
    if surnames:
        first = surnames[0]
        if given:
            texts = _pair(first, given[0])
            if len(surnames) > 1:
                texts += _pair(surnames[1], given[0])
            if len(given) > 1:
                texts += _pair(first, given[1])
        texts += [surname[3] + year for surname in surnames]
        texts.append(first[4] + year)
    for kind, country, number in documents[:_NUMBERS_MAX]:
        text = document_text(kind, country, number).text
        if not text.endswith("\x1f"):
            texts.append(b"\x06" + text.encode())
    texts += [b"\x07" + phone.encode() for phone in phones[:_NUMBERS_MAX]]
    return texts


def _pair(surname: _Surname, given: _Given) -> list[bytes]:
    return [surname[0] + given[0], surname[1] + given[1], surname[2] + given[2]]


@lru_cache(_NAMES_REMEMBERED)
def _surnames(surname_1: str, surname_2: str | None) -> tuple[_Surname, ...]:
    found = name_parts("", surname_1=surname_1, surname_2=surname_2)
    return tuple(_surname(one) for one in found.surnames)


@lru_cache(_NAMES_REMEMBERED)
def _given(given: str) -> tuple[_Given, ...]:
    return tuple(_called(one) for one in words(given)[:2])


def _unseparated(full_name: str) -> tuple[tuple[_Surname, ...], tuple[_Given, ...]]:
    found: NameParts = name_parts(full_name)
    return (
        tuple(_surname(one) for one in found.surnames[:2]),
        tuple(_called(one) for one in found.given),
    )


@lru_cache(_NAMES_REMEMBERED)
def _surname(word: str) -> _Surname:
    whole, heard = word.encode() + _SEPARATOR, phonetic(word).encode() + _SEPARATOR
    beginning = word[:_PREFIX_LENGTH].encode() + _SEPARATOR
    return b"\x01" + whole, b"\x02" + heard, b"\x03" + beginning, b"\x04" + whole, b"\x05" + heard


@lru_cache(_NAMES_REMEMBERED)
def _called(word: str) -> _Given:
    return word.encode(), phonetic(word).encode(), word[:_PREFIX_LENGTH].encode()
