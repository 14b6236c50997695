"""
Which pairs of rows are worth comparing: those that share a key few others have.

Every key is one fact or two (the sound of a word of the name and the month of birth). A key that
too many rows share is dropped for those rows, as finer keys hold them too; the cheapest keys are
taken until the pairs a row may cost are spent. So the work grows with the rows, not with their
square. Source: docs/matching.md, "Which pairs are looked at".
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import duckdb

from despensa.adapters.matching.forms import People

_BLOCK_ROWS_MAX = 250
# (rows at most, pairs a row may cost)
_PAIRS_PER_ROW = ((20_000, 80), (200_000, 40), (1 << 62, 12))
_CHEAP_ROWS_MAX = 200_000

_DATES = ("birth", "birth_month", "birth_day", "birth_year")
_PLACES = ("locality", "postcode", "region")
_EXPRESSIONS = {
    "birth_month": "birth[1:6]",
    "birth_day": "CASE WHEN length(birth) = 8 THEN birth[5:8] END",
    "birth_year": "birth[1:4]",
    "prefixes": "given[1:3] || ' ' || surname[1:3]",
    "phone_end": "phone[-5:]",
}
_ALONE = (
    "birth", "phone", "email", "address", "household", "line_2", "street", "word", "words",
    "locality", "postcode", "prefixes",
)  # fmt: skip
_TOGETHER = (
    "word", "birth_month", "birth_day", "birth_year", "street", "number", "locality", "postcode",
    "line_2", "region", "phone_end", "household", "age",
)  # fmt: skip


def candidate_pairs(connection: duckdb.DuckDBPyConnection, people: People, into: str) -> int:
    """
    Create a table of the pairs (l, r) to compare, l before r, and return their number.

    With two lists a pair holds a row of each.
    """
    _expand_words(connection)
    budget = people.total * next(cost for rows, cost in _PAIRS_PER_ROW if people.total <= rows)
    if people.pairs <= budget:
        return _all_pairs(connection, into)
    costs = []
    for number, key in enumerate(_keys(people)):
        costs.append((_prepare(connection, f"key_{number}", key, people), number))
    left = budget
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {into} (l BIGINT, r BIGINT)")
    chosen = []
    for cost, number in sorted(costs):
        if cost and cost <= left:
            chosen.append(number)
            left -= cost
    union = " UNION ALL ".join(_pairs_of(f"key_{number}", people) for number in chosen)
    if chosen:
        connection.execute(f"INSERT INTO {into} SELECT DISTINCT l, r FROM ({union})")
    for _, number in costs:
        connection.execute(f"DROP TABLE key_{number}")
    return _count(connection, into)


def chance_pairs(
    connection: duckdb.DuckDBPyConnection, people: People, into: str, wanted: int
) -> int:
    """
    Create a table of pairs (l, r) drawn without regard to what they share; return their number.

    The draw is by a hash of its number, so the same lists give the same pairs.
    """
    if people.pairs <= 2 * wanted:
        return _all_pairs(connection, into)
    last = len(people.rows) - 1
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE place AS SELECT unique_id, side, row_number() OVER "
        "(PARTITION BY side ORDER BY unique_id) - 1 AS place FROM person"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT DISTINCT least(a.unique_id, b.unique_id) "
        "AS l, greatest(a.unique_id, b.unique_id) AS r FROM (SELECT "
        f"hash(2 * i) % {people.rows[0]} AS first, hash(2 * i + 1) % {people.rows[last]} AS second "
        f"FROM range({wanted}) AS draws(i)) JOIN place a ON a.side = 0 AND a.place = first "
        f"JOIN place b ON b.side = {last} AND b.place = second WHERE a.unique_id <> b.unique_id"
    )
    return _count(connection, into)


def _all_pairs(connection: duckdb.DuckDBPyConnection, into: str) -> int:
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT least(l.unique_id, r.unique_id) AS l, "
        "greatest(l.unique_id, r.unique_id) AS r FROM person l JOIN person r "
        "ON l.side < r.side OR (l.side = r.side AND l.unique_id < r.unique_id) "
        "WHERE l.side <> r.side OR (SELECT max(side) FROM person) = 0"
    )
    return _count(connection, into)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0


def _expand_words(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE person_word AS SELECT DISTINCT unique_id, side, "
        "unnest(sounds) AS word FROM person WHERE sounds IS NOT NULL"
    )


def _keys(people: People) -> Iterator[tuple[str, ...]]:
    """Yield the facts of each key that these people have."""
    have = {*people.columns, "word", "words"}
    if "birth" in have:
        have |= {"birth_month", "birth_day", "birth_year"}
    if {"given", "surname"} <= have:
        have.add("prefixes")
    if "phone" in have:
        have.add("phone_end")
    loose = [c for c in people.columns if c.startswith(("document_", "other_"))]
    for fact in (*_ALONE, *loose):
        if fact in have:
            yield (fact,)
    if people.total > _CHEAP_ROWS_MAX:
        together = [("word", fact) for fact in _TOGETHER[1:]]
    else:
        others = [c for c in loose if c.startswith("other_")]
        together = list(combinations((*_TOGETHER, *others), 2))
    for first, second in together:
        if {first, second} <= have and not _is_one_fact(first, second):
            yield (first, second)


def _is_one_fact(first: str, second: str) -> bool:
    return any(first in group and second in group for group in (_DATES, _PLACES))


def _prepare(
    connection: duckdb.DuckDBPyConnection, table: str, key: Sequence[str], people: People
) -> int:
    """Create the table of one key, without blocks that are too large, and return its pairs."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {_key_sql(key)}")
    if len(people.rows) == 2:
        cost, rows = "nl * nr", "greatest(nl, nr)"
    else:
        cost, rows = "nl * (nl - 1) // 2", "nl"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE block AS SELECT h, count(*) FILTER (WHERE side = 0) AS nl, "
        f"count(*) FILTER (WHERE side = 1) AS nr FROM {table} GROUP BY h"
    )
    connection.execute(f"DELETE FROM block WHERE {cost} = 0 OR {rows} > {_BLOCK_ROWS_MAX}")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS FROM {table} SEMI JOIN block USING (h)"
    )
    found = connection.execute(f"SELECT coalesce(sum({cost}), 0)::BIGINT FROM block").fetchone()
    return int(found[0]) if found else 0


