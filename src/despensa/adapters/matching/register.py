"""
Matching the register within itself: people in the forms of `domain.matching.register_form`.

DuckDB in memory, no extension, no file. Keys are narrower than for plain lists: each holds a given name
or a document, so the pairs to judge grow with the people, and brothers and sisters, twins and shared
phones stay out. Source: docs/matching.md, "In the register".
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement, pairwise
from math import isqrt

import duckdb
import pyarrow as pa

from despensa.adapters.matching import level_sql
from despensa.adapters.matching.choice import choose_within
from despensa.adapters.matching.forms import People, list_columns
from despensa.adapters.matching.lists import ListError
from despensa.adapters.matching.scores import make_rarities, patterns, weigh
from despensa.domain.matching import comparison as facts
from despensa.domain.matching.comparison import Comparison
from despensa.domain.matching.estimate import Counted, Model, learn
from despensa.domain.matching.reason_codes import REASON_CODES, codes_of
from despensa.domain.matching.register_form import COLUMNS

COMPARISONS: tuple[Comparison, ...] = (
    facts.GIVEN_NAME, facts.SURNAME, facts.BIRTH_DATE, facts.SEX, facts.DOCUMENT, facts.PHONE,
    facts.AREA,
)  # fmt: skip
SCHEMA = pa.schema(
    [
        ("person", pa.binary(16)),
        ("home", pa.binary(16)),
        ("area", pa.binary(16)),
        *((column, pa.string()) for column in COLUMNS),
    ]
)
_TEXTS = (*COLUMNS, "area")
_LEARNT_PAIRS = _CHANCE_PAIRS = 80_000
_PAIRS_PER_PERSON = 5
_BLOCK_MAX = 60
_JUDGED_AT_ONCE = 4_000_000
_COMPRESSED_EVERY = 500_000
# of one person so many pairs are brought: a record without much in it resembles many
_PAIRS_MAX = 5
_GIVEN, _DOCUMENT, _SEX = 0, 4, 3
# of one household: given name the same or exchanged with the surname, and one sex; or one document
_WRITTEN_TWICE = (
    f"coalesce(level_{_DOCUMENT} <= 1, FALSE) OR (coalesce(level_{_GIVEN} <= 1, FALSE) AND "
    f"coalesce(level_{_SEX} = 0, TRUE))"
)

# What two records must have in common to be compared, cheapest evidence first. `word` is the sound of
# a given name, `names` that of a given name and a surname in either order.
_KEYS = (
    ("document", "person", "document"),
    ("phone", "given_word", "phone || '|' || word"),
    ("birth", "given_word", "birth || '|' || word"),
    ("birth", "surname_word", "birth || '|' || word"),
    ("birth[1:4]", "names", "birth[1:4] || '|' || names"),
    ("birth[5:8]", "names", "birth[5:8] || '|' || names"),
    ("area", "names", "area || '|' || names"),
    ("names", "names", "names"),
)

Clock = Callable[[], float]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class FoundPair:
    """Two people, how likely they are one, and why, as codes."""

    first: bytes
    second: bytes
    probability: float
    reasons: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RegisterOrder:
    """
    How much a run may use and bring.

    Units: `least` is a probability; `memory_mib` MiB.
    """

    memory_mib: int = 8_192
    threads: int = 2
    least: float = 0.5


@dataclass(frozen=True, slots=True)
class RegisterMatched:
    """What a run found. Units: `seconds` by part."""

    people: int
    candidates: int
    pairs: list[FoundPair]
    seconds: dict[str, float]


def match_register(
    tables: Iterable[pa.RecordBatch],
    order: RegisterOrder,
    clock: Clock,
    tell: Tell,
    *,
    bare: bool = False,
) -> RegisterMatched:
    """
    Return the pairs of people who may be one; `bare` also measures Splink alone.

    Raises: ListError when the memory does not suffice.
    """
    seconds: dict[str, float] = {}
    with _opened(order) as connection:
        at = clock()
        people = _take_in(connection, tables)
        seconds["read_seconds"], at = clock() - at, clock()
        tell(f"{people.total:,} people read and opened")
        if people.total < 2:
            return RegisterMatched(people.total, 0, [], seconds)
        candidates = _candidates(connection, people)
        seconds["block_seconds"], at = clock() - at, clock()
        tell(f"{candidates:,} of {people.pairs:,.0f} pairs share something")
        model = _learnt(connection, people, candidates)
        seconds["learn_seconds"], at = clock() - at, clock()
        _judge_all(connection, people, model, candidates)
        choose_within(connection, partial(_judge, connection, people, model))
        pairs = _found(connection, order.least)
        seconds["judge_seconds"] = clock() - at
        if bare:
            seconds["bare_seconds"] = _bare_seconds(connection, people, model, candidates, clock)
    return RegisterMatched(people.total, candidates, pairs, seconds)


@contextmanager
def _opened(order: RegisterOrder) -> Iterator[duckdb.DuckDBPyConnection]:
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
    try:
        # people's names never go to disk on the way (docs/decisions/0010)
        connection.execute("SET max_temp_directory_size = '0KiB'")
        connection.execute("ATTACH ':memory:' AS store (COMPRESS)")
        connection.execute("USE store")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET lock_configuration = true")
        for macro in level_sql.MACROS:
            connection.execute(macro)
        yield connection
    except duckdb.OutOfMemoryException as error:
        raise ListError(
            f"Not enough memory to compare the register: {order.memory_mib} MiB are allowed. Allow "
            "more, or give the machine more."
        ) from error
    finally:
        connection.close()


def _take_in(connection: duckdb.DuckDBPyConnection, tables: Iterable[pa.RecordBatch]) -> People:
    """
    Create `person`, and `person_id` with whom each number stands for.

    Both lie compressed: names repeat, and millions of people must fit into memory.
    """
    said = ", ".join((*COLUMNS, "hex(area[1:6]) AS area", *list_columns(_TEXTS)))
    count, compressed = 0, 0
    for batch in tables:
        numbers = pa.array(range(count, count + batch.num_rows), pa.int64())
        into = {
            "person_id": "SELECT n AS unique_id, person, home FROM batch",
            "person": f"SELECT n AS unique_id, 0::TINYINT AS side, {said} FROM batch",
        }
        connection.register("batch", pa.Table.from_batches([batch]).append_column("n", numbers))
        for table, rows in into.items():
            connection.execute(
                f"INSERT INTO {table} {rows}" if count else f"CREATE TABLE {table} AS {rows}"
            )
        connection.unregister("batch")
        count += batch.num_rows
        if count - compressed >= _COMPRESSED_EVERY:
            connection.execute("CHECKPOINT store")
            compressed = count
    return People((count,), COMPARISONS, _TEXTS)


def _candidates(connection: duckdb.DuckDBPyConnection, people: People) -> int:
    """
    Create `candidate` (l, r): the pairs that share a key few others have; return how many.

    The keys are taken in order until the pairs a person may cost are spent.
    """
    _expand(connection)
    connection.execute("CREATE TEMP TABLE shared (l BIGINT, r BIGINT)")
    left = people.total * _PAIRS_PER_PERSON
    for first, table, key in _KEYS:
        source = {
            "person": "person",
            "given_word": "given_word JOIN person USING (unique_id)",
            "surname_word": "surname_word JOIN person USING (unique_id)",
            "names": "names JOIN person USING (unique_id)",
        }[table]
        if first == "names":
            source = "names"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE key AS SELECT DISTINCT unique_id, hash({key}) AS h "
            f"FROM {source} WHERE ({key}) IS NOT NULL"
        )
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE block AS SELECT h, count(*) AS n FROM key GROUP BY h "
            f"HAVING n BETWEEN 2 AND {_BLOCK_MAX}"
        )
        # the finest blocks first, as many as may be paid
        budget = connection.execute(
            "SELECT coalesce(max(n), 0) FROM (SELECT n, sum(cost) OVER (ORDER BY n) AS spent FROM "
            "(SELECT n, sum(n * (n - 1) // 2) AS cost FROM block GROUP BY n)) WHERE spent <= ?",
            [left],
        ).fetchone()
        most = budget[0] if budget else 0
        made = connection.execute(
            "INSERT INTO shared SELECT a.unique_id, b.unique_id FROM key a JOIN key b ON a.h = b.h "
            "AND a.unique_id < b.unique_id WHERE a.h IN (SELECT h FROM block WHERE n <= ?)",
            [most],
        ).fetchone()
        left -= made[0] if made else 0
    for table in ("key", "block", "given_word", "surname_word", "names"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("CREATE TEMP TABLE candidate AS SELECT DISTINCT l, r FROM shared")
    connection.execute("DROP TABLE shared")
    found = connection.execute("SELECT count(*) FROM candidate").fetchone()
    return int(found[0]) if found else 0


def _expand(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the words of names as they sound, and each given name beside each surname."""
    for column in ("given", "surname"):
        connection.execute(
            f"CREATE TEMP TABLE {column}_word AS SELECT unique_id, unnest({column}_sound_words) AS "
            f"word FROM person WHERE {column}_sound IS NOT NULL"
        )
    connection.execute(
        "CREATE TEMP TABLE names AS SELECT a.unique_id, hash(least(a.word, b.word), "
        "greatest(a.word, b.word)) AS names FROM given_word a JOIN surname_word b "
        "USING (unique_id)"
    )


