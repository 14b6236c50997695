"""
From judged pairs to the pairs that are told: one partner each, or people with several rows.

Two lists in which hardly anybody has two likely partners are taken as lists of single people, and
a row then has one partner at most. The rows of one list are joined into people, with the pairs
that no key had brought together. Source: docs/matching.md, "From pairs to people".
"""

from collections.abc import Callable

import duckdb
from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold

from despensa.domain.matching.cluster import group

# More rows than this with two likely partners: the lists hold people twice.
_SEVERAL_MAX = 0.02
_ROUNDS_MAX = 8
_MATCHED_MOST = 0.9
_LEFT_PAIRS_MAX = 250_000
_MEMBERS_MAX = 60
_NOT_CHOSEN_MOST = -0.03
_LIKELY = 3.3  # log2 of odds 10 to 1

# Judges the pairs of a table (l, r) and makes another table of them.
Weigh = Callable[[str, str], None]


def choose_between(
    connection: duckdb.DuckDBPyConnection, rows: tuple[int, int], share: float, weigh: Weigh
) -> bool:
    """
    Create the table `chosen` (l, r, weight) of two lists; say whether rows have one partner each.

    Units: `share` of all pairs that are one person, as learnt.
    """
    if not _are_single(connection):
        connection.execute(
            "CREATE TEMP TABLE chosen AS SELECT l, r, weight FROM judged WHERE weight > 0"
        )
        return False
    connection.execute("CREATE TEMP TABLE chosen (l BIGINT, r BIGINT, weight DOUBLE)")
    connection.execute("CREATE TEMP TABLE open_pair AS SELECT l, r, weight FROM judged")
    _pair_off(connection)
    _pair_off_the_rest(connection, rows, share, weigh)
    return True


def _are_single(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "WITH likely AS (SELECT l AS one FROM judged WHERE weight > ? UNION ALL SELECT r FROM "
        "judged WHERE weight > ?), counted AS (SELECT count(*) AS n FROM likely GROUP BY one) "
        "SELECT count(*) FILTER (WHERE n > 1), count(*) FROM counted",
        [_LIKELY, _LIKELY],
    ).fetchone()
    several, every = found or (0, 0)
    return bool(several <= max(1, _SEVERAL_MAX * every))


def _pair_off(connection: duckdb.DuckDBPyConnection) -> None:
    """
    Choose, in turns, the pairs in which each row is the other's best, if rivals do not speak more.

    A row has one partner, so the odds of a pair are against all pairs of its two rows.
    """
    for _ in range(_ROUNDS_MAX):
        found = connection.execute(
            "CREATE OR REPLACE TEMP TABLE best AS WITH odds AS (SELECT *, pow(2.0::DOUBLE, "
            "least(weight, 60)) AS o FROM open_pair), rivals AS (SELECT *, sum(o) OVER (PARTITION "
            "BY l) - o + sum(o) OVER (PARTITION BY r) - o AS against, rank() OVER (PARTITION BY l "
            "ORDER BY weight DESC, r) AS for_l, rank() OVER (PARTITION BY r ORDER BY weight DESC, "
            "l) AS for_r FROM odds) SELECT l, r, weight - log2(1 + greatest(against, 0)) AS weight "
            "FROM rivals WHERE for_l = 1 AND for_r = 1 AND o >= 1 + greatest(against, 0)"
        ).fetchone()
        if not found or not found[0]:
            return
        connection.execute("INSERT INTO chosen FROM best")
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE open_pair AS SELECT * FROM open_pair WHERE l NOT IN "
            "(SELECT l FROM best UNION ALL SELECT r FROM best) AND r NOT IN (SELECT l FROM best "
            "UNION ALL SELECT r FROM best)"
        )


def _pair_off_the_rest(
    connection: duckdb.DuckDBPyConnection, rows: tuple[int, int], share: float, weigh: Weigh
) -> None:
    """Look at every pair of the few rows left over, where nearly all others found a partner."""
    matched = connection.execute("SELECT count(*) FROM chosen").fetchone()
    count = matched[0] if matched else 0
    left, right = rows[0] - count, rows[1] - count
    if not left or not right or count < _MATCHED_MOST * min(rows) or left * right > _LEFT_PAIRS_MAX:
        return
    connection.execute(
        "CREATE TEMP TABLE rest AS WITH taken AS (SELECT l AS one FROM chosen UNION ALL SELECT r "
        "FROM chosen), free AS (SELECT unique_id, side FROM person WHERE unique_id NOT IN "
        "(SELECT one FROM taken)) SELECT least(a.unique_id, b.unique_id) AS l, "
        "greatest(a.unique_id, b.unique_id) AS r FROM free a JOIN free b ON a.side < b.side"
    )
    weigh("rest", "judged_rest")
    # half of the smaller rest may still have its partner among the other rest
    gained = max(0.5 / max(left, right) / share, 1.0)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE open_pair AS SELECT l, r, weight + log2(?) AS weight "
        "FROM judged_rest",
        [gained],
    )
    _keep_judged(connection, "judged_rest")
    _pair_off(connection)


