"""
Begin opening a cycle: the approved epoch is fixed in the registry.

From here on no import that the cycle counted can be undone, so what was kept for that goes with it.
The second stage credits the ledger (`credit_opening`), the third marks the cycle open
(`finish_opening`). Each stage may be repeated after a crash.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store
from despensa.records.registry import taken_back

ACTION = "open_cycle"
STAGE = "opening"


def begin_opening(cycle: UUID, *, epoch: int, mandate: Mandate, acting: Acting) -> bool:
    """
    Return whether the opening began now; False when it had begun under the same proposal.

    Raises: AlreadyUsed when the proposal opened something before; BegunOtherwise when another
        proposal opens this cycle; WrongState when the cycle is not decided, or is
        outdated; ApprovalInvalid.
    """
    with transaction.atomic(using=REGISTRY):
        if not journal_store.begin_stage(REGISTRY, cycle, STAGE, 0, now=acting.at):
            mandates.continue_in_registry(mandate, action=ACTION, acting=acting)
            return False
        approved = mandates.begin_in_registry(mandate, action=ACTION, acting=acting)
        if (approved.scope[2], approved.parameters[:1]) != (cycle.bytes, (epoch,)):
            raise ApprovalInvalid("the proposal names another cycle or epoch")
        store.require_current(cycle)
        store.move(
            cycle,
            from_state=store.DECIDED,
            to_state=store.OPENING,
            changes={"epoch": epoch},
        )
        taken_back.forget(taken_back.counted_by(cycle))
        rows = journal_rows.updated(
            "cycle", [(cycle.bytes, {"state": store.OPENING, "epoch": epoch})]
        )
        proposal = UUID(bytes=approved.proposal_id)
        journal_store.record(REGISTRY, ACTION, acting, rows, proposal=proposal)
    return True
