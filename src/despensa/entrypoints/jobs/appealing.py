"""
Appeals at the doors: taken down, answered, and what follows from an upheld one.

The office and the command line share this; so will the household's own window.
"""

import logging
from uuid import UUID

from despensa.domain import epoch as epochs
from despensa.domain.act import Acting
from despensa.domain.appeal import Answer, AppealRefused, Reason, Why
from despensa.domain.role import Permission
from despensa.entrypoints.jobs import child
from despensa.entrypoints.jobs.child import ChildKind
from despensa.entrypoints.jobs.opening import unit_total
from despensa.entrypoints.wiring import Tools
from despensa.records.grievances import queries
from despensa.records.programmes import queries as programmes
from despensa.records.staff import queries as staff
from despensa.usecases.answer_appeal import Answered, answer_appeal
from despensa.usecases.bring_appeal import Brought, Wanted, bring_appeal
from despensa.usecases.propose_appeal_child import propose_appeal_child

_log = logging.getLogger(__name__)
# what may stand in the way of a child cycle: its root settled, its programme ended, its facts gone
PROBLEMS = (RuntimeError, LookupError, ValueError, PermissionError)


def bring(wanted: Wanted, tools: Tools, *, acting: Acting) -> Brought:
    """Return that an appeal is taken down. Raises: AppealRefused."""
    return bring_appeal(
        wanted, acting=acting, vault=tools.keeper.vault, signatory=tools.keeper.signatory
    )


def answer(
    appeal: UUID, given: Answer, tools: Tools, *, reason: Reason | None = None, acting: Acting
) -> Answered:
    """
    Return that an appeal is answered, and make what follows from an upheld one.

    The answer stands whatever becomes of the child cycle: the next round tries that again.
    Raises: AppealRefused.
    """
    done = answer_appeal(
        appeal,
        given,
        reason=reason,
        acting=acting,
        vault=tools.keeper.vault,
        signatory=tools.keeper.signatory,
        single_operator=tools.workspace.single_operator,
    )
    if done.has_child:
        _try_remedy(appeal, tools, acting=acting)
    return done


def remedy(appeal: UUID, tools: Tools, *, acting: Acting) -> UUID | None:
    """
    Return the proposal to open the child cycle of an upheld appeal, made once however often asked.

    None when the rule gives nothing more on the facts as they are now known.
    Raises: AppealRefused, also for one out of this person's reach; what `child.make_child` does.
    """
    with queries.taking_turns(appeal):
        view = queries.appeal(appeal)
        cycle = None if view is None else programmes.cycle(view.cycle)
        if view is None or cycle is None or not _may_answer(view, acting):
            raise AppealRefused(Why.NO_SUCH_APPEAL)
        if view.child is None:
            raise AppealRefused(Why.NOT_UPHELD)
        order = child.order_for(
            cycle.root_cycle,
            ChildKind.APPEAL,
            child=view.child,
            today=tools.today(),
            households=[view.household],
        )
        # the rule decides, for nobody in particular: whoever answered has no say in the quantity
        made = child.make_child(order, tools, acting=tools.acting(None))
        if not made.goods:
            return None
        return propose_appeal_child(
            appeal,
            epoch=epochs.epoch_of(tools.today()),
            goods=[(unit_total(unit), total) for unit, total in made.goods],
            acting=acting,
        )


def remedy_all(tools: Tools) -> int:
    """Return of how many upheld appeals the child cycle was proposed now; one round of many."""
    done = 0
    for view in queries.without_remedy():
        done += _try_remedy(view.id, tools, acting=tools.acting(view.answered_by)) is not None
    return done


def _may_answer(view: queries.AppealView, acting: Acting) -> bool:
    if acting.staff is None:
        return False
    reach = staff.reach_of(acting.staff, Permission.ANSWER_APPEALS, acting.day)
    return reach.covers(view.programme, view.area)


def _try_remedy(appeal: UUID, tools: Tools, *, acting: Acting) -> UUID | None:
    try:
        return remedy(appeal, tools, acting=acting)
    except PROBLEMS as problem:
        _log.warning("the child cycle of appeal %s could not be proposed: %s", appeal, problem)
        return None
