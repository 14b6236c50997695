"""
Give up a batch of identity cards that cannot be printed: its cards end, and their people ask again.

Nothing of it left the keeper on paper. Killed before it, the next round does it.
Source: docs/how-to/print-identity-cards.md.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import PersonVault
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import entry_of, keys_of
from despensa.records.wallet import paper_store, store

ACTION = "give_up_identity_cards"


def give_up_identity_cards(batch: UUID, *, acting: Acting, vault: PersonVault) -> int:
    """Return how many cards ended with a batch that was not printed; 0 for any other batch."""
    with transaction.atomic(using=REGISTRY):
        held = paper_store.locked_batch(batch)
        if held is None or held[0] != paper_store.SIGNED:
            return 0
        ended = store.end_cards_of_batch(batch, reason=paper_store.SPOILT, at=acting.at)
        paper_store.close_count(batch)
        if ended:
            plans = store.end_plans(ended, reason=paper_store.SPOILT, at=acting.at)
            act = journal_store.act(REGISTRY, ACTION, acting)
            keys = keys_of([card.person for card in ended])
            journal_store.append(
                REGISTRY, [entry_of(plans, act=act, acting=acting, vault=vault, keys=keys)]
            )
        rows = journal_rows.updated(
            "identity_batch", [(batch.bytes, {"state": paper_store.COUNTED})]
        )
        journal_store.record(REGISTRY, ACTION, acting, rows)
    return len(ended)