def _learnt(connection: duckdb.DuckDBPyConnection, people: People, candidates: int) -> Model:
    connection.execute(
        "CREATE TEMP TABLE chance_pair AS SELECT DISTINCT least(a, b) AS l, greatest(a, b) AS r FROM "
        f"(SELECT (hash(2 * i) % {people.total})::BIGINT AS a, (hash(2 * i + 1) % {people.total})"
        f"::BIGINT AS b FROM range({_CHANCE_PAIRS}) AS draws(i)) WHERE a <> b"
    )
    sampled = min(1.0, _LEARNT_PAIRS / max(candidates, 1))
    connection.execute(
        "CREATE TEMP VIEW learnt_pair AS FROM candidate "
        f"WHERE hash(l, r) % 1000000 < {round(sampled * 1_000_000)}"
    )
    seen, by_chance = patterns(connection, people, "learnt_pair", "chance_pair")
    return learn(
        people.comparisons,
        Counted(
            candidates=seen,
            by_chance=by_chance,
            pairs=people.pairs,
            people=people.total,
            sampled=sampled,
        ),
    )


def _judge_all(
    connection: duckdb.DuckDBPyConnection, people: People, model: Model, candidates: int
) -> None:
    """Judge the candidates a part at a time, keeping those that more speaks for than against."""
    make_rarities(connection, people, model)
    for number in _parts(connection, people, candidates):
        weigh(connection, people, model, "candidate_part", "judged_part")
        into = "CREATE TEMP TABLE judged AS" if number == 0 else "INSERT INTO judged"
        connection.execute(f"{into} FROM judged_part WHERE weight > 0")


