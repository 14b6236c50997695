"""
Ask two people to open the child cycle that follows from an upheld appeal.

The child was decided by the rule, on the facts as they are now known; nobody writes a quantity.
Whoever answers appeals proposes it, so that those who decided cannot stop it by doing nothing.
Source: docs/explanation/design.md, section 7.10.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.appeal import Answer, AppealRefused, Why
from despensa.domain.proposal import APPROVAL_KEPT_SECONDS, Proposal, Reason
from despensa.records import mandates
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries, store
from despensa.records.proposals import store as proposals

ACTION = "open_cycle"


def propose_appeal_child(
    appeal: UUID, *, epoch: int, goods: Sequence[tuple[str, int]], acting: Acting
) -> UUID:
    """
    Return the proposal; one that waits or was carried out stays, one that was refused is made anew.

    Shape: `goods` are the totals of the child cycle, as (total, quantity).
    Locks: the appeal's row. Raises: AppealRefused for one that is not upheld; OutOfReach.
    """
    if acting.staff is None:
        raise ValueError("a child cycle is proposed by a person")
    with transaction.atomic(using=REGISTRY):
        store.lock(appeal)
        view = queries.appeal(appeal)
        if view is None or view.answer is not Answer.UPHELD or view.child is None:
            raise AppealRefused(Why.NO_SUCH_APPEAL)
        if view.proposal is not None and view.proposal_state != proposals.REFUSED:
            return view.proposal
        proposal_id = acting.new_id()
        proposal = Proposal(
            proposal_id=proposal_id.bytes,
            workspace_id=acting.workspace.bytes,
            action=ACTION,
            creator=acting.staff.bytes,
            created_at=acting.at,
            expires_at=acting.at + APPROVAL_KEPT_SECONDS,
            reason=Reason.APPEAL_UPHELD,
            scope=(view.programme.bytes, view.area.bytes, view.child.bytes),
            parameters=(epoch,),
            totals=tuple(goods),
        )
        mandates.require_proposer(proposal, acting=acting)
        proposals.add(proposal, acting=acting)
        store.set_proposal(appeal, proposal_id)
    return proposal_id
