"""
What operations on households carry over in a cycle, and with whom its unclaimed rights go on.

Source: docs/decisions/0041-what-a-closed-cycle-left-goes-with-the-people.md.
"""

from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


def carries_in(cycle: UUID) -> list[UUID]:
    """Return the operations that carry something over in a cycle."""
    rows = fetch(
        REGISTRY,
        "SELECT change_id FROM carry_order WHERE cycle_id = %s ORDER BY change_id",
        (cycle,),
    )
    return [change for (change,) in rows]


def gone_into(cycle: UUID) -> dict[UUID, UUID]:
    """
    Return of each household that gave everything it had in a cycle to another where that is now.

    Operations that were undone count for nothing.
    """
    rows = fetch(
        REGISTRY,
        """SELECT carry.source_id, carry.target_id FROM carry_order carry
           JOIN household_change change ON change.id = carry.change_id
           WHERE carry.cycle_id = %s AND carry.numerator = carry.denominator
             AND change.undoes_id IS NULL
             AND NOT EXISTS (SELECT 1 FROM household_change undo WHERE undo.undoes_id = change.id)
           ORDER BY change.at DESC, change.id DESC""",
        (cycle,),
    )
    # from the last to the first: where the other household's went is known by then
    now: dict[UUID, UUID] = {}
    for source, target in rows:
        now[source] = now.get(target, target)
    return now
