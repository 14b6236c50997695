"""
The count of what was taken in without a second person, kept in the use case's transaction.

Only use cases write. Small files and the desk share it. Source: docs/explanation/design.md, section 5.
"""

from datetime import date
from uuid import UUID

from despensa.domain.registration.alone import require_room
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.registry import store

_COUNTS_TAKE_TURNS = 2


def take_turns() -> None:
    """
    Let whoever writes alone take turns.

    Locks: the count, until the transaction ends.
    """
    fetch(REGISTRY, "SELECT 1 FROM pg_advisory_xact_lock(%s)", (_COUNTS_TAKE_TURNS,))


def take(rows: int, person: UUID, day: date, *, instead: str) -> None:
    """
    Add to what a person took in on this day without a second person.

    Two at once cannot both see the same count; the table's constraint stands behind it.
    Locks: the count, until the transaction ends.
    Raises: ApprovalNeeded.
    """
    take_turns()
    own, every = store.rows_taken_alone(day, person)
    require_room(rows, own=own, every=every, instead=instead)
    store.take_rows_alone(day, person, rows)
