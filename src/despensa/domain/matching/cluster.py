"""
Which rows of one list are one person, when the judgements of pairs disagree.

Rows joined by a chain of pairs need not all be one person: two siblings may hang together by one
bad copy. Groups are joined while the pairs between them speak for it on average.
Source: docs/matching.md, "From pairs to people".
"""

from collections.abc import Mapping, Sequence

# What one pair may say: two badly damaged copies hardly resemble each other, and that alone must
# not part them from the row both resemble.
_WEIGHT_MAX, _WEIGHT_MIN = 12.0, -2.0


def group(members: Sequence[int], weights: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """
    Return the members in groups of one person each.

    Units: match weights (log2) after the prior, of every two members, smaller first; a pair
        without a weight speaks against.
    >>> group([1, 2, 3], {(1, 2): 9.0, (2, 3): 8.0, (1, 3): -2.0})
    [[1, 2, 3]]
    >>> group([1, 2, 3], {(1, 2): 9.0, (2, 3): 2.0, (1, 3): -3.0})
    [[1, 2], [3]]
    """
    groups = [[member] for member in sorted(members)]
    while len(groups) > 1:
        best, first, second = max(
            (_mean(groups[i], groups[j], weights), -i, -j)
            for i in range(len(groups))
            for j in range(i + 1, len(groups))
        )
        if best <= 0:
            break
        joined = sorted(groups[-first] + groups[-second])
        groups = [g for i, g in enumerate(groups) if i not in {-first, -second}]
        groups.append(joined)
    return sorted(groups)


def _mean(
    first: Sequence[int], second: Sequence[int], weights: Mapping[tuple[int, int], float]
) -> float:
    total = sum(
        max(_WEIGHT_MIN, min(_WEIGHT_MAX, weights.get((min(a, b), max(a, b)), _WEIGHT_MIN)))
        for a in first
        for b in second
    )
    return total / (len(first) * len(second))
