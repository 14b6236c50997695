"""
A draft rule counted over a ground: the register of one moment, reduced to what rules may read.

Each rule is decided by the statement that decides cycles. What a rule decided on this ground is
kept beside it, one small file a rule, so that comparing the next draft costs a reading.
Source: docs/decisions/0022-previews-of-drafts.md; 0026-rules-written-in-the-office.md.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import duckdb

from despensa.adapters.engine import freeze_sql, preview_ground
from despensa.adapters.engine.connection import opened
from despensa.domain.eligibility.compile import compile_rule
from despensa.domain.eligibility.frozen import AgeRead, facts_read
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.preview import AGES, SEXES, SIZES, Counted, Split, largest
from despensa.domain.eligibility.rule import ENTITLED, NotInForce, Rule
from despensa.domain.ports.engine import EngineError
from despensa.domain.ports.previewing import PreviewOrder

_SEX = "CASE fact_sex {} END".format(
    " ".join(f"WHEN {freeze_sql.text(sex)} THEN {place}" for place, sex in enumerate(SEXES))
)
# whoever may have one age or the next counts as the older
_AGE = "CASE {} END".format(
    " ".join(
        f"WHEN age0_high >= {least} THEN {place}"
        for place, (least, _) in reversed([*enumerate(AGES)])
    )
)


@dataclass(frozen=True, slots=True)
class DuckDBPreview:
    """The port `PreviewEngine` over the folder of a ground."""

    folder: str
    memory_mib: int = 1024
    threads: int = 2

    def preview(self, order: PreviewOrder) -> tuple[Counted, bool]:
        """Return exact numbers, and whether they are the draft's own; see the port."""
        place = Path(self.folder)
        with opened(
            place / "tmp", place, memory_mib=self.memory_mib, threads=self.threads
        ) as connection:
            preview_ground.show_ground(connection, place)
            _load(connection, order)
            decided = _Decided(connection, place, order)
            draft = decided.table(order.draft)
            near = decided.near(draft, order)
            counted = _counted(connection, decided, order, near or order.draft)
        return counted, near is None


@dataclass(frozen=True, slots=True)
class _Decided:
    """What rules decide on the ground, each written once."""

    connection: duckdb.DuckDBPyConnection
    place: Path
    order: PreviewOrder

    def table(self, rule: Rule) -> str:
        """
        Return what to read a rule's decisions from, one row a household in the ground's order.

        Shape: row_id, outcome, late, mark, quantity_0 .. ; equal marks are equal decisions.
        Raises: NotInForce.
        """
        areas = b"".join(sorted(self.order.areas or ()))
        name = f"{rule_hash(rule).hex()}-{self.order.on}-{_short(areas)}.parquet"
        path = self.place / name
        source = freeze_sql.text(str(path.resolve()))
        if not path.exists():
            select = self._decide(rule)
            written = path.with_suffix(".made")
            target = freeze_sql.text(str(written.resolve()))
            self.connection.execute(
                f"COPY ({select}) TO {target} (FORMAT parquet, COMPRESSION uncompressed)"
            )
            written.replace(path)
        return f"read_parquet({source})"

    def near(self, draft: str, order: PreviewOrder) -> Rule | None:
        """Return the first rule that is near the draft; None when none is."""
        for rule in order.earlier:
            try:
                earlier = self.table(rule)
            except NotInForce:
                continue
            apart = _one(
                self.connection,
                f"SELECT count(*) FROM (SELECT mark FROM {draft}) AS draft POSITIONAL JOIN "
                f"(SELECT mark FROM {earlier}) AS earlier WHERE draft.mark <> earlier.mark",
            )
            if apart < order.near:
                return rule
        return None

    def _decide(self, rule: Rule) -> str:
        compiled = compile_rule(rule, self.order.on)
        preview_ground.show_tables(
            self.connection, facts_read(rule), self.order.on, everywhere=self.order.areas is None
        )
        goods = ", ".join(
            f"CASE WHEN quantity_{index} > 0 THEN '{unit} ' || quantity_{index} END"
            for index, unit in sorted(enumerate(compiled.units), key=lambda one: one[1])
        )
        quantities = ", ".join(f"quantity_{index}" for index in range(len(compiled.units)))
        budget = 4 ** len(rule.clauses)
        late = "FALSE" if rule.budget is None else f"(clause_states // {budget}) % 4 = 2"
        return (
            f"SELECT row_id, outcome::UTINYINT AS outcome, {late} AS late, "
            f"hash(concat_ws(',', outcome, {goods})) AS mark, {quantities} "
            f"FROM ({compiled.sql}) ORDER BY row_id"
        )


