"""
The engine on DuckDB: freezes a register into Parquet, decides it with compiled SQL.

A frozen folder holds household.parquet, member.parquet, tree.bin, map.sealed and frozen.json, and
after deciding outcome.parquet. Source: docs/explanation/design.md sections 4, 7.2 and 7.3.
"""

import csv
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import duckdb

from despensa.adapters.engine import freeze_sql, map_file, merkle_file
from despensa.adapters.engine.connection import opened
from despensa.domain.eligibility.compile import CompiledRule, compile_rule
from despensa.domain.eligibility.frozen import facts_read
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.rule import OUTCOMES, Rule
from despensa.domain.ports.engine import (
    DecisionRow,
    EngineError,
    FreezeOrder,
    FrozenCycle,
    FrozenSlip,
    OutcomeTotal,
    RegistryFiles,
)

FORMAT = 1
KEY_LENGTH, CYCLE_LENGTH = 32, 16
HASHES_PER_CHUNK = 65_536
ROWS_PER_FETCH = 10_000
_HOUSEHOLD_COLUMNS = frozenset({"household_id", "area", "facts"})
_MEMBER_COLUMNS = frozenset({"household_id", "birth_month", "birth_precision", "sex", "facts"})
_DATED_COLUMNS = frozenset({"member_from", "member_until"})


