"""
Approve a proposal: the second person agrees to exactly its hash.

The door has confirmed the person (passkey over the hash, or password and code within five
minutes). The record is signed by the authority key and announced in the log.
"""

from uuid import UUID

from django.db import IntegrityError, transaction

from despensa.domain import proposal as rules
from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Signatory
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.proposals import store

TOPIC = "approval"


class OwnProposal(PermissionError):
    """The creator of a proposal cannot approve it."""


def approve(
    proposal_id: UUID,
    *,
    seen_hash: bytes,
    kind: rules.ApprovalKind,
    assertion: tuple[bytes, bytes, bytes, bytes] | None,
    acting: Acting,
    signatory: Signatory,
    single_operator: bool = False,
) -> None:
    """
    Record the approval of the proposal whose hash the person saw.

    `single_operator` is the workspace's mode: only there may a wait stand for the second person.
    Raises: NotWaiting; OwnProposal; ApprovalInvalid when the hash is another, time is over, or a
        single operator who waited may not do this there; OutOfReach.
    """
    if acting.staff is None:
        raise ValueError("a proposal is approved by a person")
    if kind is rules.ApprovalKind.WAITED and not single_operator:
        raise OwnProposal("In this workspace a second person must approve; waiting is not enough.")
    approval = rules.Approval(seen_hash, acting.staff.bytes, kind, acting.at, assertion)
    with transaction.atomic(using=REGISTRY):
        canonical = store.lock_waiting(proposal_id)
        proposal = rules.parse(canonical)
        if proposal.creator == acting.staff.bytes and kind is not rules.ApprovalKind.WAITED:
            raise OwnProposal("A second person must approve: you made this proposal.")
        rules.check_use(proposal, approval, action=proposal.action, now=acting.at)
        if kind is rules.ApprovalKind.WAITED:
            mandates.require_approver(proposal, approval, acting=acting)
        else:
            mandates.require_decider(proposal, acting=acting)
        signed = signatory.sign(approval.payload(), label=rules.APPROVAL_LABEL)
        try:
            store.approve(proposal_id, UUID(bytes=proposal.creator), approval, signed)
        except IntegrityError as error:
            raise OwnProposal("A second person must approve.") from error
        body = {0: approval.proposal_hash, 1: proposal.action, 2: int(kind), 3: approval.at}
        journal_store.announce(
            REGISTRY, "approve", acting, PublicKind.APPROVAL, body, proposal=proposal_id
        )