def _parts(connection: duckdb.DuckDBPyConnection, people: People, candidates: int) -> Iterator[int]:
    """
    Make `candidate_part` the parts of the candidates one after the other; yield their numbers.

    A part holds the pairs of two stretches of people, so that judging it reads those two only and
    not the whole register again.
    """
    stretches = max(1, isqrt(2 * candidates // _JUDGED_AT_ONCE) + 1)
    [(found,)] = connection.execute(
        "SELECT approx_quantile(one, ?::FLOAT[]) FROM (SELECT unnest([l, r]) AS one FROM candidate)",
        [[number / stretches for number in range(1, stretches)]],
    ).fetchall()
    bounds = list(pairwise([-1, *sorted(found or []), people.total]))
    cells = combinations_with_replacement(bounds, 2)
    for number, ((first, first_last), (second, second_last)) in enumerate(cells):
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW candidate_part AS FROM candidate WHERE l > {first} AND "
            f"l <= {first_last} AND r > {second} AND r <= {second_last}"
        )
        yield number


def _judge(
    connection: duckdb.DuckDBPyConnection, people: People, model: Model, pairs: str, into: str
) -> None:
    weigh(connection, people, model, pairs, into)


def _found(connection: duckdb.DuckDBPyConnection, least: float) -> list[FoundPair]:
    """
    Return the pairs that are told, the likeliest first, no more than a few of one person.

    Two of one household whose given names are not the same are brothers, sisters or twins, whatever
    else agrees: twins are often given names that sound alike. Only one document says otherwise.
    """
    levels = ", ".join(f"judged.level_{number}" for number in range(len(COMPARISONS)))
    rows = connection.execute(
        f"WITH told AS (SELECT l, r, chosen.weight AS weight, a.person AS one, b.person AS other, "
        f"a.home = b.home AS together, {levels} FROM chosen JOIN judged USING (l, r) JOIN person_id a "
        "ON a.unique_id = l JOIN person_id b ON b.unique_id = r WHERE 1 / (1 + pow(2.0::DOUBLE, "
        "-greatest(least(chosen.weight, 50), -50))) >= ? AND NOT (a.home = b.home AND "
        f"NOT ({_WRITTEN_TWICE}))) "
        "SELECT one, other, weight, together, * EXCLUDE (l, r, one, other, weight, together) FROM told QUALIFY row_number() OVER (PARTITION "
        f"BY l ORDER BY weight DESC, r) <= {_PAIRS_MAX} AND row_number() OVER (PARTITION BY r ORDER "
        f"BY weight DESC, l) <= {_PAIRS_MAX} ORDER BY weight DESC, one, other",
        [least],
    ).fetchall()
    found = []
    for one, other, weight, together, *reached in rows:
        named = [
            (comparison.name, comparison.levels[level].name)
            for comparison, level in zip(COMPARISONS, reached, strict=True)
            if level is not None
        ]
        named.append(("household", "same" if together else "different"))
        first, second = sorted((bytes(one), bytes(other)))
        probability = 1 / (1 + 2.0 ** -max(-50.0, min(50.0, weight)))
        found.append(FoundPair(first, second, probability, codes_of(named)))
    return found


def _bare_seconds(
    connection: duckdb.DuckDBPyConnection,
    people: People,
    model: Model,
    candidates: int,
    clock: Clock,
) -> float:
    """Return how long Splink alone takes to judge the candidates, everything lying in the clear."""
    took = 0.0
    for _ in _parts(connection, people, candidates):
        began = clock()
        weigh(connection, people, model, "candidate_part", "judged_bare")
        took += clock() - began
    return took


assert all(
    (comparison.name, level.name) in REASON_CODES
    for comparison in COMPARISONS
    for level in comparison.levels
), "every level of the register has a number"
