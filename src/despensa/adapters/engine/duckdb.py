"""
The engine on DuckDB: freezes a register into Parquet, decides it with compiled SQL.

A frozen folder holds household.parquet, member.parquet, tree.bin, map.sealed and frozen.json, and
after deciding outcome.parquet. Source: docs/explanation/design.md sections 4, 7.2 and 7.3.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from despensa.adapters.engine import freeze_sql, map_file, merkle_file
from despensa.adapters.engine.connection import opened, usual_memory_mib
from despensa.adapters.engine.frozen_difference import find_differences
from despensa.adapters.engine.frozen_folder import (
    destroy_folder,
    frozen_at,
    read_frozen,
    show_tables,
    write_frozen,
)
from despensa.domain.eligibility.compile import CompiledRule, compile_rule
from despensa.domain.eligibility.frozen import facts_read
from despensa.domain.eligibility.rule import OUTCOMES, Border, Rule
from despensa.domain.ports.engine import (
    DecisionRow,
    EngineError,
    FactsDifference,
    FreezeOrder,
    FrozenCycle,
    FrozenSlip,
    MapKey,
    OutcomeTotal,
    RegistryFiles,
    Telling,
    untold,
)

KEY_LENGTH, CYCLE_LENGTH = 32, 16
ROWS_PER_FETCH = 10_000


@dataclass(frozen=True, slots=True)
class DuckDBEngine:
    """
    The port `Engine` on an embedded DuckDB.

    Units: `memory_mib` MiB for DuckDB's own buffers; work that needs more is refused with a
        sentence, because facts about people never go to disk unencrypted on the way.
    """

    memory_mib: int = field(default_factory=usual_memory_mib)
    threads: int = 2

    def freeze(
        self, files: RegistryFiles, order: FreezeOrder, folder: str, told: Telling = untold
    ) -> FrozenCycle:
        """Write the frozen files of a cycle into a new folder; see the port."""
        _check_order(order)
        target = Path(folder)
        partial = target.with_name(target.name + ".partial")
        if target.exists():
            raise EngineError(f"{target} is there already; a frozen cycle is never written over")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        try:
            sources = (Path(files.households).resolve(), Path(files.members).resolve())
            with self._opened(partial, sources) as connection:
                frozen = write_frozen(connection, partial, sources, order, folder, told)
            partial.rename(target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        return frozen

    def kept(self, folder: str, rule: Rule, *, since: int) -> FrozenCycle | None:
        """Return the whole frozen cycle that lies in a folder since a moment; see the port."""
        try:
            frozen = read_frozen(folder, rule)
            return frozen if frozen_at(folder) >= since else None
        except (EngineError, OSError):
            return None

    def decide(self, folder: str, rule: Rule) -> tuple[OutcomeTotal, ...]:
        """Decide every frozen household and return the totals; see the port."""
        compiled, place = self.compiled(folder, rule), Path(folder)
        with self._opened(place) as connection:
            show_tables(connection, place)
            return _kept(connection, place, compiled, read_frozen(folder, rule), compiled.sql)

    def keep_outcome(self, folder: str, rule: Rule, parts: str) -> tuple[OutcomeTotal, ...]:
        """
        Keep what another engine made of the compiled statement, as Parquet files by a pattern.

        Raises: EngineError when it does not hold every household once.
        """
        compiled, place = self.compiled(folder, rule), Path(folder)
        with self._opened(place) as connection:
            show_tables(connection, place)
            source = f"FROM read_parquet({freeze_sql.text(parts)})"
            return _kept(connection, place, compiled, read_frozen(folder, rule), source)

    def border(self, folder: str, rule: Rule) -> Border | None:
        """Return how far the budget reached down the order; see the port."""
        compiled, place = self.compiled(folder, rule), Path(folder)
        if compiled.border_sql is None:
            return None
        with self._opened(place) as connection:
            show_tables(connection, place)
            late, last = connection.execute(compiled.border_sql).fetchall()[0]
        if not late:
            return None
        return Border(None if last is None else tuple(last))

    def decisions(
        self, folder: str, rule: Rule, cycle: bytes, map_key: bytes
    ) -> Iterator[DecisionRow]:
        """Yield the stored decisions by row; see the port."""
        compiled = self.compiled(folder, rule)
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
        compiled = self.compiled(folder, rule)
        pairs = ", ".join(
            f"CASE WHEN quantity_{i} > 0 THEN '[\"\"{unit}\"\",' || quantity_{i} || ']' END"
            for i, unit in enumerate(compiled.units)
        )
        line = (
            "substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-' || substr(h, 13, 4) || '-' || "
            "substr(h, 17, 4) || '-' || substr(h, 21) || ',' || row_id || ',' || outcome || "
            f"',\"{{' || codes || '}}\",\"[' || concat_ws(',', {pairs}) || ']\"\n'"
        )
        rows = read_frozen(folder, rule).households
        with self._decided(folder, rule, cycle, map_key) as connection:
            for first, end in freeze_sql.stretches(rows):
                cursor = connection.execute(
                    f"SELECT string_agg({line}, '' ORDER BY row_id) "
                    "FROM (SELECT *, lower(hex(household)) AS h FROM decided) "
                    f"WHERE row_id >= {first} AND row_id < {end} "
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
            show_tables(connection, place)
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

    def differences(
        self, then: tuple[str, MapKey], now: tuple[str, MapKey], rule: Rule
    ) -> list[FactsDifference]:
        """Return the households whose facts differ between two frozen folders; see the port."""
        before, after = Path(then[0]), Path(now[0])
        sources = [(before / f"{name}.parquet").resolve() for name in ("household", "member")]
        with self._opened(after, sources) as connection:
            return find_differences(connection, (before, then[1]), (after, now[1]), rule)

    def destroy(self, folder: str) -> None:
        """Overwrite and remove a frozen folder, whole or half; one that is gone is no error."""
        destroy_folder(Path(folder))

    def bare_limit_seconds(self, folder: str, rule: Rule, clock: Callable[[], float]) -> float:
        """
        Return the seconds, by a clock, that bare DuckDB takes for like aggregates over the files.

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
            show_tables(connection, place)
            began = clock()
            connection.execute(
                f"SELECT {sums} FROM household LEFT JOIN (SELECT row_id, {seen} FROM member "
                "GROUP BY row_id) AS totals USING (row_id)"
            ).fetchall()
            return clock() - began

    def _opened(
        self, place: Path, sources: Sequence[Path] = ()
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return opened(
            place / "tmp",
            place,
            memory_mib=self.memory_mib,
            threads=self.threads,
            sources=sources,
        )

    def compiled(self, folder: str, rule: Rule) -> CompiledRule:
        """Return the rule compiled for the date of a frozen folder. Raises: EngineError."""
        return compile_rule(rule, read_frozen(folder, rule).on)

    def households(self, folder: str, rule: Rule) -> int:
        """Return how many households a frozen folder holds. Raises: EngineError."""
        return read_frozen(folder, rule).households

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


def _kept(
    connection: duckdb.DuckDBPyConnection,
    place: Path,
    compiled: CompiledRule,
    frozen: FrozenCycle,
    decided: str,
) -> tuple[OutcomeTotal, ...]:
    """Write what a query decided as the folder's outcome, by row, and return its totals."""
    partial = place / "outcome.partial"
    quantities = ", ".join(f"{one}::BIGINT AS {one}" for one in _quantities(compiled).split(", "))
    connection.execute(
        "COPY (SELECT row_id::UINTEGER AS row_id, outcome::UTINYINT AS outcome, "
        f"clause_states::BIGINT AS clause_states, {quantities} FROM ({decided}) ORDER BY row_id) "
        f"TO {freeze_sql.text(str(partial.resolve()))} (FORMAT parquet)"
    )
    partial.replace(place / "outcome.parquet")
    _outcome_view(connection, place)
    return _totals(connection, compiled, frozen)


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


def _check_order(order: FreezeOrder) -> None:
    keys = (order.id_key, order.salt, order.map_key)
    if any(len(key) != KEY_LENGTH for key in keys) or len(order.cycle) != CYCLE_LENGTH:
        raise ValueError("id_key, salt and map_key have 32 bytes, the cycle 16")
    if order.rule.draws_lot and len(order.lot_seed or b"") != KEY_LENGTH:
        raise ValueError("a rule that draws lots needs the seed of 32 bytes committed in the log")
    compile_rule(order.rule, order.on)  # a rule that cannot be decided is not frozen either
