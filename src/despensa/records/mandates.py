"""
The one place where a use case asks whether it may carry an approved proposal out.

Called first inside the use case's own transaction: signature, content, time, and in the registry
who approved and where their role counted then; using the proposal up is part of the same step.
The ledger cannot see roles: it takes the authority's signature for them, which nobody got without
`require_approver`. Source: docs/explanation/design.md, section 5; docs/reference/formats.md,
section 9.
"""

from uuid import UUID

from despensa.domain import proposal as rules
from despensa.domain.act import Acting
from despensa.domain.reach import OutOfReach
from despensa.records import journal_store
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.proposals import store
from despensa.records.staff import queries as staff


def use_in_registry(mandate: rules.Mandate, *, action: str, acting: Acting) -> rules.Proposal:
    """
    Return the proposal that is carried out now, whole, in the registry's transaction.

    Locks: the proposal's row.
    Raises: AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    proposal = begin_in_registry(mandate, action=action, acting=acting)
    store.finish(UUID(bytes=proposal.proposal_id))
    return proposal


def begin_in_registry(mandate: rules.Mandate, *, action: str, acting: Acting) -> rules.Proposal:
    """
    Return the proposal whose first stage is done now; `finish_in_registry` ends it.

    Locks: the proposal's row.
    Raises: AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    proposal = _checked(mandate, action=action, acting=acting)
    proposal_id = UUID(bytes=proposal.proposal_id)
    journal_store.use_proposal(REGISTRY, proposal_id, mandate.hash, now=acting.at)
    return proposal


def continue_in_registry(mandate: rules.Mandate, *, action: str, acting: Acting) -> rules.Proposal:
    """
    Return a proposal that was begun in time, so that its later stages may still be done.

    Raises: BegunOtherwise when another proposal was begun; ApprovalInvalid and the errors of
        `check_mandate`, held against the time of the beginning.
    """
    proposal_id = UUID(bytes=rules.parse(mandate.canonical).proposal_id)
    begun = journal_store.require_same_proposal(REGISTRY, proposal_id, mandate.hash)
    return _checked(mandate, action=action, acting=acting, begun_at=begun)


def finish_in_registry(mandate: rules.Mandate, *, action: str, acting: Acting) -> rules.Proposal:
    """Return a begun proposal whose last stage is done now. Raises: as `continue_in_registry`."""
    proposal = continue_in_registry(mandate, action=action, acting=acting)
    store.finish(UUID(bytes=proposal.proposal_id))
    return proposal


def use_in_ledger(
    mandate: rules.Mandate, *, action: str, begun_at: int, acting: Acting
) -> rules.Proposal:
    """
    Return the proposal whose stage in the ledger is done now; the registry began it at `begun_at`.

    Raises: AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    proposal, _ = rules.check_mandate(
        mandate, action=action, workspace=acting.workspace.bytes, now=begun_at
    )
    proposal_id = UUID(bytes=proposal.proposal_id)
    journal_store.use_proposal(LEDGER, proposal_id, mandate.hash, now=acting.at)
    return proposal


def continue_in_ledger(
    mandate: rules.Mandate, *, action: str, begun_at: int, acting: Acting
) -> rules.Proposal:
    """
    Return a proposal that was used in the ledger before, for what it covers later.

    Raises: BegunOtherwise when it was not; ApprovalInvalid and the errors of `check_mandate`.
    """
    proposal, _ = rules.check_mandate(
        mandate, action=action, workspace=acting.workspace.bytes, now=begun_at
    )
    proposal_id = UUID(bytes=proposal.proposal_id)
    journal_store.require_same_proposal(LEDGER, proposal_id, mandate.hash)
    return proposal


def require_approver(proposal: rules.Proposal, approval: rules.Approval, *, acting: Acting) -> None:
    """
    Refuse an approval of somebody who had no role for it there on the day of the approval.

    A single operator who waited is held against what it takes to propose.
    Raises: ApprovalInvalid.
    """
    needed = rules.decided_with(proposal.action)
    if approval.kind is rules.ApprovalKind.WAITED:
        needed = rules.proposed_with(proposal) or needed
    reach = staff.reach_of(UUID(bytes=approval.approver), needed, acting.day_of(approval.at))
    if not reach.covers(*store.place_of(proposal)):
        raise rules.ApprovalInvalid(
            "whoever approved had no role for it in this area and programme on that day: "
            "another person must approve a new proposal"
        )


def require_proposer(proposal: rules.Proposal, *, acting: Acting) -> None:
    """
    Refuse a proposal by somebody who may not propose this, or not there.

    Raises: OutOfReach; ValueError when nobody may propose the action at all.
    """
    needed = rules.proposed_with(proposal)
    if needed is None or acting.staff is None:
        raise ValueError(f"nobody may propose {proposal.action}")
    staff.reach_of(acting.staff, needed, acting.day).require(*store.place_of(proposal))


def require_decider(proposal: rules.Proposal, *, acting: Acting) -> None:
    """Refuse a decision by somebody who may not decide there. Raises: OutOfReach."""
    if acting.staff is None:
        raise OutOfReach("A proposal is decided by a person.")
    reach = staff.reach_of(acting.staff, rules.decided_with(proposal.action), acting.day)
    reach.require(*store.place_of(proposal))


def _checked(
    mandate: rules.Mandate, *, action: str, acting: Acting, begun_at: int | None = None
) -> rules.Proposal:
    now = acting.at if begun_at is None else begun_at
    proposal, approval = rules.check_mandate(
        mandate, action=action, workspace=acting.workspace.bytes, now=now
    )
    store.lock_approved(proposal, mandate.signed, is_begun=begun_at is not None)
    require_approver(proposal, approval, acting=acting)
    return proposal
