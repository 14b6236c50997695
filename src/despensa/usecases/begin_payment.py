"""
Begin in the registry what two people agreed on about money; the ledger carries it out next.

0 begun before? · 1 approved by a checker, unused? · 2 record that it began. Source: design, section 8.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import Mandate, parse
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY

STAGE = "payment_begun"


def begin_payment(mandate: Mandate, *, action: str, acting: Acting) -> bool:
    """
    Return whether it began now; False when it had begun.

    Raises: AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    with transaction.atomic(using=REGISTRY):
        proposal = UUID(bytes=parse(mandate.canonical).proposal_id)
        if not journal_store.begin_stage(REGISTRY, proposal, STAGE, 0, now=acting.at):
            return False
        mandates.begin_in_registry(mandate, action=action, acting=acting)
        journal_store.record(REGISTRY, action, acting, proposal=proposal)
    return True
