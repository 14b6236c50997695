"""
Begin to exchange a signing key, so that it may be finished however long it was interrupted.

0 begun before? · 1 approved, unused? · 2 nothing to decide · 3 record that it began. The keeper
exchanges the key next, and `rotate_key` announces it. Source: docs/explanation/design.md, section 5.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.key_office import ROTATE
from despensa.domain.proposal import Mandate, parse
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY

STAGE = "rotation_begun"


def begin_rotation(mandate: Mandate, *, acting: Acting) -> bool:
    """
    Return whether the exchange began now; False when it had begun.

    Raises: AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    with transaction.atomic(using=REGISTRY):
        proposal = UUID(bytes=parse(mandate.canonical).proposal_id)
        if not journal_store.begin_stage(REGISTRY, proposal, STAGE, 0, now=acting.at):
            return False
        mandates.begin_in_registry(mandate, action=ROTATE, acting=acting)
        journal_store.record(REGISTRY, ROTATE, acting, proposal=proposal)
    return True
