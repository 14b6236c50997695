"""
Which columns of two lists hold the same, where their headers do not say so: those that share values.

One list calls a place *district* and the other *municipality*, or a number *contact* and
*telephone*. Only columns without a counterpart are looked at, never names, dates or identifiers.
Source: docs/matching.md, "What columns mean".
"""

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from despensa.adapters.matching.lists import PlainList
from despensa.domain.matching.columns import Role

_LOOSE = (
    Role.OTHER, Role.LOCALITY, Role.REGION, Role.POSTCODE, Role.PHONE, Role.DOCUMENT, Role.STREET,
    Role.HOUSEHOLD, Role.EMAIL,
)  # fmt: skip
# A column of fewer different values shares them with any other (yes and no, 1 to 9).
_DISTINCT_MIN = 8
_SHARED_MIN = 0.1
_VALUES_MAX = 20_000


def aligned(
    connection: duckdb.DuckDBPyConnection, lists: Sequence[PlainList], is_mapped: Sequence[bool]
) -> list[PlainList]:
    """Return the lists, columns without a counterpart paired by the values they share."""
    if len(lists) != 2 or any(is_mapped):
        return list(lists)
    left, right = lists
    found = sorted(
        (
            (-_shared(connection, left, a, right, b), a, b)
            for a in _without_counterpart(left, right)
            for b in _without_counterpart(right, left)
        ),
    )
    for share, a, b in found:
        if -share < _SHARED_MIN:
            break
        free = a in _without_counterpart(left, right) and b in _without_counterpart(right, left)
        if free:
            left, right = _paired(left, a, right, b)
    return [left, right]


def _without_counterpart(one: PlainList, other: PlainList) -> list[int]:
    found = []
    for number, (role, name) in enumerate(zip(one.roles, one.known_as, strict=True)):
        if role not in _LOOSE:
            continue
        by_name = role in {Role.OTHER, Role.DOCUMENT}
        there = [n for r, n in zip(other.roles, other.known_as, strict=True) if r is role]
        if (by_name and name not in there) or (not by_name and not there):
            found.append(number)
    return found


def _paired(left: PlainList, a: int, right: PlainList, b: int) -> tuple[PlainList, PlainList]:
    role = right.roles[b] if left.roles[a] is Role.OTHER else left.roles[a]
    left_roles, right_roles, known_as = list(left.roles), list(right.roles), list(right.known_as)
    left_roles[a] = right_roles[b] = role
    known_as[b] = left.known_as[a]
    return (
        replace(left, roles=tuple(left_roles)),
        replace(right, roles=tuple(right_roles), known_as=tuple(known_as)),
    )


def _shared(
    connection: duckdb.DuckDBPyConnection, left: PlainList, a: int, right: PlainList, b: int
) -> float:
    """Return which share of the different values of one column the other has, of the smaller."""
    one, other = (
        f"(SELECT DISTINCT lower(strip_accents(c{column})) AS v FROM {plain.table} WHERE c{column} "
        f"IS NOT NULL ORDER BY hash(v) LIMIT {_VALUES_MAX})"
        for plain, column in ((left, a), (right, b))
    )
    counted = connection.execute(
        f"SELECT (SELECT count(*) FROM {one}), (SELECT count(*) FROM {other}), "
        f"(SELECT count(*) FROM {one} AS x SEMI JOIN {other} AS y USING (v))"
    ).fetchone()
    first, second, both = counted or (0, 0, 0)
    smaller = min(first, second)
    return both / smaller if smaller >= _DISTINCT_MIN else 0.0
