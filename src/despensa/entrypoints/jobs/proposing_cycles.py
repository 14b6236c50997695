"""
What the doors propose about a decided cycle: its opening, its withdrawal, the end of a recovery.

Whatever stands in the way is said before two people spend their time on it.
"""

from uuid import UUID

from despensa.domain import epoch as epochs
from despensa.domain.act import Acting
from despensa.domain.child import SHARE_PERCENT, ChildKind, share_percent
from despensa.domain.proposal import Reason
from despensa.entrypoints.jobs import actions
from despensa.entrypoints.jobs.opening import unit_total
from despensa.entrypoints.jobs.proposing import cycle_of, propose_action
from despensa.records.children import purpose_queries
from despensa.records.children import queries as children
from despensa.records.programmes import queries
from despensa.records.programmes.queries import CycleRow
from despensa.records.proposals import queries as proposals
from despensa.usecases.begin_opening import PurposeTaken
from despensa.usecases.draft_child import WrongState

_DECIDED = 2


def propose_opening(row: CycleRow, *, acting: Acting, percent: int = SHARE_PERCENT) -> UUID:
    """
    Return the proposal to open a decided cycle.

    `percent` is what its approval leaves for late entrants; a child has no share of its own.
    Raises: WrongState when it is not decided, is a recovery, or waits already; PurposeTaken;
        ShareWrong.
    """
    child = children.child(row.id)
    if row.state != _DECIDED or (child is not None and child.kind is ChildKind.RECOVERY):
        raise WrongState(
            f"The cycle {row.code} is not one that can be opened now: nothing was proposed. See: "
            "despensa cycle list."
        )
    _require_alone(row, actions.OPEN_CYCLE, acting.at)
    _require_alone(row, actions.WITHDRAW_CYCLE, acting.at)
    in_the_way = purpose_queries.taken(row.id)
    if in_the_way:
        raise PurposeTaken(" ".join(taken.sentence for taken in in_the_way))
    parameters: tuple[int, ...] = (epochs.epoch_of(acting.day),)
    if child is None and percent:
        parameters = (*parameters, percent)
        share_percent(parameters)
    return propose_action(
        actions.OPEN_CYCLE,
        Reason.SCHEDULED_CYCLE,
        acting=acting,
        scope=(row.programme.bytes, None, row.id.bytes),
        parameters=parameters,
        totals=tuple(
            (unit_total(unit), total) for unit, _, _, total in queries.goods_totals(row.id)
        ),
    )


def propose_settlement(row: CycleRow, *, acting: Acting, is_waived: bool = True) -> UUID:
    """Return the proposal to waive a decided recovery, or to ask it back. Raises: WrongState."""
    child = children.child(row.id)
    is_open = child is not None and child.kind is ChildKind.RECOVERY and child.is_waived is None
    if not is_open or row.state != _DECIDED:
        raise WrongState(
            f"The cycle {row.code} is no recovery that waits: nothing was proposed. See: despensa "
            "cycle list."
        )
    _require_alone(row, actions.SETTLE_RECOVERY, acting.at)
    _require_alone(row, actions.WITHDRAW_CYCLE, acting.at)
    _, totals = children.recoveries(row.id)
    return propose_action(
        actions.SETTLE_RECOVERY,
        Reason.SCHEDULED_CYCLE,
        acting=acting,
        scope=(row.programme.bytes, None, row.id.bytes),
        parameters=(is_waived,),
        totals=tuple((unit_total(unit), total) for unit, total in totals),
    )


def propose_withdrawal(row: CycleRow, *, acting: Acting) -> UUID:
    """
    Return the proposal to withdraw a decided cycle that has not begun to open.

    Raises: WrongState, also for what follows from an upheld appeal, or while a proposal waits.
    """
    child = children.child(row.id)
    is_kept = child is not None and (child.kind is ChildKind.APPEAL or child.is_waived is not None)
    if row.state != _DECIDED or row.frozen_root is None or is_kept:
        raise WrongState(
            f"The cycle {row.code} is not one that can be withdrawn: it is not decided, began to "
            "open, was settled, or follows from an upheld appeal. Nothing was proposed. See: "
            "despensa cycle list."
        )
    for action in (actions.WITHDRAW_CYCLE, actions.OPEN_CYCLE, actions.SETTLE_RECOVERY):
        _require_alone(row, action, acting.at)
    return propose_action(
        actions.WITHDRAW_CYCLE,
        Reason.ENTERED_BY_MISTAKE,
        acting=acting,
        scope=(row.programme.bytes, None, row.id.bytes),
        inputs=(row.frozen_root,),
        totals=(("households", sum(queries.outcome_totals(row.id).values())),),
    )


def waiting_for(cycle: UUID, action: str, now: int) -> UUID | None:
    """Return the proposal about a cycle that waits or is being carried out, or None."""
    views = [view for view in proposals.waiting(None) if view.expires_at > now]
    for view in [*views, *proposals.approved()]:
        if view.action == action and cycle_of(view.canonical) == cycle:
            return view.id
    return None


def _require_alone(row: CycleRow, action: str, now: int) -> None:
    if waiting_for(row.id, action, now) is not None:
        raise WrongState(
            f"A proposal about the cycle {row.code} waits for a second person already: despensa "
            "proposal list. Nothing was proposed."
        )
