"""Write down the look at what stands on a batch of identity cards, before the keeper opens it."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.access import Access, Purpose
from despensa.domain.sealing import Column
from despensa.records.databases import REGISTRY
from despensa.records.registry.store import record_look
from despensa.records.wallet import paper_queries


def look_at_identity_batch(
    batch: UUID, *, acting: Acting
) -> tuple[Access, list[paper_queries.PaperCard]]:
    """
    Return the look, written down under whoever ordered the cards, and the cards it is at.

    Who took the card back or was erased meanwhile is left out.
    """
    if acting.staff is None:
        raise ValueError("identity cards are ordered by a person")
    cards = paper_queries.cards_of_batch(batch)
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.OWN_RECORD,
        persons=tuple(card.holder.key.person for card in cards),
        fields=(Column.FULL_NAME, Column.BIRTH_DAY),
        case=batch.bytes,
    )
    with transaction.atomic(using=REGISTRY):
        record_look(access, acting=acting)
    return access, cards
