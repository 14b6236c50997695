"""
Writes of the withdrawal of cycles that never opened. Only use cases import this.

The database refuses all of it for any other cycle (programmes/migrations/0003).
"""

from collections.abc import Sequence
from uuid import UUID

from despensa.domain.child import ChildKind
from despensa.records.bulk import execute, fetch
from despensa.records.children import queries, store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store as programmes

WrongState = programmes.WrongState
# what refers to a decision goes before it
_TABLES = ("recovery_line", "benefit_line", "decision")


def lock_family(cycle: UUID) -> tuple[UUID, ...]:
    """
    Return the cycle and, of a root, what was drafted to complete it.

    Locks: their rows, so that nothing of them opens, is decided or appealed against meanwhile.
    Raises: NoRoot; WrongState when one of them is not decided, has begun to open, or was settled.
    """
    child = queries.child(cycle)
    if child is not None:
        _require_withdrawable(child)
        fetch(REGISTRY, "SELECT 1 FROM cycle WHERE id = %s FOR UPDATE", (cycle,))
        store.lock_root(child.root)
        return (cycle,)
    # children first: whoever decides one holds its row when asking for the root's
    fetch(
        REGISTRY,
        "SELECT 1 FROM cycle WHERE root_cycle = %s AND id <> %s ORDER BY id FOR UPDATE",
        (cycle, cycle),
    )
    store.lock_root(cycle)
    family = fetch(
        REGISTRY,
        """SELECT cycle.id, cycle.code, cycle.state, coalesce(child.is_waived IS NOT NULL, false)
           FROM cycle LEFT JOIN child_cycle child ON child.cycle_id = cycle.id
           WHERE cycle.root_cycle = %s AND cycle.id <> %s AND cycle.state > 0 ORDER BY cycle.id""",
        (cycle, cycle),
    )
    for _, code, state, is_settled in family:
        if state > programmes.DECIDED or is_settled:
            raise WrongState(
                f"The cycle {code} completes this one and has begun to open, or was settled: a "
                "cycle that gave something is not withdrawn. Nothing was changed."
            )
    return (*(one for one, *_ in family), cycle)


def withdraw(family: Sequence[UUID]) -> list[tuple[str, int]]:
    """
    Withdraw these cycles and delete what they decided and give; return how many rows of what.

    Raises: WrongState when the last of them, which was asked for, is not decided.
    """
    *others, cycle = family
    programmes.move(cycle, from_state=programmes.DECIDED, to_state=programmes.WITHDRAWN, changes={})
    execute(
        REGISTRY,
        "UPDATE cycle SET state = %s WHERE id = ANY(%s)",
        (programmes.WITHDRAWN, others),
    )
    return [
        (
            table,
            execute(REGISTRY, f"DELETE FROM {table} WHERE cycle_id = ANY(%s)", (list(family),)),
        )
        for table in _TABLES
    ]


def _require_withdrawable(child: queries.ChildRow) -> None:
    if child.kind is ChildKind.APPEAL:
        raise WrongState(
            "This cycle follows from an appeal that was upheld: nobody takes that back. Nothing was "
            "changed."
        )
    if child.is_waived is not None:
        raise WrongState("This recovery was settled before: nothing was changed.")
