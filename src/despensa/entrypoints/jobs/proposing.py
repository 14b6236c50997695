"""Making a proposal at a door: its id, its times and its workspace are the same for every action."""

from typing import Any
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.proposal import APPROVAL_KEPT_SECONDS, Proposal, Reason, parse
from despensa.usecases.propose import propose


def propose_action(action: str, reason: Reason, *, acting: Acting, **content: Any) -> UUID:
    """Return the id of the proposal that now waits for a second person."""
    if acting.staff is None:
        raise ValueError("a proposal is made by a person")
    proposal_id = acting.new_id()
    proposal = Proposal(
        proposal_id=proposal_id.bytes,
        workspace_id=acting.workspace.bytes,
        action=action,
        creator=acting.staff.bytes,
        created_at=acting.at,
        expires_at=acting.at + APPROVAL_KEPT_SECONDS,
        reason=reason,
        **content,
    )
    propose(proposal, acting=acting)
    return proposal_id


def cycle_of(canonical: bytes) -> UUID | None:
    """Return the cycle a proposal is about, or None."""
    cycle = parse(canonical).scope[2]
    return None if cycle is None else UUID(bytes=cycle)
