"""Reads about the life of cycles after they are open."""

from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


def settled_at(cycle_id: UUID) -> int | None:
    """Return when a cycle was settled, or None when it was not."""
    rows = fetch(
        REGISTRY,
        "SELECT done_at FROM stage WHERE subject = %s AND stage = 'settled' AND chunk = 0",
        (cycle_id,),
    )
    return rows[0][0] if rows else None


def later_cycles(cycle_id: UUID, limit: int) -> list[tuple[UUID, int]]:
    """Return (cycle, state) of the next root cycles of the same programme that were opened."""
    return fetch(
        REGISTRY,
        """SELECT later.id, later.state FROM cycle
           JOIN cycle later ON later.programme_id = cycle.programme_id
                           AND later.root_cycle = later.id AND later.id <> cycle.root_cycle
                           AND later.opens_on >= cycle.opens_on AND later.state >= 4
           WHERE cycle.id = %s ORDER BY later.opens_on, later.id LIMIT %s""",
        (cycle_id, limit),
    )


def cycles_in_state(state: int) -> list[UUID]:
    """Return the cycles in a state, the first to close first."""
    rows = fetch(REGISTRY, "SELECT id FROM cycle WHERE state = %s ORDER BY closes_on, id", (state,))
    return [cycle_id for (cycle_id,) in rows]
