"""
The ground on which drafts are counted: the register of one moment, reduced to what rules may read.

Two Parquet files of a private folder: a row per household and per member, under running numbers
that mean nothing elsewhere; no id, no name, no birth day. Beside them lie the decisions of drafts
counted on it, so that the next draft is compared without deciding them again. All of it lives an hour.
Source: docs/decisions/0026-rules-written-in-the-office.md.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from despensa.adapters.engine import freeze_sql
from despensa.adapters.engine.connection import opened
from despensa.domain.eligibility.frozen import Reads
from despensa.domain.eligibility.rule import FactDeclaration
from despensa.domain.ports.engine import RegistryFiles

HOUSEHOLDS, MEMBERS = "households.parquet", "members.parquet"
_HOUSEHOLD = ("household_id", "area", "facts")
_MEMBER = (
    "household_id", "birth_month", "birth_precision", "sex", "facts", "member_from", "member_until",
)  # fmt: skip


def make_ground(
    files: RegistryFiles,
    folder: Path,
    facts: Sequence[FactDeclaration],
    on: date,
    *,
    memory_mib: int,
    threads: int,
) -> None:
    """
    Write the ground of a day from two copies of the register, with these facts.

    Raises: EngineError.
    """
    sources = (Path(files.households).resolve(), Path(files.members).resolve())
    day = f"DATE {freeze_sql.text(on.isoformat())}"
    with opened(
        folder / "tmp", folder, memory_mib=memory_mib, threads=threads, sources=sources
    ) as connection:
        households = freeze_sql.csv_source(str(sources[0]), _HOUSEHOLD)
        members = freeze_sql.csv_source(str(sources[1]), _MEMBER)
        connection.execute(
            "CREATE TEMP TABLE numbered AS SELECT (row_number() OVER ())::UINTEGER AS row_id, "
            f"household_id::UUID AS household, area::UUID AS area, facts FROM {households}"
        )
        of_house = [fact for fact in facts if fact.of == "household"]
        of_person = [fact for fact in facts if fact.of == "person"]
        connection.execute(
            "CREATE TEMP TABLE people AS SELECT row_id, "
            "TRY_CAST(birth_month AS DATE) AS born, TRY_CAST(birth_precision AS TINYINT) AS known, "
            f"raw.sex, raw.facts FROM {members} AS raw "
            "JOIN numbered ON numbered.household = raw.household_id::UUID "
            f"WHERE (member_from IS NULL OR member_from::DATE <= {day}) "
            f"AND (member_until IS NULL OR member_until::DATE > {day})"
        )
        _write(
            connection,
            "SELECT row_id, area, COALESCE(size, 0)::USMALLINT AS size"
            f"{_listed(of_house)} FROM {freeze_sql.with_facts('numbered', of_house)} "
            "LEFT JOIN (SELECT row_id, count(*) AS size FROM people GROUP BY row_id) "
            "USING (row_id) ORDER BY row_id",
            folder / HOUSEHOLDS,
        )
        _write(
            connection,
            f"SELECT row_id, born, known{_listed(of_person)} "
            f"FROM {freeze_sql.with_facts('people', of_person)} ORDER BY row_id",
            folder / MEMBERS,
        )


def show_ground(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Let a connection see the ground as `ground_household` and `ground_member`."""
    for name, file in (("ground_household", HOUSEHOLDS), ("ground_member", MEMBERS)):
        source = freeze_sql.text(str((folder / file).resolve()))
        connection.execute(f"CREATE TEMP VIEW {name} AS FROM read_parquet({source})")


def show_tables(
    connection: duckdb.DuckDBPyConnection, reads: Reads, on: date, *, everywhere: bool
) -> None:
    """Let a connection see the ground as the tables `household` and `member` that a rule reads."""
    known = {
        name: {column for column, *_ in connection.execute(f"DESCRIBE {name}").fetchall()}
        for name in ("ground_household", "ground_member")
    }
    inside = "TRUE" if everywhere else "(area IN (SELECT area FROM programme_area))"
    household = ["row_id", *([f"{inside} AS in_area"] if reads.in_area else [])]
    household += [_narrowed(fact, known["ground_household"]) for fact in reads.household_facts]
    if reads.lot:
        household.append("(hash(row_id) % 281474976710656)::BIGINT AS lot")
    member = ["row_id"]
    for index, age in enumerate(reads.ages):
        member += freeze_sql.age_columns(age, index, age.on or on)
    member += [_narrowed(fact, known["ground_member"]) for fact in reads.person_facts]
    for name, columns in (("household", household), ("member", member)):
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {', '.join(columns)} FROM ground_{name}"
        )


def _narrowed(fact: FactDeclaration, known: set[str]) -> str:
    """Return a fact as a rule reads it: a value it does not name is unknown, like one not held."""
    column = f"fact_{fact.name}"
    if column not in known:
        return f"NULL AS {column}"
    if fact.type != "code":
        return column
    listed = ", ".join(freeze_sql.text(value) for value in fact.values)
    return f"CASE WHEN {column} IN ({listed}) THEN {column} END AS {column}"


def _listed(facts: Sequence[FactDeclaration]) -> str:
    return "".join(f", {column}" for column in freeze_sql.fact_columns(facts))


def _write(connection: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    target = freeze_sql.text(str(path.resolve()))
    connection.execute(f"COPY ({select}) TO {target} (FORMAT parquet, COMPRESSION zstd)")
