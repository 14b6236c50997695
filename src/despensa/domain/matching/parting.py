"""
Parting whole names into given names and surnames by how a list uses its words.

A word that mostly opens names is a given name, one that mostly ends them a surname; lists that
write the parts apart say so of their words themselves. No list of names of any country is needed.
Source: docs/matching.md, "What is compared".
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log

_COMMA = re.compile("[,\u060c]")
_DOUBT = 0.5
# A name in the other order than most must say so by more than one word.
_TURNED = log(0.02)
_TELLING_MIN = 0.2
_USES_MIN, _TOLD_MIN = 3, 30
_KNOWN_MIN = 5


def given_shares(
    whole: Sequence[Sequence[str]],
    given: Iterable[Sequence[str]] = (),
    surnames: Iterable[Sequence[str]] = (),
) -> dict[str, float]:
    """
    Return for each word the share of its uses that are given names.

    Shape: `whole` are names as words in order; `given` and `surnames` such as were written apart.
    """
    first, last = Counter[str](), Counter[str]()
    for words in given:
        first.update(words)
    for words in surnames:
        last.update(words)
    for words in whole:
        if len(words) > 1:
            first[words[0]] += 1
            last[words[-1]] += 1
    # of three words the middle one may be either: the longer names tell it first
    for lengths in (range(4, 100), range(3, 4)):
        shares = _shares(first, last)
        for words in whole:
            if len(words) in lengths:
                parts = part(words, shares)
                first.update(parts[0])
                last.update(parts[1])
    return _shares(first, last)


def opens_with_surname(
    names: Iterable[tuple[Sequence[str], str | None]], given: Collection[str]
) -> bool:
    """
    Return whether a list writes surnames first.

    Shape: `names` are the words of whole names, each with the sex entered beside it; `given` words
        known as given names. A given name tells the sex, a surname does not; where no sex is
        entered, known given names decide.
    """
    several = [(words, sex) for words, sex in names if len(words) > 1]
    opening = _tells_sex((words[0], sex) for words, sex in several)
    ending = _tells_sex((words[-1], sex) for words, sex in several)
    if opening is not None and ending is not None and abs(ending - opening) >= _TELLING_MIN:
        return ending > opening
    first = sum(words[0] in given for words, _ in several)
    last = sum(words[-1] in given for words, _ in several)
    return last >= _KNOWN_MIN and last > 2 * first


def _tells_sex(words: Iterable[tuple[str, str | None]]) -> float | None:
    """Return how far a word tells the sex beside it, from 0 to 1; None if too few say anything."""
    sexes: dict[str, Counter[str]] = {}
    for word, sex in words:
        if sex is not None:
            sexes.setdefault(word, Counter())[sex] += 1
    used = [counted for counted in sexes.values() if counted.total() >= _USES_MIN]
    total = sum(counted.total() for counted in used)
    if total < _TOLD_MIN:
        return None
    # of each word the most frequent sex but for one use, which says nothing by itself
    told = sum(
        2 * (max(c.values()) - 1) / (c.total() - 1) - 1 for c in used for _ in range(c.total())
    )
    return told / total


def comma_parts(name: str) -> tuple[str, str] | None:
    """
    Return (given names, surnames) of a name written surname first with a comma, else None.

    >>> comma_parts("GARCÍA LÓPEZ, Ana"), comma_parts("Ana García"), comma_parts("Ana,")
    (('Ana', 'GARCÍA LÓPEZ'), None, None)
    """
    surnames, *rest = [text.strip() for text in _COMMA.split(name)]
    return (rest[0], surnames) if len(rest) == 1 and rest[0] and surnames else None


def part(
    words: Sequence[str],
    shares: Mapping[str, float],
    together: Collection[int] = (),
    *,
    surname_first: bool = False,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    Return the given names and the surnames of a whole name; one word alone is a given name.

    Shape: `together` are places between two words that a hyphen joins, from 1: not parted there.
        `surname_first` says that most names of the list are written so.

    >>> known = {"ROSA": 0.9, "ELENA": 0.9, "QUISPE": 0.1, "MAMANI": 0.1}
    >>> part(["ROSA", "ELENA", "QUISPE"], known)
    (('ROSA', 'ELENA'), ('QUISPE',))
    >>> part(["QUISPE", "MAMANI", "ROSA"], known)
    (('ROSA',), ('QUISPE', 'MAMANI'))
    >>> part(["ANN", "ROSA", "QUISPE"], known, together={2})
    (('ANN',), ('ROSA', 'QUISPE'))
    """
    if len(words) < 2:
        return tuple(words), ()
    cuts = [cut for cut in range(1, len(words)) if cut not in together] or range(1, len(words))
    # without anything known the first half are given names
    middle = len(words) / 2
    as_given = [log(shares.get(word, 0.5)) for word in words]
    as_surname = [log(1 - shares.get(word, 0.5)) for word in words]
    choices = []
    for cut in cuts:
        off = -abs(cut - middle) * 0.1
        straight = sum(as_given[:cut]) + sum(as_surname[cut:])
        turned = sum(as_surname[:cut]) + sum(as_given[cut:])
        choices.append((straight + off + _TURNED * surname_first, cut, 0))
        choices.append((turned + off + _TURNED * (not surname_first), cut, 1))
    _, cut, is_turned = max(choices)
    before, after = tuple(words[:cut]), tuple(words[cut:])
    return (after, before) if is_turned else (before, after)


def _shares(first: Counter[str], last: Counter[str]) -> dict[str, float]:
    return {
        word: (first[word] + _DOUBT) / (first[word] + last[word] + 2 * _DOUBT)
        for word in {*first, *last}
    }
