"""
Matching plain lists: two with each other, or one within itself. Nothing of it touches the register.

The connection reaches the given files and nothing else, loads no extension, writes no temporary
file. Source: docs/matching.md.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import log2
from pathlib import Path

import duckdb

from despensa.adapters.matching import level_sql
from despensa.adapters.matching.alignment import aligned
from despensa.adapters.matching.blocking import candidate_pairs, chance_pairs
from despensa.adapters.matching.choice import add_unlikely, choose_between, choose_within
from despensa.adapters.matching.forms import People, build_people
from despensa.adapters.matching.lists import ListError, PlainList, read_list
from despensa.adapters.matching.scores import make_rarities, patterns, weigh
from despensa.domain.matching.comparison import Comparison
from despensa.domain.matching.estimate import Counted, Model, learn

_CHANCE_PAIRS = 150_000
_LEARNT_PAIRS = 150_000
_EVEN = 0.5

Clock = Callable[[], float]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class MatchOrder:
    """
    What to match and where to write the pairs.

    Shape: `maps` give the roles of columns by header for each list, None to guess them.
    Units: `least` is the smallest probability that is written; below 0.5 also pairs that were not
        chosen, for review; `memory_mib` MiB.
    """

    lists: tuple[Path, ...]
    out: Path
    maps: tuple[Mapping[str, str] | None, ...]
    least: float = 0.5
    memory_mib: int = 4096
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Matched:
    """
    What came of it.

    Units: `bare_seconds` is the time Splink alone took for the candidates with the model learnt.
    """

    rows: tuple[int, ...]
    candidates: int
    pairs: int
    one_to_one: bool
    columns: tuple[dict[str, str], ...]
    has_identifiers: tuple[bool, ...]
    bare_seconds: float


def match_lists(order: MatchOrder, clock: Clock, tell: Tell) -> Matched:
    """
    Match the lists of an order and write the pairs as left_id,right_id,probability,reason.

    Raises: ListError and MapError with a sentence for what cannot be read or compared.
    """
    with _opened(order) as connection:
        lists = [
            read_list(connection, path, f"list_{side}", None if given is None else dict(given))
            for side, (path, given) in enumerate(zip(order.lists, order.maps, strict=True))
        ]
        lists = aligned(connection, lists, [given is not None for given in order.maps])
        people = build_people(connection, lists)
        if not people.comparisons:
            raise ListError(
                f"{order.lists[0].name} and {order.lists[-1].name} have no column in common. Say "
                "with --map what their columns mean."
            )
        tell(f"{people.total:,} rows; comparing {_named(people)}")
        candidates = candidate_pairs(connection, people, "candidate")
        tell(f"{candidates:,} of {people.pairs:,.0f} pairs share something")
        model = _learnt(connection, people, candidates)
        began = clock()
        make_rarities(connection, people, model)
        weigh(connection, people, model, "candidate", "judged")
        bare_seconds = clock() - began
        judge = partial(_judge, connection, people, model)
        one_to_one = False
        if len(lists) == 2:
            rows = (people.rows[0], people.rows[1])
            one_to_one = choose_between(connection, rows, model.shares[0], judge)
        else:
            choose_within(connection, judge)
        if order.least < _EVEN:
            add_unlikely(connection, log2(max(order.least, 1e-9) / (1 - order.least)))
        pairs = _write(connection, people, order)
    return Matched(
        rows=people.rows,
        candidates=candidates,
        pairs=pairs,
        one_to_one=one_to_one,
        columns=tuple(
            dict(zip(plain.headers, map(str, plain.roles), strict=True)) for plain in lists
        ),
        has_identifiers=tuple(_has_identifier(plain) for plain in lists),
        bare_seconds=bare_seconds,
    )


@contextmanager
def _opened(order: MatchOrder) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "memory_limit": f"{order.memory_mib}MiB",
            "threads": str(order.threads),
        },
    )
    paths = ", ".join(
        "'" + str(path.resolve()).replace("'", "''") + "'"
        for path in (*order.lists, _partial(order))
    )
    try:
        # people's names never go to disk on the way
        connection.execute("SET max_temp_directory_size = '0KiB'")
        connection.execute(f"SET allowed_paths = [{paths}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        for macro in level_sql.MACROS:
            connection.execute(macro)
        yield connection
    except duckdb.OutOfMemoryException as error:
        raise ListError(
            f"Not enough memory to match {order.lists[0].name}: {order.memory_mib} MiB are allowed. "
            "Allow more with --memory."
        ) from error
    finally:
        connection.close()


def _partial(order: MatchOrder) -> Path:
    """Return where pairs are written until they are complete."""
    return order.out.with_name(order.out.name + ".partial")


def _learnt(connection: duckdb.DuckDBPyConnection, people: People, candidates: int) -> Model:
    """Learn the model from a sample of the candidates and from pairs drawn by chance."""
    chance_pairs(connection, people, "chance_pair", _CHANCE_PAIRS)
    sampled = min(1.0, _LEARNT_PAIRS / max(candidates, 1))
    connection.execute(
        "CREATE TEMP VIEW learnt_pair AS FROM candidate "
        f"WHERE hash(l, r) % 1000000 < {round(sampled * 1_000_000)}"
    )
    candidates_seen, chance_seen = patterns(connection, people, "learnt_pair", "chance_pair")
    counted = Counted(
        candidates=candidates_seen,
        by_chance=chance_seen,
        pairs=people.pairs,
        people=min(people.rows),
        sampled=sampled,
    )
    return learn(people.comparisons, counted)


def _judge(
    connection: duckdb.DuckDBPyConnection, people: People, model: Model, pairs: str, into: str
) -> None:
    weigh(connection, people, model, pairs, into)


def _write(connection: duckdb.DuckDBPyConnection, people: People, order: MatchOrder) -> int:
    reasons = ", ".join(
        [_phrase_sql(c, number, same=True) for number, c in enumerate(people.comparisons)]
        + [_phrase_sql(c, number, same=False) for number, c in enumerate(people.comparisons)]
    )
    out = str(_partial(order).resolve()).replace("'", "''")
    within = len(people.rows) == 1
    first, second = ("l", "r") if within else ("CASE WHEN a.side = 0 THEN l ELSE r END", "")
    if not within:
        second = "CASE WHEN a.side = 0 THEN r ELSE l END"
    connection.execute(
        f"CREATE TEMP TABLE told AS SELECT {first} AS first_row, {second} AS second_row, "
        "round(1 / (1 + pow(2.0::DOUBLE, -greatest(least(chosen.weight, 50), -50))), 6) AS "
        f"probability, coalesce(nullif(concat_ws(', ', {reasons}), ''), 'nothing to compare') AS "
        "reason FROM chosen JOIN judged USING (l, r) JOIN person a ON a.unique_id = l"
    )
    connection.execute(
        "COPY (SELECT a.key AS left_id, b.key AS right_id, probability, reason FROM told JOIN "
        "person a ON a.unique_id = first_row JOIN person b ON b.unique_id = second_row WHERE "
        f"probability >= {order.least!r} ORDER BY first_row, probability DESC, second_row) "
        f"TO '{out}' (FORMAT csv, HEADER true, USE_TMP_FILE false)"
    )
    _partial(order).replace(order.out)
    found = connection.execute(
        f"SELECT count(*) FROM told WHERE probability >= {order.least!r}"
    ).fetchone()
    return int(found[0]) if found else 0


def _phrase_sql(comparison: Comparison, number: int, *, same: bool) -> str:
    places = [0] if same else range(1, len(comparison.levels))
    whens = " ".join(
        f"WHEN {place} THEN '{comparison.levels[place].phrase.replace(chr(39), chr(39) * 2)}'"
        for place in places
    )
    return f"CASE judged.level_{number} {whens} END"


def _named(people: People) -> str:
    return ", ".join(
        comparison.levels[0].phrase.removeprefix("same ") for comparison in people.comparisons
    )


def _has_identifier(plain: PlainList) -> bool:
    return any(role == "id" for role in plain.roles)
