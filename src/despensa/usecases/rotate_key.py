"""
Announce that a signing key took another's place: approved by two people, for everybody to read.

0 announced before? · 1 begun, and the keeper has exchanged the key · 2 nothing to decide · 3 record
the leaf. Source: docs/explanation/design.md, section 5.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.key_office import ROTATE, KeyChange
from despensa.domain.proposal import ApprovalInvalid, Mandate, parse
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY

STAGE = "rotation_told"


def rotate_key(change: KeyChange, *, mandate: Mandate, acting: Acting) -> None:
    """
    Write the leaf of an exchange that the keeper made under this proposal.

    Again is nothing. Raises: ApprovalInvalid and the errors of `check_mandate`.
    """
    with transaction.atomic(using=REGISTRY):
        subject = UUID(bytes=parse(mandate.canonical).proposal_id)
        if not journal_store.begin_stage(REGISTRY, subject, STAGE, 0, now=acting.at):
            return
        approved = mandates.finish_in_registry(mandate, action=ROTATE, acting=acting)
        if approved.parameters != (change.name, int(change.is_stolen)):
            raise ApprovalInvalid("the proposal names another key")
        body = {0: change.name, 1: change.old, 2: change.new, 3: int(change.is_stolen)}
        journal_store.announce(
            REGISTRY,
            ROTATE,
            acting,
            PublicKind.KEY,
            body,
            proposal=UUID(bytes=approved.proposal_id),
        )
