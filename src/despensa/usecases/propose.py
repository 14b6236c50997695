"""Propose an action that needs a second person."""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import Proposal
from despensa.domain.transparency.entry import Act, private_entry
from despensa.records import journal_store
from despensa.records.databases import DATABASE_NUMBER, REGISTRY
from despensa.records.proposals import store


def propose(proposal: Proposal, *, acting: Acting) -> None:
    """Record the proposal and its leaf; its creator is the person acting."""
    if acting.staff is None or proposal.creator != acting.staff.bytes:
        raise ValueError("a proposal is made by the person acting")
    act = Act(DATABASE_NUMBER[REGISTRY], acting.at, acting.actor, "propose", proposal.proposal_id)
    with transaction.atomic(using=REGISTRY):
        store.add(proposal)
        journal_store.append(
            REGISTRY,
            [
                private_entry(
                    act,
                    entry=acting.new_id(),
                    salt=acting.new_salt(),
                    rows=store.journal_of(proposal),
                )
            ],
        )
