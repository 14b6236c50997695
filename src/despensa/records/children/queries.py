"""Reads of child cycles; doors may use them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from despensa.domain.child import ChildKind
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


@dataclass(frozen=True, slots=True)
class ChildRow:
    """What a child cycle is for; `is_chosen`: for named households, else for everybody decided."""

    cycle: UUID
    root: UUID
    kind: ChildKind
    number: int
    line: str
    is_chosen: bool
    drafted_at: int
    is_waived: bool | None


_CHILD = """
    SELECT cycle_id, root_id, kind, number, line, is_chosen, drafted_at, is_waived FROM child_cycle
"""


def child(cycle: UUID) -> ChildRow | None:
    """Return what a cycle is as a child, or None for a root."""
    rows = fetch(REGISTRY, f"{_CHILD} WHERE cycle_id = %s", (cycle,))
    return _child(rows[0]) if rows else None


def children_of(root: UUID) -> list[ChildRow]:
    """Return the children of a root in the order in which they were drafted."""
    rows = fetch(
        REGISTRY, f"{_CHILD} WHERE root_id = %s ORDER BY drafted_at, kind, number", (root,)
    )
    return [_child(row) for row in rows]


def kinds_of(cycles: Sequence[UUID]) -> dict[UUID, ChildKind]:
    """Return the kind of each of these cycles that is a child."""
    rows = fetch(
        REGISTRY,
        "SELECT cycle_id, kind FROM child_cycle WHERE cycle_id = ANY(%s)",
        (list(cycles),),
    )
    return {cycle: ChildKind(kind) for cycle, kind in rows}


def households_of(cycle: UUID) -> list[UUID]:
    """Return the households a child cycle is for where they are named, by id."""
    rows = fetch(
        REGISTRY,
        "SELECT household_id FROM child_household WHERE cycle_id = %s ORDER BY household_id",
        (cycle,),
    )
    return [household for (household,) in rows]


def households_sql(row: ChildRow) -> str:
    """Return the SELECT of the households whose facts are frozen for a child."""
    if row.is_chosen:
        return f"SELECT household_id FROM child_household WHERE cycle_id = '{row.cycle}'"
    return (
        "SELECT household_id FROM decision WHERE cycle_id IN "
        f"(SELECT id FROM cycle WHERE root_cycle = '{row.root}')"
    )


def recoveries(cycle: UUID) -> tuple[int, list[tuple[int, int]]]:
    """Return how many households a recovery is about, and the quantity of each unit."""
    [(households,)] = fetch(
        REGISTRY,
        "SELECT count(DISTINCT household_id) FROM recovery_line WHERE cycle_id = %s",
        (cycle,),
    )
    totals = fetch(
        REGISTRY,
        """SELECT unit, sum(quantity)::bigint FROM recovery_line WHERE cycle_id = %s
           GROUP BY unit ORDER BY unit""",
        (cycle,),
    )
    return households, totals


def _child(row: tuple) -> ChildRow:
    cycle, root, kind, number, line, is_chosen, drafted_at, is_waived = row
    return ChildRow(cycle, root, ChildKind(kind), number, line, is_chosen, drafted_at, is_waived)
