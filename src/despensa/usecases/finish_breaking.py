"""Finish breaking a phone's list: the ledger ended it, so that the proposal is carried out."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import Mandate, parse
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY

ACTION = "break_lease"
STAGE = "breaking_finished"


def finish_breaking(mandate: Mandate, *, acting: Acting) -> None:
    """
    Mark the proposal as carried out; doing it again changes nothing.

    Raises: BegunOtherwise; ApprovalInvalid.
    """
    with transaction.atomic(using=REGISTRY):
        proposal = UUID(bytes=parse(mandate.canonical).proposal_id)
        if not journal_store.begin_stage(REGISTRY, proposal, STAGE, 0, now=acting.at):
            return
        mandates.finish_in_registry(mandate, action=ACTION, acting=acting)
        journal_store.record(REGISTRY, ACTION, acting, proposal=proposal)