def _short(areas: bytes) -> str:
    return sha256(areas).hexdigest()[:16]


def _load(connection: duckdb.DuckDBPyConnection, order: PreviewOrder) -> None:
    areas = [str(UUID(bytes=area)) for area in order.areas or ()]
    connection.execute(
        "CREATE TEMP TABLE programme_area AS SELECT unnest(?::VARCHAR[])::UUID AS area", [areas]
    )
    groups = [str(UUID(bytes=area)) for area, _ in order.groups]
    connection.execute(
        "CREATE TEMP TABLE area_group AS SELECT unnest(?::VARCHAR[])::UUID AS area, "
        "unnest(?::INTEGER[]) AS place",
        [groups, [place for _, place in order.groups]],
    )


def _counted(
    connection: duckdb.DuckDBPyConnection, decided: _Decided, order: PreviewOrder, rule: Rule
) -> Counted:
    shown = decided.table(rule)
    gained = lost = None
    if order.last is not None:
        gained, lost = _against(connection, shown, decided, order.last)
    units = [line.unit for line in rule.benefit]
    sums = ", ".join(f"sum(quantity_{index})::BIGINT" for index in range(len(units)))
    rows = connection.execute(
        f"SELECT outcome, count(*), count(*) FILTER (WHERE late), {sums} FROM {shown} GROUP BY 1"
    ).fetchall()
    most = largest(rule)
    households = f"FROM {shown} AS shown JOIN ground_household USING (row_id) WHERE"
    entitled = _split(connection, f"{households} outcome = {ENTITLED}", order.on)
    unreached = None if rule.budget is None else _split(connection, f"{households} late", order.on)
    return Counted(
        outcomes={row[0]: row[1] for row in rows},
        given={
            unit: (sum(row[3 + index] or 0 for row in rows), most[unit])
            for index, unit in enumerate(units)
        },
        late=None if rule.budget is None else sum(row[2] for row in rows),
        gained=gained,
        lost=lost,
        entitled=entitled,
        unreached=unreached,
    )


def _split(connection: duckdb.DuckDBPyConnection, some: str, on: date) -> Split:
    """Return some households by what they are; `some` is where they are read from, and which."""
    bands = " ".join(
        f"WHEN size >= {least} THEN {place}" for place, (least, _) in reversed([*enumerate(SIZES)])
    )
    return Split(
        by_area=_pairs(
            connection,
            f"SELECT place, count(*) FROM (SELECT area {some}) JOIN area_group USING (area) "
            "GROUP BY 1",
        ),
        by_size=_pairs(
            connection, f"SELECT CASE {bands} END, count(*) {some} AND size > 0 GROUP BY 1"
        ),
        with_sex=_with_somebody(connection, some, _SEX, on),
        with_age=_with_somebody(connection, some, _AGE, on),
    )


def _with_somebody(
    connection: duckdb.DuckDBPyConnection, some: str, place: str, on: date
) -> dict[int, int]:
    """Return how many of some households have a member of each place; a household counts once."""
    ages = ", ".join(freeze_sql.age_columns(AgeRead(None, "years"), 0, on))
    return _pairs(
        connection,
        f"SELECT place, count(*) FROM (SELECT DISTINCT row_id, {place} AS place FROM "
        f"(SELECT row_id, fact_sex, {ages} FROM ground_member) "
        f"WHERE row_id IN (SELECT row_id {some})) WHERE place IS NOT NULL GROUP BY 1",
    )


def _against(
    connection: duckdb.DuckDBPyConnection, shown: str, decided: _Decided, last: Rule
) -> tuple[int | None, int | None]:
    try:
        before = decided.table(last)
    except NotInForce:
        return None, None
    is_now, was = f"now.outcome = {ENTITLED}", f"was.outcome = {ENTITLED}"
    row = connection.execute(
        f"SELECT count(*) FILTER (WHERE {is_now} AND NOT {was}), "
        f"count(*) FILTER (WHERE {was} AND NOT {is_now}) "
        f"FROM {shown} AS now JOIN {before} AS was USING (row_id)"
    ).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def _pairs(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[int, int]:
    return dict(connection.execute(sql).fetchall())


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    if row is None:
        raise EngineError("DuckDB gave no answer to a count")
    return int(row[0])
