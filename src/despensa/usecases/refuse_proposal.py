"""Refuse a proposal: it is closed without being done, and a staged file is destroyed."""

from typing import Any
from uuid import UUID

from django.db import transaction

from despensa.domain import proposal as rules
from despensa.domain.act import Acting
from despensa.domain.ports.keeper import StagingVault
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.proposals import store
from despensa.records.registry import store as registry

IMPORT, CORRECT = "import_register", "correct_record"


class NeedsReason(ValueError):
    """Somebody asked for this: they get a receipt with a reason, which another door gives."""


def refuse_proposal(
    proposal_id: UUID, *, acting: Acting, staging: StagingVault, reason: str = ""
) -> None:
    """
    Close the proposal; `reason` is a code of the door's closed list.

    Raises: NotWaiting when it was decided before; OutOfReach; NeedsReason for a correction.
    """
    if acting.staff is None:
        raise ValueError("a proposal is refused by a person")
    with transaction.atomic(using=REGISTRY):
        proposal = rules.parse(store.lock_waiting(proposal_id))
        mandates.require_decider(proposal, acting=acting)
        if proposal.action == CORRECT:
            raise NeedsReason(
                "Whoever asked for this correction gets a receipt with the reason: refuse the "
                "correction itself, on its page or with: despensa correction refuse."
            )
        store.refuse(proposal_id, by=acting.staff, reason=reason, now=acting.at)
        if proposal.action == IMPORT:
            registry.refuse_imports([proposal_id])
        changed: dict[int | str, Any] = {
            "state": store.REFUSED,
            "refused_by": acting.staff.bytes,
            "refused_at": acting.at,
            "refusal_reason": reason,
        }
        rows = journal_rows.updated("proposal", [(proposal_id.bytes, changed)])
        journal_store.record(REGISTRY, "refuse", acting, rows, proposal=proposal_id)
    staging.destroy(proposal_id.bytes, at=acting.at)
