"""
Writing and reading the folder of a frozen cycle.

Shape: household.parquet, member.parquet, tree.bin, map.sealed and frozen.json (format, rule hash,
date, counts, root). Source: docs/explanation/design.md section 7.2.
"""

import csv
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import duckdb

from despensa.adapters.engine import freeze_sql, map_file, merkle_file
from despensa.domain.eligibility.frozen import facts_read
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.rule import Rule
from despensa.domain.ports.engine import EngineError, FreezeOrder, FrozenCycle, Telling

FORMAT = 1
HASHES_PER_CHUNK = 65_536
_OVERWRITTEN_AT_ONCE = 1 << 20
_HOUSEHOLD_COLUMNS = frozenset({"household_id", "area", "facts"})
_MEMBER_COLUMNS = frozenset({"household_id", "birth_month", "birth_precision", "sex", "facts"})
_DATED_COLUMNS = frozenset({"member_from", "member_until"})


def write_frozen(
    connection: duckdb.DuckDBPyConnection,
    partial: Path,
    sources: tuple[Path, Path],
    order: FreezeOrder,
    folder: str,
    told: Telling,
) -> FrozenCycle:
    """
    Write the files of a frozen cycle into `partial` and return what they hold, as of `folder`.

    Raises: EngineError when a source lacks a column, repeats a household or holds strays; what
        `told` raises.
    """
    told(0, 0)
    _load(connection, sources, order)
    households, members = _write_tables(connection, partial, order)
    told(0, households)
    root = _write_root(connection, partial, households, order, told)
    _write_map(connection, partial, households, order)
    frozen = FrozenCycle(folder, rule_hash(order.rule), order.on, households, members, root)
    _write_manifest(partial, frozen)
    return frozen


def read_frozen(folder: str, rule: Rule) -> FrozenCycle:
    """
    Return what a frozen folder says about itself.

    Raises: EngineError when the folder is not a frozen cycle, is newer than this version, or was
        frozen for another rule.
    """
    path = Path(folder) / "frozen.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        frozen = FrozenCycle(
            folder=folder,
            rule_hash=bytes.fromhex(manifest["rule_hash"]),
            on=date.fromisoformat(manifest["on"]),
            households=int(manifest["households"]),
            members=int(manifest["members"]),
            root=bytes.fromhex(manifest["root"]),
        )
        written = manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{folder} is no frozen cycle: {path.name} does not open") from error
    if written != FORMAT:
        raise EngineError(f"{folder} has frozen format {written}; this version reads {FORMAT}")
    if frozen.rule_hash != rule_hash(rule):
        raise EngineError(f"{folder} was frozen for another rule; freeze the cycle for this one")
    return frozen


def frozen_at(folder: str) -> float:
    """Return when a frozen folder was written, in seconds of the epoch. Raises: OSError."""
    return (Path(folder) / "frozen.json").stat().st_mtime


def destroy_folder(folder: Path) -> None:
    """
    Overwrite every file of a frozen folder, then remove it; what is gone is no error.

    The manifest goes first: a folder that was half destroyed no longer opens.
    """
    if not folder.is_dir():
        return
    (folder / "frozen.json").unlink(missing_ok=True)
    # what was killed may have left a folder of temporary files
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("r+b") as file:
            left = path.stat().st_size
            while left > 0:
                left -= file.write(bytes(min(left, _OVERWRITTEN_AT_ONCE)))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    shutil.rmtree(folder)
    parent = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def _header(path: Path, needed: frozenset[str]) -> list[str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(f"{path} cannot be read; copy the register out again") from error
    missing = sorted(needed - set(columns))
    if missing:
        raise EngineError(
            f"{path} has no column {missing[0]}; its first line must name the columns"
        )
    return columns


def _load(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Path], order: FreezeOrder
) -> None:
    reads = facts_read(order.rule)
    household_columns = _header(sources[0], _HOUSEHOLD_COLUMNS)
    member_columns = _header(sources[1], _MEMBER_COLUMNS)
    connection.execute("CREATE TEMP TABLE programme_area (area UUID)")
    if order.areas:
        areas = [[str(UUID(bytes=area))] for area in order.areas]
        connection.executemany("INSERT INTO programme_area VALUES (?)", areas)
    source = freeze_sql.csv_source(str(sources[0]), household_columns)
    query = freeze_sql.household_select(
        reads,
        source,
        everywhere=order.areas is None,
        id_key=order.id_key,
        lot_seed=order.lot_seed or b"",
    )
    connection.execute(
        "CREATE TEMP TABLE household_all AS SELECT (row_number() OVER (ORDER BY random_id) - 1)"
        f"::UINTEGER AS row_id, * FROM ({query})"
    )
    source = freeze_sql.csv_source(str(sources[1]), member_columns)
    dated = set(member_columns) >= _DATED_COLUMNS
    query = freeze_sql.member_select(reads, source, order.on, dated=dated)
    connection.execute(f"CREATE TEMP TABLE member_all AS {query}")
    _check_loaded(connection)


