"""
`bench preview`: count drafts of a rule over the whole register, as the builder does while writing.

Timed: a draft that was never counted before, from its text to coarse numbers, with everything that
the office does: comparing it with the last version and the drafts before it, journalling its hash.
The ground, which is made at most once an hour, is timed beside it. The limit is bare DuckDB
deciding the same rule over the same Parquet files. Source: docs/reference/benchmarks.md.
"""

import statistics
import time
from pathlib import Path
from uuid import UUID

from despensa.adapters.engine.connection import opened
from despensa.adapters.engine.preview_ground import show_ground, show_tables
from despensa.domain.eligibility.compile import compile_rule
from despensa.domain.eligibility.frozen import facts_read
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.role import Role
from despensa.entrypoints.bench import people
from despensa.entrypoints.bench.decide import OtherSize, rule_programme
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.bench.report import Figures
from despensa.entrypoints.jobs import drafting
from despensa.records.programmes import queries, rule_versions

_KEPT = drafting.GROUND_KEPT_SECONDS
_BEFORE = "value: 60000"


def bench_preview(ground: Ground, count: int, *, drafts: int, seed: int) -> Figures:
    """
    Return the figures of one draft among so many, the middle one of them.

    Raises: OtherSize.
    """
    there = people.people_there(ground)
    if not there:
        ground.tell(f"inventing {count:,} people (not counted)")
        people.fill_register(ground, count, seed=seed)
    elif there != count:
        raise OtherSize(
            f"{ground.tools.workspace.folder} holds {there:,} people, not {count:,}. Ask for "
            f"--people {there}, or give another folder."
        )
    staff = ground.new_staff(Role.PROGRAMME_MANAGER)
    known = [row.id for row in _programmes()]
    programme = known[0] if known else rule_programme(ground, staff)
    text = queries.rule_text(queries.latest_rule(programme))
    began = time.monotonic()
    acting = ground.tools.acting(staff)
    folder, _ = drafting.ready_ground(ground.tools, acting=acting, at_most_seconds=_KEPT)
    ready = time.monotonic() - began
    ground.tell(f"the ground was made in {ready:.1f} s")
    seconds = [_timed(ground, programme, staff, _changed(text, n)) for n in range(drafts)]
    ground.tell(", ".join(f"{one:.2f} s" for one in seconds))
    return Figures(
        "preview",
        "people",
        count,
        statistics.median(seconds),
        _limit_seconds(ground, text, folder),
        {"ready_seconds": ready, "slowest_seconds": max(seconds)},
    )


def _programmes() -> list[rule_versions.ProgrammeRow]:
    return [row for row in rule_versions.programmes() if rule_versions.versions(row.id)]


def _changed(text: str, number: int) -> str:
    """Return a draft that nobody had counted before."""
    if _BEFORE not in text:
        raise OtherSize("The rule of this workspace is not the benchmark's. Give another folder.")
    return text.replace(_BEFORE, f"value: {60_000 + 2_500 * (number + 1)}")


def _timed(ground: Ground, programme: UUID, staff: UUID, text: str) -> float:
    acting = ground.tools.acting(staff)
    began = time.monotonic()
    drafting.preview(text, programme, ground.tools, acting=acting, at_most_seconds=_KEPT)
    return time.monotonic() - began


def _limit_seconds(ground: Ground, text: str, folder: Path) -> float:
    """Return how long bare DuckDB takes to decide the same rule over the same two files."""
    rule, on, engine = parse_text(text), ground.tools.today(), ground.tools.engine
    compiled = compile_rule(rule, on)
    sums = ", ".join(f"sum(quantity_{index})" for index in range(len(compiled.units)))
    with opened(
        folder / "tmp", folder, memory_mib=engine.memory_mib, threads=engine.threads
    ) as connection:
        show_ground(connection, folder)
        connection.execute("CREATE TEMP TABLE programme_area (area UUID)")
        show_tables(connection, facts_read(rule), on, everywhere=True)
        began = time.monotonic()
        connection.execute(
            f"SELECT outcome, count(*), {sums} "  # noqa: S608
            f"FROM ({compiled.sql}) GROUP BY outcome"
        ).fetchall()
        return time.monotonic() - began