@dataclass(frozen=True, slots=True)
class DuckDBEngine:
    """
    The port `Engine` on an embedded DuckDB.

    Units: `memory_mib` MiB for DuckDB's own buffers; what does not fit goes, encrypted, to a
        temporary folder inside the frozen one.
    """

    memory_mib: int = 1024
    threads: int = 2

    def freeze(self, files: RegistryFiles, order: FreezeOrder, folder: str) -> FrozenCycle:
        """Write the frozen files of a cycle into a new folder; see the port."""
        _check_order(order)
        target = Path(folder)
        partial = target.with_name(target.name + ".partial")
        if target.exists():
            raise EngineError(f"{target} is there already; a frozen cycle is never written over")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        try:
            frozen = self._freeze_into(partial, files, order, folder)
            shutil.rmtree(partial / "tmp", ignore_errors=True)
            partial.rename(target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        return frozen

    def decide(self, folder: str, rule: Rule) -> tuple[OutcomeTotal, ...]:
        """Decide every frozen household and return the totals; see the port."""
        frozen = read_frozen(folder, rule)
        compiled = compile_rule(rule, frozen.on)
        place = Path(folder)
        partial = place / "outcome.partial"
        with self._opened(place) as connection:
            _views(connection, place)
            connection.execute(
                f"COPY (SELECT row_id, outcome::UTINYINT AS outcome, clause_states, "
                f"{_quantities(compiled)} FROM ({compiled.sql}) ORDER BY row_id) "
                f"TO {freeze_sql.text(str(partial.resolve()))} (FORMAT parquet)"
            )
            os.replace(partial, place / "outcome.parquet")
            _outcome_view(connection, place)
            return _totals(connection, compiled, frozen)

    def decisions(
        self, folder: str, rule: Rule, cycle: bytes, map_key: bytes
    ) -> Iterator[DecisionRow]:
        """Yield the stored decisions by row; see the port."""
        compiled = self._compiled(folder, rule)
        with self._decided(folder, rule, cycle, map_key) as connection:
            quantities = _quantities(compiled)
            cursor = connection.execute(
                f"SELECT row_id, household, outcome, codes, {quantities} FROM decided "
                "ORDER BY row_id"
            )
            while rows := cursor.fetchmany(ROWS_PER_FETCH):
                for row, household, outcome, codes, *amounts in rows:
                    yield DecisionRow(
                        row, household, outcome, tuple(codes.split(",")), _lines(compiled, amounts)
                    )

    def copy_text(self, folder: str, rule: Rule, cycle: bytes, map_key: bytes) -> Iterator[bytes]:
        """Yield the stored decisions as CSV for COPY; see the port."""
        compiled = self._compiled(folder, rule)
        pairs = ", ".join(
            f"CASE WHEN quantity_{i} > 0 THEN '[\"\"{unit}\"\",' || quantity_{i} || ']' END"
            for i, unit in enumerate(compiled.units)
        )
        line = (
            "substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-' || substr(h, 13, 4) || '-' || "
            "substr(h, 17, 4) || '-' || substr(h, 21) || ',' || row_id || ',' || outcome || "
            f"',\"{{' || codes || '}}\",\"[' || concat_ws(',', {pairs}) || ']\"\n'"
        )
        with self._decided(folder, rule, cycle, map_key) as connection:
            cursor = connection.execute(
                f"SELECT string_agg({line}, '' ORDER BY row_id) "
                "FROM (SELECT *, lower(hex(household)) AS h FROM decided) "
                f"GROUP BY row_id // {map_file.IDS_PER_CHUNK} "
                f"ORDER BY row_id // {map_file.IDS_PER_CHUNK}"
            )
            while row := cursor.fetchone():
                yield row[0].encode()

    def slips(
        self, folder: str, rule: Rule, salt: bytes, rows: Sequence[int]
    ) -> tuple[FrozenSlip, ...]:
        """Return the slips of some rows, in the order asked; see the port."""
        frozen, place = read_frozen(folder, rule), Path(folder)
        compiled = compile_rule(rule, frozen.on)
        _require_outcome(place)
        wanted = ", ".join(str(int(row)) for row in rows) or "NULL"
        where = f"WHERE row_id IN ({wanted})"
        with self._opened(place) as connection:
            _views(connection, place)
            _outcome_view(connection, place)
            found = connection.execute(
                f"SELECT texts.row_id, texts.row, {freeze_sql.salt_sql(salt)}, outcome, "
                f"{compiled.codes_sql}, {_quantities(compiled)} "
                f"FROM ({freeze_sql.row_select(facts_read(rule), where)}) AS texts "
                "JOIN (SELECT row_id AS outcome_row, * EXCLUDE (row_id) FROM outcome) AS outcome "
                "ON outcome_row = row_id"
            ).fetchall()
        known = {row[0]: row[1:] for row in found}
        missing = [row for row in rows if row not in known]
        if missing:
            raise EngineError(f"The frozen cycle has {frozen.households} rows and no {missing[0]}")
        return tuple(
            FrozenSlip(
                row=row,
                rows=frozen.households,
                row_bytes=known[row][0].encode(),
                salt=bytes(known[row][1]),
                path=merkle_file.read_path(place / "tree.bin", row, frozen.households),
                outcome=known[row][2],
                codes=tuple(known[row][3].split(",")),
                lines=_lines(compiled, known[row][4:]),
            )
            for row in rows
        )

    def bare_limit_seconds(self, folder: str, rule: Rule) -> float:
        """
        Return the seconds bare DuckDB takes for the same aggregates over the same Parquet.

        Count and sums of every member column by household, joined to the households and totalled:
        the measure that `despensa bench decide` sets its own time against.
        """
        read_frozen(folder, rule)
        reads, place = facts_read(rule), Path(folder)
        seen = ", ".join(
            ["count(*) AS size"]
            + [f"count(*) FILTER (WHERE {c} IS NOT NULL) AS n_{c}" for c in reads.member_columns]
        )
        sums = ", ".join(
            ["sum(size)"]
            + [f"sum(n_{column})" for column in reads.member_columns]
            + [f"count({column})" for column in reads.household_columns]
        )
        with self._opened(place) as connection:
            _views(connection, place)
            began = time.perf_counter()
            connection.execute(
                f"SELECT {sums} FROM household LEFT JOIN (SELECT row_id, {seen} FROM member "
                "GROUP BY row_id) AS totals USING (row_id)"
            ).fetchall()
            return time.perf_counter() - began

    def _opened(
        self, place: Path, others: Sequence[Path] = ()
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        folders = [place, *others]
        return opened(place / "tmp", folders, memory_mib=self.memory_mib, threads=self.threads)

    def _compiled(self, folder: str, rule: Rule) -> CompiledRule:
        return compile_rule(rule, read_frozen(folder, rule).on)

    @contextmanager
    def _decided(
        self, folder: str, rule: Rule, cycle: bytes, map_key: bytes
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        frozen, place = read_frozen(folder, rule), Path(folder)
        compiled = compile_rule(rule, frozen.on)
        _require_outcome(place)
        chunks = map_file.read_map(place / "map.sealed", frozen.households, cycle, map_key)
        with self._opened(place) as connection:
            _outcome_view(connection, place)
            connection.execute("CREATE TEMP TABLE map_chunk (number UINTEGER, ids BLOB)")
            for number, ids in enumerate(chunks):
                connection.execute("INSERT INTO map_chunk VALUES (?, ?)", [number, ids])
            size, length = map_file.IDS_PER_CHUNK, map_file.ID_LENGTH
            connection.execute(
                "CREATE TEMP VIEW decided AS SELECT outcome.*, codes, "
                f"ids[(row_id % {size}) * {length} + 1:(row_id % {size} + 1) * {length}] "
                "AS household FROM outcome "
                f"JOIN map_chunk ON number = row_id // {size} "
                f"JOIN (SELECT clause_states, {compiled.codes_sql} AS codes FROM "
                "(SELECT DISTINCT clause_states FROM outcome)) USING (clause_states)"
            )
            yield connection

    def _freeze_into(
        self, partial: Path, files: RegistryFiles, order: FreezeOrder, folder: str
    ) -> FrozenCycle:
        sources = [Path(files.households).resolve(), Path(files.members).resolve()]
        parents = sorted({source.parent for source in sources})
        with self._opened(partial, parents) as connection:
            _load(connection, sources, order)
            households, members = _write_tables(connection, partial, order)
            root = _write_root(connection, partial, order)
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


def _check_order(order: FreezeOrder) -> None:
    keys = (order.id_key, order.salt, order.map_key)
    if any(len(key) != KEY_LENGTH for key in keys) or len(order.cycle) != CYCLE_LENGTH:
        raise ValueError("id_key, salt and map_key have 32 bytes, the cycle 16")
    compile_rule(order.rule, order.on)  # a rule that cannot be decided is not frozen either


def _header(path: Path, needed: frozenset[str]) -> list[str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(f"{path} cannot be read; copy the register out again") from error
    missing = sorted(needed - set(columns))
    if missing:
        raise EngineError(f"{path} has no column {missing[0]}; its first line must name the columns")
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
    everywhere = order.areas is None
    query = freeze_sql.household_select(
        reads, source, everywhere=everywhere, id_key=order.id_key
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
    connection: duckdb.DuckDBPyConnection, partial: Path, order: FreezeOrder
) -> bytes:
    _views(connection, partial)
    rows = freeze_sql.row_select(facts_read(order.rule))
    leaf = f"sha256('\\x00'::BLOB || {freeze_sql.salt_sql(order.salt)} || encode(row))"
    cursor = connection.execute(
        f"SELECT string_agg(leaf, '' ORDER BY row_id) FROM (SELECT row_id, {leaf} AS leaf "
        f"FROM ({rows})) GROUP BY row_id // {HASHES_PER_CHUNK} "
        f"ORDER BY row_id // {HASHES_PER_CHUNK}"
    )
    chunks = (bytes.fromhex(row[0]) for row in iter(cursor.fetchone, None))
    return merkle_file.write_tree(partial / "tree.bin", chunks)


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


def _views(connection: duckdb.DuckDBPyConnection, place: Path) -> None:
    for name in ("household", "member"):
        source = freeze_sql.text(str((place / f"{name}.parquet").resolve()))
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM read_parquet({source})")


def _require_outcome(place: Path) -> None:
    if not (place / "outcome.parquet").exists():
        raise EngineError(f"{place} has not been decided yet; decide the cycle first")


def _outcome_view(connection: duckdb.DuckDBPyConnection, place: Path) -> None:
    source = freeze_sql.text(str((place / "outcome.parquet").resolve()))
    connection.execute(f"CREATE TEMP VIEW outcome AS FROM read_parquet({source})")


def _totals(
    connection: duckdb.DuckDBPyConnection, compiled: CompiledRule, frozen: FrozenCycle
) -> tuple[OutcomeTotal, ...]:
    sums = ", ".join(f"sum(quantity_{i})::BIGINT" for i in range(len(compiled.units)))
    found = connection.execute(
        f"SELECT outcome, count(*), COALESCE(sum(size), 0)::BIGINT, {sums} FROM outcome LEFT JOIN "
        "(SELECT row_id, count(*) AS size FROM member GROUP BY row_id) USING (row_id) "
        "GROUP BY outcome"
    ).fetchall()
    by_outcome = {row[0]: row[1:] for row in found}
    empty = (0, 0, *(0 for _ in compiled.units))
    totals = []
    for outcome in OUTCOMES:
        households, members, *amounts = by_outcome.get(outcome, empty)
        quantities = tuple(zip(compiled.units, amounts, strict=True))
        totals.append(OutcomeTotal(outcome, households, members, quantities))
    if sum(total.households for total in totals) != frozen.households:
        raise EngineError("The frozen files do not hold every household: freeze the cycle again")
    return tuple(totals)


def _quantities(compiled: CompiledRule) -> str:
    return ", ".join(f"quantity_{index}" for index in range(len(compiled.units)))


def _lines(compiled: CompiledRule, amounts: Sequence[int]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (unit, amount) for unit, amount in zip(compiled.units, amounts, strict=True) if amount > 0
    )


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    row = connection.execute(sql).fetchone()
    if row is None:
        raise EngineError("DuckDB gave no answer to a count")
    return tuple(row)