def choose_within(connection: duckdb.DuckDBPyConnection, weigh: Weigh) -> None:
    """Create the table `chosen` (l, r, weight) of one list: every pair of rows of one person."""
    connection.execute(
        "CREATE TEMP TABLE edge AS SELECT l AS unique_id_l, r AS unique_id_r, "
        "1 / (1 + pow(2.0::DOUBLE, -greatest(least(weight, 50), -50))) AS match_probability FROM "
        "judged WHERE weight > 0"
    )
    connection.execute("CREATE TEMP TABLE chosen AS SELECT l, r, weight FROM judged WHERE FALSE")
    found = connection.execute("SELECT count(*) FROM edge").fetchone()
    if not found or not found[0]:
        return
    _join_into_groups(connection)
    connection.execute(
        "CREATE TEMP TABLE within_pair AS SELECT a.unique_id AS l, b.unique_id AS r, a.cluster_id "
        "AS cluster_id FROM member a JOIN member b ON a.cluster_id = b.cluster_id AND "
        "a.unique_id < b.unique_id"
    )
    weigh("within_pair", "judged_within")
    _keep_judged(connection, "judged_within")
    connection.execute(
        "CREATE TEMP TABLE weighed AS SELECT p.l, p.r, p.cluster_id, coalesce(j.weight, -12) AS "
        "weight FROM within_pair p LEFT JOIN judged_within j ON p.l = j.l AND p.r = j.r"
    )
    _part_groups(connection)


def add_unlikely(connection: duckdb.DuckDBPyConnection, least: float) -> None:
    """Add to `chosen` the pairs that were not chosen but reach a weight, as less than even odds."""
    connection.execute(
        "INSERT INTO chosen SELECT l, r, least(weight, ?) FROM judged ANTI JOIN chosen "
        "USING (l, r) WHERE weight >= ?",
        [_NOT_CHOSEN_MOST, least],
    )


def _join_into_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table `member` (unique_id, cluster_id) of the rows hanging together."""
    least = 0.5
    while True:
        api = DuckDBAPI(connection=connection)
        connection.execute(
            "CREATE OR REPLACE TEMP VIEW node AS SELECT unique_id_l AS unique_id FROM edge UNION "
            "SELECT unique_id_r FROM edge"
        )
        made = cluster_pairwise_predictions_at_threshold(
            api.register("node"),
            api.register("edge"),
            api,
            node_id_column_name="unique_id",
            threshold_match_probability=least,
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE member AS SELECT unique_id, cluster_id FROM "
            f"{made.physical_name}"
        )
        largest = connection.execute(
            "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM member GROUP BY cluster_id)"
        ).fetchone()
        if not largest or largest[0] <= _MEMBERS_MAX or least > 1 - 1e-9:
            return
        least = 1 - (1 - least) / 30


def _part_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """Take groups without a pair that speaks against it as they are; part the others."""
    connection.execute(
        "CREATE TEMP TABLE doubtful AS SELECT cluster_id FROM weighed GROUP BY cluster_id "
        "HAVING min(weight) <= 0"
    )
    connection.execute(
        "INSERT INTO chosen SELECT l, r, weight FROM weighed WHERE cluster_id NOT IN "
        "(FROM doubtful)"
    )
    weights: dict[int, dict[tuple[int, int], float]] = {}
    for left, right, cluster, weight in connection.execute(
        "SELECT l, r, cluster_id, weight FROM weighed WHERE cluster_id IN (FROM doubtful)"
    ).fetchall():
        weights.setdefault(cluster, {})[left, right] = weight
    joined: list[tuple[int, int, float]] = []
    for of_cluster in weights.values():
        members = sorted({row for pair in of_cluster for row in pair})
        for rows in group(members, of_cluster):
            joined.extend((a, b, max(of_cluster[a, b], 0.01)) for a in rows for b in rows if a < b)
    if joined:
        connection.executemany("INSERT INTO chosen VALUES (?, ?, ?)", joined)


def _keep_judged(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Add pairs judged later, so that their reasons can be told."""
    connection.execute(f"INSERT INTO judged SELECT * FROM {table} ANTI JOIN judged USING (l, r)")
