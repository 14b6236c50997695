"""
A draft rule counted over two CSV files of the register, in the memory of one DuckDB connection.

Nothing is frozen and nothing is written. Each rule is decided by the statement that decides cycles.
Source: docs/decisions/0022-previews-of-drafts.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import duckdb

from despensa.adapters.engine import freeze_sql
from despensa.adapters.engine.connection import opened
from despensa.domain.eligibility.compile import compile_rule
from despensa.domain.eligibility.frozen import facts_read
from despensa.domain.eligibility.preview import SIZES, Counted, largest
from despensa.domain.eligibility.rule import ENTITLED, NotInForce, Rule
from despensa.domain.ports.engine import EngineError, RegistryFiles
from despensa.domain.ports.previewing import PreviewOrder

# nobody's lot in a cycle can be told from lots drawn from this
_LOT_SEED = bytes(32)
_NO_KEY = bytes(32)
_HOUSEHOLD = ("household_id", "area", "facts")
_MEMBER = (
    "household_id", "birth_month", "birth_precision", "sex", "facts", "member_from", "member_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DuckDBPreview:
    """The port `PreviewEngine` over the files of `records.programmes.queries.copy_facts`."""

    files: RegistryFiles
    folder: str
    memory_mib: int = 1024
    threads: int = 2

    def preview(self, order: PreviewOrder) -> tuple[Counted, bool]:
        """Return exact numbers, and whether they are the draft's own; see the port."""
        place = Path(self.folder)
        sources = (Path(self.files.households).resolve(), Path(self.files.members).resolve())
        with opened(
            place / "tmp", place, memory_mib=self.memory_mib, threads=self.threads, sources=sources
        ) as connection:
            _load(connection, sources, order)
            _decide(connection, order.draft, order, "draft")
            near = _near(connection, order)
            shown = "draft" if near is None else "earlier"
            counted = _counted(connection, order, near or order.draft, shown)
        return counted, near is None


def _load(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Path], order: PreviewOrder
) -> None:
    for name, source, columns in (
        ("raw_household", sources[0], _HOUSEHOLD),
        ("raw_member", sources[1], _MEMBER),
    ):
        table = freeze_sql.csv_source(str(source), columns)
        connection.execute(f"CREATE TEMP TABLE {name} AS FROM {table}")
    connection.execute("CREATE TEMP TABLE programme_area (area UUID)")
    _fill(connection, "programme_area", [[str(UUID(bytes=area))] for area in order.areas or ()])
    connection.execute("CREATE TEMP TABLE area_group (area UUID, place INTEGER)")
    groups = [[str(UUID(bytes=area)), place] for area, place in order.groups]
    _fill(connection, "area_group", groups)


def _fill(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]
) -> None:
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _decide(
    connection: duckdb.DuckDBPyConnection, rule: Rule, order: PreviewOrder, name: str
) -> None:
    """Decide every household by a rule, into a table of this name: household, outcome, goods."""
    compiled, reads = compile_rule(rule, order.on), facts_read(rule)
    households = freeze_sql.household_select(
        reads, "raw_household", everywhere=order.areas is None, id_key=_NO_KEY, lot_seed=_LOT_SEED
    )
    members = freeze_sql.member_select(reads, "raw_member", order.on, dated=True)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE household AS SELECT (row_number() OVER ())::UINTEGER "
        f"AS row_id, * FROM ({households})"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE member AS SELECT row_id, told.* EXCLUDE (household) "
        f"FROM ({members}) AS told JOIN household USING (household)"
    )
    goods = ", ".join(
        f"CASE WHEN quantity_{index} > 0 THEN '{unit} ' || quantity_{index} END"
        for index, unit in sorted(enumerate(compiled.units), key=lambda one: one[1])
    )
    quantities = ", ".join(f"quantity_{index}" for index in range(len(compiled.units)))
    budget = 4 ** len(rule.clauses)
    late = "FALSE" if rule.budget is None else f"(clause_states // {budget}) % 4 = 2"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT household, outcome, {late} AS late, "
        f"concat_ws(',', {goods}) AS goods, {quantities} "
        f"FROM ({compiled.sql}) JOIN household USING (row_id)"
    )


def _near(connection: duckdb.DuckDBPyConnection, order: PreviewOrder) -> Rule | None:
    """Leave the first rule that is near the draft decided as `earlier`; None when none is."""
    for rule in order.earlier:
        if not _is_decided(connection, rule, order, "earlier"):
            continue
        apart = _one(
            connection,
            "SELECT count(*) FROM draft JOIN earlier USING (household) WHERE "
            "(draft.outcome, draft.goods) IS DISTINCT FROM (earlier.outcome, earlier.goods)",
        )
        if apart < order.near:
            return rule
    return None


def _counted(
    connection: duckdb.DuckDBPyConnection, order: PreviewOrder, rule: Rule, shown: str
) -> Counted:
    entitled = f"FROM {shown} WHERE outcome = {ENTITLED}"
    gained = lost = None
    if order.last is not None and _is_decided(connection, order.last, order, "last_version"):
        changed = f"SELECT count(*) FROM {shown} AS now JOIN last_version AS was USING (household)"
        is_now, was = f"now.outcome = {ENTITLED}", f"was.outcome = {ENTITLED}"
        gained = _one(connection, f"{changed} WHERE {is_now} AND NOT {was}")
        lost = _one(connection, f"{changed} WHERE {was} AND NOT {is_now}")
    sums = [
        f"COALESCE((SELECT sum(quantity_{index}) FROM {shown}), 0)::BIGINT"
        for index in range(len(rule.benefit))
    ]
    given = connection.execute(f"SELECT {', '.join(sums)}").fetchall()[0]
    bands = " ".join(
        f"WHEN size >= {least} THEN {place}" for place, (least, _) in reversed([*enumerate(SIZES)])
    )
    sizes = (
        "SELECT household_id::UUID AS household, count(*) AS size FROM raw_member WHERE "
        f"(member_from IS NULL OR member_from::DATE <= DATE '{order.on}') AND "
        f"(member_until IS NULL OR member_until::DATE > DATE '{order.on}') GROUP BY 1"
    )
    return Counted(
        outcomes=_pairs(connection, f"SELECT outcome, count(*) FROM {shown} GROUP BY 1"),
        given={
            unit: (total, most)
            for total, (unit, most) in zip(given, largest(rule).items(), strict=True)
        },
        late=None
        if rule.budget is None
        else _one(connection, f"SELECT count(*) FROM {shown} WHERE late"),
        gained=gained,
        lost=lost,
        by_area=_pairs(
            connection,
            f"SELECT place, count(*) FROM (SELECT household {entitled}) JOIN raw_household ON "
            "household_id::UUID = household JOIN area_group ON area_group.area = "
            "raw_household.area::UUID GROUP BY 1",
        ),
        by_size=_pairs(
            connection,
            f"SELECT CASE {bands} END, count(*) FROM (SELECT household {entitled}) "
            f"JOIN ({sizes}) USING (household) GROUP BY 1",
        ),
    )


def _is_decided(
    connection: duckdb.DuckDBPyConnection, rule: Rule, order: PreviewOrder, name: str
) -> bool:
    try:
        _decide(connection, rule, order, name)
    except NotInForce:
        return False
    return True


def _pairs(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[int, int]:
    return dict(connection.execute(sql).fetchall())


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    if row is None:
        raise EngineError("DuckDB gave no answer to a count")
    return int(row[0])
