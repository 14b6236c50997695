"""The second person of a benchmark: an invented one who agrees to what another proposed."""

from uuid import UUID

from despensa.domain import proposal as proposals
from despensa.entrypoints.bench.ground import Ground
from despensa.records.proposals import queries
from despensa.usecases.approve import approve


def approve_as(ground: Ground, proposal: UUID, approver: UUID) -> None:
    """Let an invented approver agree to a proposal as it stands."""
    view = queries.proposal(proposal)
    if view is None:
        raise RuntimeError("the proposal just made is not there")
    approve(
        proposal,
        seen_hash=view.hash,
        kind=proposals.ApprovalKind.PASSWORD_AND_CODE,
        assertion=None,
        acting=ground.tools.acting(approver),
        signatory=ground.tools.keeper.signatory,
    )
