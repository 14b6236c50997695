"""
Begin opening a cycle: the approved epoch is fixed in the registry.

The second stage credits the ledger (`credit_opening`), the third marks the cycle open
(`finish_opening`). Each stage may be repeated after a crash.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store

ACTION = "open_cycle"
STAGE = "opening"


def begin_opening(
    cycle: UUID, *, epoch: int, proposal: UUID, proposal_hash: bytes, acting: Acting
) -> bool:
    """
    Return whether the opening began now; False when it had begun under the same proposal.

    Raises: AlreadyUsed when the proposal opened something before; BegunOtherwise when another
        proposal opens this cycle; WrongState when the cycle is not decided.
    """
    with transaction.atomic(using=REGISTRY):
        if not journal_store.begin_stage(REGISTRY, cycle, STAGE, 0, now=acting.at):
            journal_store.require_same_proposal(REGISTRY, proposal, proposal_hash)
            return False
        journal_store.use_proposal(REGISTRY, proposal, proposal_hash, now=acting.at)
        store.move(
            cycle,
            from_state=store.DECIDED,
            to_state=store.OPENING,
            changes={"epoch": epoch},
        )
        rows = journal_rows.updated(
            "cycle", [(cycle.bytes, {"state": store.OPENING, "epoch": epoch})]
        )
        journal_store.record(REGISTRY, ACTION, acting, rows, proposal=proposal)
    return True