def _key_sql(key: Sequence[str]) -> str:
    if key == ("word",):
        return "SELECT unique_id, side, hash(word) AS h FROM person_word"
    if key == ("words",):
        return (
            "SELECT a.unique_id, a.side, hash(a.word || ' ' || b.word) AS h FROM person_word a "
            "JOIN person_word b ON a.unique_id = b.unique_id AND a.word < b.word"
        )
    expressions = [_EXPRESSIONS.get(fact, fact) for fact in key if fact != "word"]
    texts = " || '|' || ".join(f"({expression})" for expression in expressions)
    if "word" in key:
        return (
            f"SELECT unique_id, side, hash(word || '|' || texts) AS h FROM person_word JOIN "
            f"(SELECT unique_id, {texts} AS texts FROM person) USING (unique_id) "
            "WHERE texts IS NOT NULL"
        )
    return (
        f"SELECT unique_id, side, hash(texts) AS h FROM (SELECT unique_id, side, {texts} AS texts "
        "FROM person) WHERE texts IS NOT NULL"
    )


def _pairs_of(table: str, people: People) -> str:
    where = "l.side < r.side" if len(people.rows) == 2 else "l.unique_id < r.unique_id"
    return (
        "SELECT least(l.unique_id, r.unique_id) AS l, greatest(l.unique_id, r.unique_id) AS r "
        f"FROM {table} l JOIN {table} r ON l.h = r.h AND {where}"
    )
