"""
Begin opening a cycle: the approved epoch is fixed in the registry.

From here on no import that the cycle counted can be undone, so what was kept for that goes with it,
and each household holds its purposes of the month. Late entrants of the daily round are opened under
the approval of their root, within its share.
The second stage credits the ledger (`credit_opening`), the third marks the cycle open
(`finish_opening`). Each stage may be repeated after a crash.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import ApprovalInvalid, Mandate, Proposal, Reason
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.children import purpose_store
from despensa.records.children import store as children
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries as appeals
from despensa.records.programmes import store
from despensa.records.registry import taken_back

ACTION = "open_cycle"
STAGE = "opening"
PurposeTaken, ShareUsedUp = purpose_store.PurposeTaken, children.ShareUsedUp


def begin_opening(
    cycle: UUID, *, epoch: int, mandate: Mandate, acting: Acting, late_of: UUID | None = None
) -> bool:
    """
    Return whether the opening began now; False when it had begun under the same proposal.

    `late_of` is the root under whose approval late entrants are opened.
    Raises: AlreadyUsed when the proposal opened something before; BegunOtherwise when another
        proposal opens this cycle; WrongState when the cycle is not decided, or is
        outdated; PurposeTaken when a household has something for the purpose in the month;
        ShareUsedUp when late entrants need more than is left; ApprovalInvalid.
    """
    with transaction.atomic(using=REGISTRY):
        if not journal_store.begin_stage(REGISTRY, cycle, STAGE, 0, now=acting.at):
            mandates.continue_in_registry(mandate, action=ACTION, acting=acting)
            return False
        approved = _approved(late_of, mandate, acting)
        if (approved.scope[2], approved.parameters[:1]) != ((late_of or cycle).bytes, (epoch,)):
            raise ApprovalInvalid("the proposal names another cycle or epoch")
        if approved.reason is Reason.APPEAL_UPHELD and appeals.upheld_for(cycle) is None:
            raise ApprovalInvalid("this cycle does not follow from an appeal that was upheld")
        store.require_current(cycle)
        children.require_opens(cycle)
        if late_of is not None:
            children.require_share(cycle, late_of)
        store.move(
            cycle,
            from_state=store.DECIDED,
            to_state=store.OPENING,
            changes={"epoch": epoch},
        )
        purpose_store.claim_purposes(cycle)
        taken_back.forget(taken_back.counted_by(cycle))
        rows = journal_rows.updated(
            "cycle", [(cycle.bytes, {"state": store.OPENING, "epoch": epoch})]
        )
        proposal = UUID(bytes=approved.proposal_id)
        if late_of is None:
            children.add_share(cycle, approved)
        journal_store.record(REGISTRY, ACTION, acting, rows, proposal=proposal)
    return True


def _approved(late_of: UUID | None, mandate: Mandate, acting: Acting) -> Proposal:
    """Return the proposal under which this is opened: its own, or its root's, used before."""
    if late_of is None:
        return mandates.begin_in_registry(mandate, action=ACTION, acting=acting)
    return mandates.continue_in_registry(mandate, action=ACTION, acting=acting)
