"""
A frozen cycle decided once more by somebody who trusts nobody: counts, root, and row for row.

Works in ranges of rows, so that memory does not grow with the cycle; only the rule's own statement
runs over all rows at once, as in the office. Source: docs/explanation/design.md sections 7.2, 7.3.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from despensa.adapters.engine import freeze_sql
from despensa.adapters.engine.connection import opened
from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.adapters.engine.frozen_folder import FORMAT, show_tables
from despensa.domain.eligibility.compile import CompiledRule, compile_rule
from despensa.domain.eligibility.frozen import facts_read
from despensa.domain.eligibility.rule import Border, Rule
from despensa.domain.ports.engine import OutcomeTotal
from despensa.domain.transparency.tree import Frontier

ROWS_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row on which two decisions differ; `found` is None where one has no such row."""

    row: int
    random_id: str
    said: str
    found: str
    rows: int


@dataclass(frozen=True, slots=True)
class FrozenRow:
    """One frozen row as text, with what the package says was decided."""

    row: int
    row_bytes: bytes
    outcome: int
    codes: tuple[str, ...]
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """
    The pieces of a package in a folder, ready to be decided again.

    Shape: the folder holds household.parquet, member.parquet and result.csv.gz, and gets the files
        that the engine makes. Result lines are row, outcome, codes parted by commas, the quantity
        of each unit of the rule in its order, the quantity of any other unit.
    """

    folder: Path
    rule: Rule
    on: date
    rule_hash: bytes
    root: bytes
    salt: bytes = field(repr=False)
    engine: DuckDBEngine = field(default_factory=DuckDBEngine)

    def begin(self, households: int, members: int) -> None:
        """Write what the engine asks of a frozen folder, from the manifest."""
        manifest = {
            "format": FORMAT,
            "rule_hash": self.rule_hash.hex(),
            "on": self.on.isoformat(),
            "households": households,
            "members": members,
            "root": self.root.hex(),
        }
        (self.folder / "frozen.json").write_text(json.dumps(manifest), encoding="utf-8")

    def strange_columns(self) -> list[str]:
        """Return columns that are missing, or that the rule does not read: names, for example."""
        reads = facts_read(self.rule)
        wanted = {
            "household": ["row_id", "random_id", *reads.household_columns],
            "member": ["row_id", *reads.member_columns],
        }
        strange = []
        with self._connection() as connection:
            for table, columns in wanted.items():
                found = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
                strange += [f"{table}.{name}" for name in {*found} ^ {*columns}]
        return sorted(strange)

    def counts(self) -> tuple[int, int, int]:
        """Return households, members, and how many rows stand out of order, twice or astray."""
        with self._connection() as connection:
            households = _number(connection, "SELECT count(*) FROM household")
            members = _number(connection, "SELECT count(*) FROM member")
            astray = _number(
                connection,
                f"SELECT count(*) FROM member WHERE row_id IS NULL OR row_id >= {households}",
            )
            last = b""
            for first, end in _ranges(households):
                [(rows, wrong, low, high)] = connection.execute(
                    "SELECT count(DISTINCT row_id), count(*) FILTER (WHERE random_id <= before), "
                    "min(random_id), max(random_id) FROM (SELECT row_id, random_id, "
                    "lag(random_id) OVER (ORDER BY row_id) AS before FROM household "
                    f"WHERE row_id >= {first} AND row_id < {end})"
                ).fetchall()
                astray += abs(rows - (end - first)) + wrong
                astray += 0 if low is None or bytes(low) > last else 1
                last = bytes(high or b"")
        return households, members, astray

    def computed_root(self, rows: int) -> bytes:
        """Return the root over all salted rows, computed anew."""
        reads, edge = facts_read(self.rule), Frontier()
        leaf = f"sha256('\\x00'::BLOB || {freeze_sql.salt_sql(self.salt)} || encode(row))"
        with self._connection() as connection:
            for first, end in _ranges(rows):
                texts = freeze_sql.row_select(reads, _where(first, end))
                [(joined,)] = connection.execute(
                    f"SELECT string_agg(leaf, '' ORDER BY row_id) FROM "
                    f"(SELECT row_id, {leaf} AS leaf FROM ({texts}))"
                ).fetchall()
                data = bytes.fromhex(joined or "")
                edge = edge.extended([data[at : at + 32] for at in range(0, len(data), 32)])
        return edge.root

    def decide(self) -> tuple[OutcomeTotal, ...]:
        """Return the totals of the cycle decided once more. Raises: EngineError."""
        return self.engine.decide(str(self.folder), self.rule)

    def border(self) -> Border | None:
        """Return how far the budget reaches when the cycle is decided once more."""
        return self.engine.border(str(self.folder), self.rule)

    def load_result(self) -> int:
        """Return how many rows the package says were decided, once they are read in."""
        types = {"row_id": "UINTEGER", "outcome": "UTINYINT", "codes": "VARCHAR"}
        types |= {f"quantity_{i}": "BIGINT" for i in range(len(self._compiled.units))}
        types["other_units"] = "BIGINT"
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        source = freeze_sql.text(str((self.folder / "result.csv.gz").resolve()))
        target = freeze_sql.text(str((self.folder / "result.parquet").resolve()))
        with self._connection() as connection:
            connection.execute(
                f"COPY (FROM read_csv({source}, header = false, auto_detect = false, delim = ',', "
                f"quote = '\"', escape = '\"', nullstr = '', new_line = '\\n', "
                f"compression = 'gzip', columns = {{{columns}}})) TO {target} (FORMAT parquet)"
            )
            return _number(connection, f"SELECT count(*) FROM read_parquet({target})")

    def first_difference(self, rows: int, *, gives_whole: bool = True) -> Difference | None:
        """
        Return the first row on which the rule says otherwise than the package, or None.

        Where a cycle gives what is missing, a quantity may be less than the rule's, never more.
        """
        compiled, count, first = self._compiled, 0, None
        amounts = [f"quantity_{i}" for i in range(len(compiled.units))]
        compared = "IS NOT DISTINCT FROM" if gives_whole else "<="
        conditions = [
            f"said.{part} IS NOT DISTINCT FROM again.{part}" for part in ("outcome", "codes")
        ]
        conditions += [f"said.{amount} {compared} again.{amount}" for amount in amounts]
        same = " AND ".join(conditions)
        with self._connection() as connection:
            self._show_results(connection)
            # beyond the last frozen row as well: a result may have rows nobody froze
            for low, high in [*_ranges(rows), (rows, 1 << 32)]:
                found = connection.execute(
                    f"WITH again AS (SELECT *, {compiled.codes_sql} AS codes FROM outcome "
                    f"{_where(low, high)}), said AS (FROM result {_where(low, high)}) "
                    "SELECT count(*), min(COALESCE(said.row_id, again.row_id)) FROM said "
                    "FULL JOIN again ON said.row_id = again.row_id WHERE said.row_id IS NULL "
                    f"OR again.row_id IS NULL OR said.other_units <> 0 "
                    f"OR NOT COALESCE({same}, FALSE)"
                ).fetchall()
                [(here, row)] = found
                count += here
                first = row if first is None else first
            if first is None:
                return None
            return self._difference(connection, first, count)

    def given(self, unit: str) -> int:
        """Return how much of a unit the package says was given in all."""
        index = self._compiled.units.index(unit)
        with self._connection() as connection:
            self._show_results(connection)
            return _number(connection, f"SELECT COALESCE(sum(quantity_{index}), 0) FROM result")

    def sample(self, rows: Sequence[int]) -> Iterator[FrozenRow]:
        """Yield some rows with what the package says was decided of them."""
        compiled = self._compiled
        wanted = f"WHERE row_id IN ({', '.join(str(int(row)) for row in rows) or 'NULL'})"
        texts = freeze_sql.row_select(facts_read(self.rule), wanted)
        amounts = ", ".join(f"quantity_{i}" for i in range(len(compiled.units)))
        with self._connection() as connection:
            self._show_results(connection)
            found = connection.execute(
                f"SELECT texts.row_id, row, outcome, codes, {amounts} FROM ({texts}) AS texts "
                "JOIN result ON result.row_id = texts.row_id ORDER BY texts.row_id"
            ).fetchall()
        for row, text, outcome, codes, *quantities in found:
            lines = zip(compiled.units, quantities, strict=True)
            yield FrozenRow(
                row, text.encode(), outcome, tuple(codes.split(",")),
                tuple((unit, amount) for unit, amount in lines if amount),
            )  # fmt: skip

    @property
    def _compiled(self) -> CompiledRule:
        return compile_rule(self.rule, self.on)

    def _difference(
        self, connection: duckdb.DuckDBPyConnection, row: int, count: int
    ) -> Difference:
        compiled = self._compiled
        amounts = ", ".join(f"quantity_{i}" for i in range(len(compiled.units)))
        one = f"WHERE row_id = {row}"
        said = connection.execute(
            f"SELECT outcome, codes, {amounts}, other_units FROM result {one}"
        ).fetchall()
        again = connection.execute(
            f"SELECT outcome, {compiled.codes_sql}, {amounts}, 0 FROM outcome {one}"
        ).fetchall()
        ids = connection.execute(f"SELECT lower(hex(random_id)) FROM household {one}").fetchall()
        return Difference(
            row,
            ids[0][0] if ids else "",
            _told(compiled.units, said),
            _told(compiled.units, again),
            count,
        )

    def _show_results(self, connection: duckdb.DuckDBPyConnection) -> None:
        for name in ("outcome", "result"):
            source = freeze_sql.text(str((self.folder / f"{name}.parquet").resolve()))
            connection.execute(f"CREATE TEMP VIEW {name} AS FROM read_parquet({source})")

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with opened(
            self.folder / "tmp",
            self.folder,
            memory_mib=self.engine.memory_mib,
            threads=self.engine.threads,
        ) as connection:
            show_tables(connection, self.folder)
            yield connection


def _ranges(rows: int) -> Iterator[tuple[int, int]]:
    for first in range(0, rows, ROWS_AT_ONCE):
        yield first, min(first + ROWS_AT_ONCE, rows)


def _where(first: int, end: int) -> str:
    return f"WHERE row_id >= {first} AND row_id < {end}"


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    [(value,)] = connection.execute(sql).fetchall()
    return int(value)


def _told(units: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    if not rows:
        return "no such row"
    outcome, codes, *amounts = rows[0]
    given = zip([*units, "another unit"], amounts, strict=True)
    lines = ", ".join(f"{amount} x {unit}" for unit, amount in given if amount) or "nothing"
    return f"outcome {outcome} ({codes}), {lines}"