def _check_loaded(connection: duckdb.DuckDBPyConnection) -> None:
    repeated, strays = _one(
        connection,
        "SELECT (SELECT count(*) - count(DISTINCT household) FROM household_all), "
        "(SELECT count(*) FROM member_all ANTI JOIN household_all USING (household))",
    )
    if repeated:
        raise EngineError(f"{repeated} households appear more than once; copy the register again")
    if strays:
        raise EngineError(
            f"{strays} members belong to no household of the file; copy both files in one "
            "transaction"
        )


def _write_tables(
    connection: duckdb.DuckDBPyConnection, partial: Path, order: FreezeOrder
) -> tuple[int, int]:
    reads = facts_read(order.rule)
    kept = ", ".join(["row_id", "random_id", *reads.household_columns])
    target = freeze_sql.text(str((partial / "household.parquet").resolve()))
    connection.execute(
        f"COPY (SELECT {kept} FROM household_all ORDER BY row_id) TO {target} (FORMAT parquet)"
    )
    seen = ", ".join(["row_id", *reads.member_columns])
    target = freeze_sql.text(str((partial / "member.parquet").resolve()))
    connection.execute(
        f"COPY (SELECT {seen} FROM member_all JOIN household_all USING (household) "
        f"ORDER BY {seen}) TO {target} (FORMAT parquet)"
    )
    households, members = _one(
        connection, "SELECT (SELECT count(*) FROM household_all), (SELECT count(*) FROM member_all)"
    )
    return households, members


def _write_root(
    connection: duckdb.DuckDBPyConnection,
    partial: Path,
    rows: int,
    order: FreezeOrder,
    told: Telling,
) -> bytes:
    show_tables(connection, partial)
    reads = facts_read(order.rule)
    leaf = f"sha256('\\x00'::BLOB || {freeze_sql.salt_sql(order.salt)} || encode(row))"

    def chunks() -> Iterator[bytes]:
        for first, end in freeze_sql.stretches(rows):
            texts = freeze_sql.row_select(reads, f"WHERE row_id >= {first} AND row_id < {end}")
            cursor = connection.execute(
                f"SELECT string_agg(leaf, '' ORDER BY row_id) FROM (SELECT row_id, {leaf} AS leaf "
                f"FROM ({texts})) GROUP BY row_id // {HASHES_PER_CHUNK} "
                f"ORDER BY row_id // {HASHES_PER_CHUNK}"
            )
            while row := cursor.fetchone():
                yield bytes.fromhex(row[0])
            told(end, rows)

    return merkle_file.write_tree(partial / "tree.bin", chunks())


def _write_map(
    connection: duckdb.DuckDBPyConnection, partial: Path, rows: int, order: FreezeOrder
) -> None:
    cursor = connection.execute(
        "SELECT string_agg(replace(household::VARCHAR, '-', ''), '' ORDER BY row_id) "
        f"FROM household_all GROUP BY row_id // {map_file.IDS_PER_CHUNK} "
        f"ORDER BY row_id // {map_file.IDS_PER_CHUNK}"
    )
    chunks = (bytes.fromhex(row[0]) for row in iter(cursor.fetchone, None))
    map_file.write_map(partial / "map.sealed", chunks, rows, order.cycle, order.map_key)


def _write_manifest(partial: Path, frozen: FrozenCycle) -> None:
    manifest = {
        "format": FORMAT,
        "rule_hash": frozen.rule_hash.hex(),
        "on": frozen.on.isoformat(),
        "households": frozen.households,
        "members": frozen.members,
        "root": frozen.root.hex(),
    }
    (partial / "frozen.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for path in partial.iterdir():
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def show_tables(connection: duckdb.DuckDBPyConnection, place: Path) -> None:
    """Show the frozen files as the tables `household` and `member` that compiled rules read."""
    for name in ("household", "member"):
        source = freeze_sql.text(str((place / f"{name}.parquet").resolve()))
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM read_parquet({source})")


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    row = connection.execute(sql).fetchone()
    if row is None:
        raise EngineError("DuckDB gave no answer to a count")
    return tuple(row)
