"""Propose an action that needs a second person."""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import Proposal
from despensa.records import mandates
from despensa.records.databases import REGISTRY
from despensa.records.proposals import store


def propose(proposal: Proposal, *, acting: Acting) -> None:
    """
    Record the proposal and its leaf; its creator is the person acting.

    Raises: OutOfReach when no role of theirs reaches what it acts on; ValueError when it is of
        nobody, or an action that no role proposes.
    """
    if acting.staff is None or proposal.creator != acting.staff.bytes:
        raise ValueError("a proposal is made by the person acting")
    with transaction.atomic(using=REGISTRY):
        mandates.require_proposer(proposal, acting=acting)
        store.add(proposal, acting=acting)
