"""
Judging pairs with Splink: its comparison vectors, and its weights with the rarity of values.

Splink compares the pairs we give it and adds up Fellegi-Sunter weights from the probabilities that
`domain.matching.estimate` learnt; the weight of two people of one household is added here.
Source: Splink 5.0 documentation, settings and term frequency adjustments.
"""

import logging
from collections.abc import Sequence
from math import log2
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from despensa.adapters.matching import level_sql
from despensa.adapters.matching.forms import People
from despensa.domain.matching.comparison import Comparison, Nature
from despensa.domain.matching.estimate import Model, Pattern, household_weights

_SHARE_MIN = 1e-12
# Pairs that speak more strongly against are of no use to anybody (log2 of odds).
_WEIGHT_MIN = -12.0
# How freely the frequency of a value may differ from the average of its column: a value two rows
# have is hardly known to be rare, one that fifty have is known to be common.
_RARITY_PRIOR = 0.2

logging.getLogger("splink").setLevel(logging.ERROR)


def patterns(
    connection: duckdb.DuckDBPyConnection, people: People, *tables: str
) -> list[dict[Pattern, int]]:
    """Return, for each table of pairs (l, r), how often each pattern of agreement occurs."""
    union = " UNION ALL ".join(
        f"SELECT l, r, '{number}' AS kind FROM {table}" for number, table in enumerate(tables)
    )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW counted_pair AS {union}")
    table = _predicted(connection, people, "counted_pair", "kind", model=None)
    gammas = ", ".join(_gamma(comparison) for comparison in people.comparisons)
    counted = connection.execute(
        f"SELECT match_key, {gammas}, count(*) FROM {table} GROUP BY ALL"
    ).fetchall()
    connection.execute(f"DROP TABLE {table}")
    found: list[dict[Pattern, int]] = [{} for _ in tables]
    for kind, *reached, count in counted:
        pattern = tuple(
            None if gamma < 0 else len(comparison.levels) - 1 - gamma
            for gamma, comparison in zip(reached, people.comparisons, strict=True)
        )
        found[int(kind)][pattern] = count
    return found


def weigh(
    connection: duckdb.DuckDBPyConnection, people: People, model: Model, pairs: str, into: str
) -> None:
    """
    Create a table of judged pairs: l, r, weight, and the level of each comparison as `level_N`.

    Units: `weight` is log2 of the odds that the two rows are one person; levels count from the
        best, NULL where a value is missing.
    Needs: the tables of `make_rarities` for this model.
    """
    table = _predicted(connection, people, pairs, "'0'", model=model)
    near, twins = _household_sql(people.comparisons, model)
    levels = "".join(
        f", CASE WHEN {_gamma(c)} >= 0 THEN {len(c.levels) - 1} - {_gamma(c)} END AS level_{number}"
        for number, c in enumerate(people.comparisons)
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT unique_id_l AS l, unique_id_r AS r, "
        "match_weight - log2(1 + pow(2.0::DOUBLE, least(near, 900)) + "
        "pow(2.0::DOUBLE, least(twins, 900))) AS weight"
        f", * EXCLUDE (unique_id_l, unique_id_r, match_weight, near, twins) FROM (SELECT unique_id_l,"
        f" unique_id_r, match_weight, {near} AS near, {twins} AS twins{levels} FROM {table})"
    )
    connection.execute(f"DROP TABLE {table}")


def _gamma(comparison: Comparison) -> str:
    return f"gamma_{comparison.name}"


def _predicted(
    connection: duckdb.DuckDBPyConnection,
    people: People,
    pairs: str,
    kind: str,
    *,
    model: Model | None,
) -> str:
    """
    Let Splink compare the pairs of a table and return the name of the table it made.

    Shape: `kind` is an SQL text that comes back as `match_key`.
    """
    comparisons = people.comparisons
    api = DuckDBAPI(connection=connection)
    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "comparisons": [
            _comparison(comparison, number, people, model)
            for number, comparison in enumerate(comparisons)
        ],
        "blocking_rules_to_generate_predictions": [],
        "probability_two_random_records_match": _prior(model),
        # the levels reached come only together with the values; few pairs are kept
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }
    linker = Linker(api.register("person", dataset_display_name="person"), settings, log_level=None)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW blocked AS SELECT l AS join_key_l, r AS join_key_r, "
        f"{kind} AS match_key FROM {pairs}"
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    if model is not None:
        for column in _rarity_columns(comparisons):
            linker.table_management.register_term_frequency_lookup(
                api.register(f"rarity_{column}"), column
            )
    least = _WEIGHT_MIN if model is not None else None
    predicted = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    return str(predicted.physical_name)


