"""
Write the pairs that a run of the matcher found: only new ones, nothing decided.

0 approved, unused? · 1 leave out what was found before · 2 seal why, to the first person of each pair
· 3 record pairs and leaves. Source: docs/explanation/design.md, sections 5 and 7.11.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.duplicate import ACTION, Candidate, Source
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.proposal import Mandate
from despensa.records import mandates
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import adding


def add_found(
    candidates: Sequence[Candidate], mandate: Mandate, *, acting: Acting, vault: PersonVault
) -> int:
    """
    Return how many pairs of an approved run are new; the others were found before.

    Raises: AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    with transaction.atomic(using=REGISTRY):
        proposal = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        return adding.add(
            candidates,
            Source.BATCH,
            acting=acting,
            vault=vault,
            proposal=UUID(bytes=proposal.proposal_id),
        )
