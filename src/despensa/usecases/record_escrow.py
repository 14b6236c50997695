"""
Announce that a copy of the keys was made for custodians: approved by two people, in the log.

0 approved, unused? · 1 the keeper has made the copy · 2 nothing to decide · 3 record the leaf.
Source: docs/decisions/0031-locked-keys.md.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.key_office import ESCROW
from despensa.domain.proposal import Mandate
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY


def record_escrow(digest: bytes, *, mandate: Mandate, acting: Acting) -> None:
    """
    Write the leaf of a copy: its hash, and the public keys that open it; names are nobody's.

    Raises: AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    with transaction.atomic(using=REGISTRY):
        approved = mandates.use_in_registry(mandate, action=ESCROW, acting=acting)
        body = {0: digest, 1: [public for _, public in approved.parameters]}
        journal_store.announce(
            REGISTRY,
            ESCROW,
            acting,
            PublicKind.KEY_COPY,
            body,
            proposal=UUID(bytes=approved.proposal_id),
        )
