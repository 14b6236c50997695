"""
Spellings that a search learns: pairs of words that stood for the same name, never whose.

Decides which pairs an approved correction or merge teaches, and which are believed. A pair counts
from its second witness on; few are kept for a word; a word of fewer than three letters teaches
nothing. Source: docs/reference/formats.md, section 7.
"""

from collections.abc import Sequence

from despensa.domain.matching.normalise import PARTICLES_1, fold, phonetic, spoken_words

WORD_LENGTH_MIN = 3
PAIRS_MAX = 3
WITNESSES_MIN = 2
BELIEVED_MAX = 4
KEPT_MAX = 8
LEARNT_A_DAY_MAX = 100

Pair = tuple[str, str]


def taught(one: str, other: str) -> tuple[Pair, ...]:
    """
    Return the pairs of folded words that two spellings of one name teach.

    Shape: at most three pairs, each in order of its words. Names of unlike length teach nothing,
    nor does a word that is heard alike already, nor names in which everything differs in one
    script: those are two names, not two spellings.
    >>> taught("Yusuf Haddad", "Joseph Haddad")
    (('JOSEPH', 'YUSUF'),)
    >>> taught("Rosa Quispe", "Rosa Kispe"), taught("Rosa Quispe", "Ana Mamani")
    ((), ())
    """
    first, second = _words(one), _words(other)
    if len(first) != len(second):
        return ()
    differing = [
        (min(left, right), max(left, right))
        for left, right in zip(first, second, strict=True)
        if left != right
    ]
    is_other_name = len(differing) == len(first) and _script(one) == _script(other)
    pairs = [pair for pair in differing if _teaches(pair)]
    if is_other_name or len(pairs) > PAIRS_MAX:
        return ()
    return tuple(dict.fromkeys(pairs))


def asked_words(query: str) -> list[str]:
    """Return the folded words of a search for which spellings may be known."""
    return [word for word in _words(query) if len(word) >= WORD_LENGTH_MIN]


def _words(name: str) -> list[str]:
    folded = [fold(word) for word in spoken_words(name)]
    return [word for word in folded if word and word not in PARTICLES_1]


def _teaches(pair: Pair) -> bool:
    left, right = pair
    return min(len(left), len(right)) >= WORD_LENGTH_MIN and phonetic(left) != phonetic(right)


def _script(name: str) -> Sequence[bool]:
    """Return what tells Latin letters from others; accents are Latin."""
    return [letter < "\u0250" for letter in name if letter.isalpha()][:1]
