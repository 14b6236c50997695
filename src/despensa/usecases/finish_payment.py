"""Finish in the registry what the ledger carried out about money; doing it again changes nothing."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import Mandate, parse
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY

STAGE = "payment_finished"


def finish_payment(mandate: Mandate, *, action: str, acting: Acting) -> None:
    """
    Mark the proposal as carried out.

    Raises: BegunOtherwise; ApprovalInvalid.
    """
    with transaction.atomic(using=REGISTRY):
        proposal = UUID(bytes=parse(mandate.canonical).proposal_id)
        if not journal_store.begin_stage(REGISTRY, proposal, STAGE, 0, now=acting.at):
            return
        mandates.finish_in_registry(mandate, action=action, acting=acting)
        journal_store.record(REGISTRY, action, acting, proposal=proposal)
