"""
Make a child of a cycle in one go: draft it for its households, freeze their facts, decide it.

What is decided waits for two people like any cycle (`open_cycle`); killed anywhere, the next call
with the same id goes on where it stopped.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.child import ChildKind
from despensa.entrypoints.jobs import cycle
from despensa.entrypoints.wiring import Tools
from despensa.records.programmes import queries
from despensa.usecases.draft_child import ChildOrder, draft_child

__all__ = ["ChildKind", "ChildOrder", "MadeChild", "make_child", "order_for"]


@dataclass(frozen=True, slots=True)
class MadeChild:
    """A decided child: its goods as (unit, quantity), nothing when it gives nothing."""

    cycle: UUID
    code: str
    households: int
    goods: tuple[tuple[int, int], ...]


def order_for(
    root: UUID, kind: ChildKind, *, child: UUID, today: date, **other: object
) -> ChildOrder:
    """
    Return an order with the usual dates: open for as long as the root was, from today on.

    What corrects the root is decided for the root's day, what is new for today's.
    Raises: NoSuchCycle.
    """
    row = queries.cycle(root)
    if row is None:
        raise cycle.NoSuchCycle("There is no cycle with this id. See: despensa cycle list.")
    usual: dict[str, object] = {
        "reference_date": row.reference_date if kind.decides_for_the_root_day else today,
        "opens_on": today,
        "closes_on": max(row.closes_on, today + (row.closes_on - row.opens_on)),
    }
    if kind is ChildKind.LATE:
        usual["closes_on"] = max(row.closes_on, today)
    return ChildOrder(id=child, root=root, kind=kind, **usual | other)  # type: ignore[arg-type]


def make_child(order: ChildOrder, tools: Tools, *, acting: Acting) -> MadeChild:
    """
    Return the decided child; again with the same id returns the same one.

    For an upheld appeal: the root's rule decides the household's facts as they are now known, on
    the root's day. It gets the root's own line where it got nothing, else what is missing. Nothing
    is given before two people opened the child.
    Raises: what `usecases.draft_child` and `jobs.cycle.freeze_and_decide` do.
    """
    draft_child(order, commit_lot=cycle.lots_of(tools), acting=acting, sealer=tools.keeper.vault)
    row = queries.cycle(order.id)
    if row is None:
        raise LookupError("a child that was drafted is not there")
    if row.frozen_root is None:
        cycle.freeze_and_decide(order.id, tools, acting=acting)
    return MadeChild(
        order.id,
        row.code,
        sum(queries.outcome_totals(order.id).values()),
        tuple((unit, total) for unit, _, _, total in queries.goods_totals(order.id)),
    )