def _prior(model: Model | None) -> float:
    if model is None:
        return 1e-4
    strangers = max(1 - sum(model.shares), 1e-4)
    return max(model.shares[0], _SHARE_MIN) / (model.shares[0] + strangers)


def _comparison(
    comparison: Comparison, number: int, people: People, model: Model | None
) -> dict[str, Any]:
    null, texts = level_sql.conditions(comparison, frozenset(people.columns))
    levels: list[dict[str, Any]] = [
        {"sql_condition": null, "label_for_charts": "missing", "is_null_level": True}
    ]
    for place, level in enumerate(comparison.levels):
        made: dict[str, Any] = {
            "sql_condition": "ELSE" if place == len(texts) else texts[place],
            "label_for_charts": level.name,
            "m_probability": level.expected,
            "u_probability": 0.1,
        }
        if model is not None:
            made["m_probability"] = model.same[number][place]
            made["u_probability"] = model.strangers[number][place]
            if level.weighs_rarity:
                made["tf_adjustment_column"] = level_sql.rarity_column(comparison, level)
                made["tf_adjustment_weight"] = 1.0
                made["disable_tf_exact_match_detection"] = True
        levels.append(made)
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def _rarity_columns(comparisons: Sequence[Comparison]) -> list[str]:
    return [
        level_sql.rarity_column(comparison, level)
        for comparison in comparisons
        for level in comparison.levels
        if level.weighs_rarity
    ]


def make_rarities(connection: duckdb.DuckDBPyConnection, people: People, model: Model) -> None:
    """
    Create a table of frequencies for each column that weighs rarity.

    A value's frequency among others than the two rows that share it, drawn towards the average of
    its column: what two rows alone have says little about how rare it is. A level below the best
    is reached by the part of those rows that does not reach a better one.
    """
    for number, comparison in enumerate(people.comparisons):
        for place, level in enumerate(comparison.levels):
            if not level.weighs_rarity:
                continue
            column = level_sql.rarity_column(comparison, level)
            share = model.strangers[number][place]
            every = share + (model.strangers[number][0] if place else 0.0)
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE rarity_{column} AS SELECT {column}, "
                f"{share / every!r} * ({_RARITY_PRIOR} + greatest(count(*) - 2, 0)) / "
                f"({_RARITY_PRIOR / every!r} + sum(count(*)) OVER ()) AS tf_{column} FROM person "
                f"WHERE {column} IS NOT NULL GROUP BY {column} QUALIFY {_shared(column, people)}"
            )


def _shared(column: str, people: People) -> str:
    """Return the SQL of which values two rows can agree on: most numbers are one row's alone."""
    if column == "place_rarity":
        return "TRUE"
    twice = "count(*) > 1"
    if column == "phone" and "phone_2" in people.columns:
        return f"{twice} OR phone IN (SELECT phone_2 FROM person WHERE phone_2 IS NOT NULL)"
    return twice


def _household_sql(comparisons: Sequence[Comparison], model: Model) -> tuple[str, str]:
    """Return the SQL of the weights of housemates and of twins against strangers."""
    weights = household_weights(model)
    strangers = max(1 - sum(model.shares), 1e-4)
    near = [repr(log2(max(model.shares[1], _SHARE_MIN) / strangers))]
    twins = [repr(log2(max(model.shares[2], _SHARE_MIN) / strangers))]
    for number, comparison in enumerate(comparisons):
        if comparison.nature in {Nature.PERSONAL, Nature.DOCUMENT}:
            continue
        weighs = any(level.weighs_rarity for level in comparison.levels)
        rare = f" + coalesce(mw_tf_adj_{comparison.name}, 0)" if weighs else ""
        if comparison.nature is Nature.BIRTH:
            pairs = zip(model.same[number], model.strangers[number], strict=True)
            of_twins = [log2(same / strange) for same, strange in pairs]
            twins.append(_case(comparison, of_twins) + rare)
        else:
            text = _case(comparison, weights[number]) + rare
            near.append(text)
            twins.append(text)
    return " + ".join(near), " + ".join(twins)


def _case(comparison: Comparison, weights: Sequence[float]) -> str:
    whens = " ".join(
        f"WHEN {len(comparison.levels) - 1 - place} THEN {weight!r}"
        for place, weight in enumerate(weights)
    )
    return f"(CASE {_gamma(comparison)} {whens} ELSE 0.0 END)"
