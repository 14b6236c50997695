"""
Open a cycle across both databases: registry, keeper, ledger, registry.

Each stage may be repeated: killed anywhere, the next call goes on where it stopped.
"""

from dataclasses import dataclass, field
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.proposal import Mandate
from despensa.entrypoints.jobs import collector
from despensa.entrypoints.jobs.crew import Forks
from despensa.entrypoints.jobs.deriving import derive
from despensa.entrypoints.wiring import Tools
from despensa.records.ledger.queries import entitled_accounts
from despensa.records.programmes import queries
from despensa.records.proposals import queries as proposals
from despensa.usecases.begin_opening import ACTION, begin_opening
from despensa.usecases.credit_opening import Credits, credit_opening, unit_total
from despensa.usecases.finish_opening import finish_opening

__all__ = ["ACTION", "Order", "open_cycle", "unit_total"]

_UNIT = "unit:"


class BudgetExceeded(RuntimeError):
    """The decided goods are more than what was approved."""


@dataclass(frozen=True, slots=True)
class Order:
    """
    An approved opening; `totals` hold the budget per unit under `unit_total` names.

    `late_of` is the root under whose approval late entrants are opened.
    """

    proposal: UUID
    mandate: Mandate = field(repr=False)
    cycle: UUID
    programme: UUID
    epoch: int
    totals: tuple[tuple[str, int], ...]
    late_of: UUID | None = None


@collector.paused()
def open_cycle(order: Order, tools: Tools, *, acting: Acting) -> int:
    """
    Return how many households were given an account.

    Raises: BudgetExceeded before anything is begun; PurposeTaken; ShareUsedUp; ApprovalInvalid; WrongState; BegunOtherwise.
    """
    _check_budget(order)
    begin_opening(
        order.cycle,
        epoch=order.epoch,
        mandate=order.mandate,
        acting=acting,
        late_of=order.late_of,
    )
    begun_at = proposals.begun_at(order.proposal)
    if begun_at is None:
        raise LookupError("a proposal that was begun is not noted as begun")
    derived = derive(
        order.mandate,
        tools.keeper.cycles,
        cycle=order.cycle,
        programme=order.programme,
        epoch=order.epoch,
        late_of=order.late_of,
        crew=Forks(),
    )
    budget = [
        (int(name.removeprefix(_UNIT)), total)
        for name, total in order.totals
        if name.startswith(_UNIT)
    ]
    credited = credit_opening(
        Credits(order.cycle, derived.credits, derived.tags, budget, order.late_of),
        mandate=order.mandate,
        begun_at=begun_at,
        acting=acting,
        keeper=tools.keeper.cycles,
        crew=Forks(),
    )
    finish_opening(order.cycle, mandate=order.mandate, acting=acting, late_of=order.late_of)
    return entitled_accounts(order.cycle) if credited is None else credited


def _check_budget(order: Order) -> None:
    approved = dict(order.totals)
    for unit, code, _, total in queries.goods_totals(order.cycle):
        budget = approved.get(unit_total(unit), 0)
        if total > budget:
            raise BudgetExceeded(
                f"The decisions give {total} of {code}, and the approved budget is {budget}. "
                "Propose the opening again with the right total."
            )
