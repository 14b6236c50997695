"""
Fold 1 and phonetic form 1: what a name is reduced to before it is compared.

Both are frozen, because stored search tokens are keyed hashes of their results.
Source: docs/reference/formats.md, section 7; vectors/tokens.
"""

import re
import unicodedata
from functools import lru_cache

from despensa.domain.matching.transliteration import TABLE_1

PARTICLES_1 = frozenset(
    "AL BEN BIN BINT DA DAS DE DEL DEN DER DI DO DOS E EL IBN LA LAS LOS VAN VON Y".split()
)
_BETWEEN_WORDS = re.compile(r"[\s\-\u2010-\u2015\u2212\u060c\u061b_.,;/()&+]+")
_NOT_A_LETTER = re.compile(r"[^A-Z]")
_PHONETIC_STEPS = (
    (re.compile(r"CH|SH"), "X"),
    (re.compile(r"PH"), "F"),
    (re.compile(r"QU"), "K"),
    (re.compile(r"LL"), "Y"),
    (re.compile(r"C(?=[EI])"), "S"),
    (re.compile(r"G(?=[EI])"), "J"),
    (re.compile(r"[CQ]"), "K"),
    (re.compile(r"Z"), "S"),
    (re.compile(r"V"), "B"),
    (re.compile(r"Y"), "I"),
    (re.compile(r"H"), ""),
    (re.compile(r"(?<=.)[AEIOUW]"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
_PHONETIC_LENGTH = 6
# names repeat; a single word says nothing about a person
_WORDS_REMEMBERED = 1 << 14


class _Table(dict[int, str]):
    """Table 1 by code point, small letters as their capitals; filled as letters are met."""

    def __missing__(self, point: int) -> str:
        letter = chr(point)
        self[point] = TABLE_1.get(letter, TABLE_1.get(letter.upper(), letter))
        return self[point]


_TABLE = _Table()


def words(name: str) -> list[str]:
    """
    Return the folded words of a name in order, particles removed unless nothing is left.

    >>> words("María de los Ángeles Núñez-Ortiz")
    ['MARIA', 'ANGELES', 'NUNEZ', 'ORTIZ']
    >>> words("De la O")
    ['O']
    >>> words("De")
    ['DE']

    Source: docs/reference/formats.md, section 7, fold 1.
    """
    folded = [letters for letters in map(_letters, spoken_words(name)) if letters]
    return [word for word in folded if word not in PARTICLES_1] or folded


def spoken_words(name: str) -> list[str]:
    """
    Return the words of a name as they stand, in NFKC; an apostrophe does not part words.

    >>> spoken_words("O'Brien-\N{LATIN SMALL LIGATURE FI}") == ["O'Brien", "fi"]
    True
    """
    return [word for word in _BETWEEN_WORDS.split(unicodedata.normalize("NFKC", name)) if word]


def fold(name: str) -> str:
    """
    Return a name as one run of A to Z.

    >>> fold("Muñoz"), fold("محمد"), fold("Щукин")
    ('MUNOZ', 'MAHMD', 'SHCHUKIN')
    """
    return "".join(words(name))


@lru_cache(_WORDS_REMEMBERED)
def phonetic(folded: str) -> str:
    """
    Return phonetic form 1 of a folded name, at most six letters.

    >>> phonetic("QUISPE") == phonetic("KISPE"), phonetic("VALDEZ") == phonetic("BALDES")
    (True, True)
    >>> phonetic(fold("محمد")) == phonetic("MOHAMMED"), phonetic(fold("حداد")) == phonetic("HADDAD")
    (True, True)

    Source: docs/reference/formats.md, section 7, phonetic 1.
    """
    for pattern, replacement in _PHONETIC_STEPS:
        folded = pattern.sub(replacement, folded)
    return folded[:_PHONETIC_LENGTH]


@lru_cache(_WORDS_REMEMBERED)
def _letters(word: str) -> str:
    if word.isascii():
        return _NOT_A_LETTER.sub("", word.upper())
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFD", word.translate(_TABLE))
        if unicodedata.category(letter) != "Mn"
    )
    return _NOT_A_LETTER.sub("", bare.upper())
