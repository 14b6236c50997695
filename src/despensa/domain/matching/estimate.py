"""
What agreement is worth in a list, learnt from the list itself without anybody's judgement.

A pair of rows is one of four things: one person, strangers, two people of one household, or twins.
Expectation maximisation over counted patterns of agreement finds how frequent each is and how
often each level is reached. The probabilities of strangers come from pairs drawn by chance; those
of one person begin at what `comparison` expects and keep a part of it, so that a list of a hundred
rows or a column of one value cannot lead it astray.
Source: I. Fellegi, A. Sunter, "A Theory for Record Linkage", 1969; W. Winkler, "Using the EM
Algorithm for Weight Computation", 1988; docs/matching.md, "What is learnt".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, log2

from despensa.domain.matching.comparison import Comparison, Nature

# A pattern: the level reached in each comparison, None where a value is missing.
Pattern = tuple[int | None, ...]
Table = list[list[float]]

_ROUNDS = 30
_CHANGE_MIN = 1e-4
_PRIOR_PAIRS = 12.0
_LEAST = 1e-4
_CHANCE_PAIRS = 0.3
_FORGOTTEN = 1e-5
_NAMESAKES = 0.03
_ANCHORED_MIN, _ANCHORED_MAX = 30.0, 0.2
# So many may go by their second name in one entry; it must not open the door to every twin.
_ANCHORED_DOUBT = 0.02
# No list makes "another given name" or "another birth date" usual for one person: a column in which
# it seems so has met brothers and sisters. Only pairs with one document may show more.
_DIFFERENT_MAX = {
    Nature.GIVEN_NAME: 0.002,
    Nature.DOCUMENT: 0.12,
    Nature.PERSONAL: 0.12,
    Nature.BIRTH: 0.004,
    Nature.SHARED: 0.6,
}


@dataclass(frozen=True, slots=True)
class Counted:
    """
    Patterns of agreement and how often they were seen.

    Units: `candidates` are pairs that share something, `by_chance` pairs drawn by chance;
        `pairs` is how many pairs there are at all, of which `candidates` hold the share `sampled`.
    """

    candidates: Mapping[Pattern, int]
    by_chance: Mapping[Pattern, int]
    pairs: float
    people: int
    sampled: float = 1.0


@dataclass(frozen=True, slots=True)
class Model:
    """
    What was learnt.

    Shape: `same`, `strangers`, `housemates` hold one list a comparison, one probability a level.
    Units: `shares` of all pairs that are one person, housemates, twins.
    """

    comparisons: tuple[Comparison, ...]
    same: Table
    strangers: Table
    housemates: Table
    shares: tuple[float, float, float]


def learn(comparisons: Sequence[Comparison], counted: Counted) -> Model:
    """
    Return the model that explains the counted patterns best.

    Holds: all probabilities are above 0 and those of one comparison sum to 1.
    """
    model = _first_guess(comparisons, counted)
    patterns = list(counted.candidates.items())
    for turn in range(_ROUNDS):
        former = model
        judged = [(pattern, count, classes(model, pattern)) for pattern, count in patterns]
        if turn == 0:  # what can be no pair of one household will not become one
            judged = [entry for entry in judged if sum(entry[2][:3]) > _FORGOTTEN]
            patterns = [(pattern, count) for pattern, count, _ in judged]
        model = _improved(model, counted, judged)
        if _change(former, model) < _CHANGE_MIN:
            break
    return model


def classes(model: Model, pattern: Pattern) -> tuple[float, float, float, float]:
    """Return the probabilities that a pair is one person, housemates, twins, strangers."""
    logs = [log(share) for share in (*model.shares, max(_LEAST, 1 - sum(model.shares)))]
    for number, level in enumerate(pattern):
        if level is None:
            continue
        same, strange = model.same[number][level], model.strangers[number][level]
        near = model.housemates[number][level]
        is_birth = model.comparisons[number].nature is Nature.BIRTH
        logs[0] += log(same)
        logs[1] += log(near)
        logs[2] += log(same if is_birth else near)
        logs[3] += log(strange)
    highest = max(logs)
    parts = [exp(value - highest) for value in logs]
    total = sum(parts)
    return (parts[0] / total, parts[1] / total, parts[2] / total, parts[3] / total)


def household_weights(model: Model) -> Table:
    """
    Return what each level speaks for housemates against strangers.

    Units: match weights (log2).
    """
    return [
        [log2(near / strange) for near, strange in zip(nears, strangers, strict=True)]
        for nears, strangers in zip(model.housemates, model.strangers, strict=True)
    ]


def _first_guess(comparisons: Sequence[Comparison], counted: Counted) -> Model:
    same = [[level.expected for level in comparison.levels] for comparison in comparisons]
    share = max(counted.people * 0.2, 1.0) / max(counted.pairs, 2.0)
    near = share * 0.5
    strangers = [
        _strangers(comparison, number, counted, share, same[number])
        for number, comparison in enumerate(comparisons)
    ]
    housemates = [
        _housemates_guess(comparison, strangers[number], same[number])
        for number, comparison in enumerate(comparisons)
    ]
    has_birth = any(comparison.nature is Nature.BIRTH for comparison in comparisons)
    return Model(
        tuple(comparisons),
        same,
        strangers,
        housemates,
        (min(share, 0.3), min(near, 0.15), min(near, 0.15) * (0.05 if has_birth else 1e-3)),
    )


def _strangers(
    comparison: Comparison, number: int, counted: Counted, share: float, same: Sequence[float]
) -> list[float]:
    """Return how often strangers reach each level, the people met twice by chance taken out."""
    seen = [0.0] * len(comparison.levels)
    for pattern, count in counted.by_chance.items():
        level = pattern[number]
        if level is not None:
            seen[level] += count
    total = sum(seen)
    if not total:
        return list(same)
    by_chance = [
        max(count - total * share * of_one, _CHANCE_PAIRS)
        for count, of_one in zip(seen, same, strict=True)
    ]
    return _shares(by_chance)


def _housemates_guess(
    comparison: Comparison, strangers: Sequence[float], same: Sequence[float]
) -> list[float]:
    if comparison.nature is Nature.SHARED:
        return _shares([level.expected for level in comparison.levels])
    if comparison.nature is Nature.GIVEN_NAME:  # fathers and sons of one name
        return [
            (1 - _NAMESAKES) * apart + _NAMESAKES * alike
            for apart, alike in zip(strangers, same, strict=True)
        ]
    return list(strangers)


def _improved(
    model: Model,
    counted: Counted,
    judged: Sequence[tuple[Pattern, int, tuple[float, float, float, float]]],
) -> Model:
    same_counts = [[0.0] * len(comparison.levels) for comparison in model.comparisons]
    near_counts = [[0.0] * len(comparison.levels) for comparison in model.comparisons]
    anchored = [[0.0] * len(comparison.levels) for comparison in model.comparisons]
    totals = [0.0, 0.0, 0.0]
    documents = [
        number
        for number, comparison in enumerate(model.comparisons)
        if comparison.nature is Nature.DOCUMENT
    ]
    for pattern, count, parts in judged:
        has_anchor = any(pattern[number] == 0 for number in documents)
        of_one, near = count * parts[0], count * (parts[1] + parts[2])
        totals = [total + count * part for total, part in zip(totals, parts, strict=False)]
        for number, level in enumerate(pattern):
            if level is not None:
                same_counts[number][level] += of_one
                near_counts[number][level] += near
                anchored[number][level] += of_one * has_anchor
    pairs = max(counted.pairs * counted.sampled, 2.0)
    shares = tuple(min(max(total, 0.02) / pairs, 0.4) for total in totals)
    same = [
        _learnt(comparison, same_counts[number], anchored[number])
        for number, comparison in enumerate(model.comparisons)
    ]
    strangers = [
        _strangers(comparison, number, counted, shares[0], same[number])
        for number, comparison in enumerate(model.comparisons)
    ]
    housemates = [
        _no_less_damaged(_shares(_with_prior(comparison, near_counts[number])), same[number])
        if comparison.nature is Nature.SHARED
        else _housemates_guess(comparison, strangers[number], same[number])
        for number, comparison in enumerate(model.comparisons)
    ]
    return Model(model.comparisons, same, strangers, housemates, (shares[0], shares[1], shares[2]))


def _no_less_damaged(near: Sequence[float], same: Sequence[float]) -> list[float]:
    """
    Return how often housemates reach each level, disagreeing no less often than one person.

    Two entries of one person and entries of two housemates suffer the same slips and removals.
    """
    apart = [max(*levels) for levels in zip(near[1:], same[1:], strict=True)]
    return _shares([max(1 - sum(apart), near[0] / 2), *apart])


def _learnt(
    comparison: Comparison, counts: Sequence[float], anchored: Sequence[float]
) -> list[float]:
    shares = _shares(_with_prior(comparison, counts))
    most = _DIFFERENT_MAX[comparison.nature]
    if comparison.nature in {Nature.GIVEN_NAME, Nature.BIRTH} and sum(anchored) >= _ANCHORED_MIN:
        most = max(most, min(1.2 * (anchored[-1] / sum(anchored) - _ANCHORED_DOUBT), _ANCHORED_MAX))
    if shares[-1] <= most:
        return shares
    rest = (1 - most) / (1 - shares[-1])
    return [*(share * rest for share in shares[:-1]), most]


def _with_prior(comparison: Comparison, counts: Sequence[float]) -> list[float]:
    return [
        count + _PRIOR_PAIRS * level.expected
        for count, level in zip(counts, comparison.levels, strict=True)
    ]


def _shares(counts: Sequence[float]) -> list[float]:
    total = sum(counts)
    return [max(count / total, 1e-9) for count in counts]


def _change(former: Model, model: Model) -> float:
    return max(
        abs(old - new)
        for olds, news in zip(former.same, model.same, strict=True)
        for old, new in zip(olds, news, strict=True)
    )
