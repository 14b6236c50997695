"""
Begin to break a phone's list, in the registry: two people said so, and their roles count there.

0 begun before? · 1 approved, unused? · 2 nothing to decide · 3 record that it began. The ledger ends
the list next (`break_lease`), then `finish_breaking`. Source: docs/explanation/design.md, section 7.6.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import Mandate, parse
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY

ACTION = "break_lease"
STAGE = "breaking_begun"


def begin_breaking(mandate: Mandate, *, acting: Acting) -> bool:
    """
    Return whether the breaking began now; False when it had begun.

    Raises: AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    with transaction.atomic(using=REGISTRY):
        proposal = UUID(bytes=parse(mandate.canonical).proposal_id)
        if not journal_store.begin_stage(REGISTRY, proposal, STAGE, 0, now=acting.at):
            return False
        mandates.begin_in_registry(mandate, action=ACTION, acting=acting)
        journal_store.record(REGISTRY, ACTION, acting, proposal=proposal)
    return True
