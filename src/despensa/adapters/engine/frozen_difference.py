"""
What differs between two frozen folders of one rule, by household, whatever their random ids are.

The rows are compared as they are hashed, but for the random id at their head. Each folder's sealed
map says whose row it is. Source: docs/reference/formats.md section 12.
"""

from pathlib import Path

import duckdb

from despensa.adapters.engine import freeze_sql, map_file
from despensa.adapters.engine.frozen_folder import read_frozen, show_tables
from despensa.domain.eligibility.frozen import ROW_FORMAT, facts_read
from despensa.domain.eligibility.rule import Rule
from despensa.domain.ports.engine import FactsChange, FactsDifference, MapKey

_HEAD_CHARACTERS = len(f'["{ROW_FORMAT}","') + 2 * map_file.ID_LENGTH + len('",')


def find_differences(
    connection: duckdb.DuckDBPyConnection,
    then: tuple[Path, MapKey],
    now: tuple[Path, MapKey],
    rule: Rule,
) -> list[FactsDifference]:
    """
    Return the households whose frozen facts differ, ascending by id.

    Raises: EngineError when a folder or its map does not open.
    """
    _load(connection, "facts_then", then, rule)
    _load(connection, "facts_now", now, rule)
    rows = connection.execute(
        """SELECT household, before.content IS NULL, after.content IS NULL
           FROM facts_then AS before FULL JOIN facts_now AS after USING (household)
           WHERE before.content IS DISTINCT FROM after.content ORDER BY household"""
    ).fetchall()
    return [
        FactsDifference(
            bytes(household),
            FactsChange.NEW if is_new else FactsChange.GONE if is_gone else FactsChange.CHANGED,
        )
        for household, is_new, is_gone in rows
    ]


def _load(
    connection: duckdb.DuckDBPyConnection, table: str, source: tuple[Path, MapKey], rule: Rule
) -> None:
    """Make a table of each household's frozen facts: a hash of the row without its random id."""
    place, keys = source
    rows = read_frozen(str(place), rule).households
    show_tables(connection, place)
    connection.execute("CREATE OR REPLACE TEMP TABLE map_chunk (number UINTEGER, ids BLOB)")
    chunks = map_file.read_map(place / "map.sealed", rows, keys.cycle, keys.key)
    for number, ids in enumerate(chunks):
        connection.execute("INSERT INTO map_chunk VALUES (?, ?)", [number, ids])
    size, length = map_file.IDS_PER_CHUNK, map_file.ID_LENGTH
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT "
        f"ids[(row_id % {size}) * {length} + 1:(row_id % {size} + 1) * {length}] AS household, "
        f"sha256(substr(row, {_HEAD_CHARACTERS + 1})) AS content "
        f"FROM ({freeze_sql.row_select(facts_read(rule))}) AS texts "
        f"JOIN map_chunk ON number = row_id // {size}"
    )
