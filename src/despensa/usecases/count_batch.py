"""
Count a printed batch: all cards are there, spoilt ones are dead, nothing is printed from it again.

The print files and what the keeper holds of spoilt cards are destroyed after this, by whoever calls.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.card.count import Counted, CountRefused, CountTrouble, require_whole
from despensa.domain.ports.keeper import JournalSealer
from despensa.records.cards import counting, shop_queries, store
from despensa.records.databases import REGISTRY

ACTION = "count_batch"


def count_batch(
    batch: UUID, *, good: int, spoilt: Sequence[str], acting: Acting, sealer: JournalSealer
) -> bool:
    """
    Return whether the batch is counted from now on; one that was counted before stays so.

    Raises: CountRefused, also for one at a print shop; OutOfReach for a batch that is not in this
        person's reach.
    Locks: the batch, then its spoilt cards.
    """
    with transaction.atomic(using=REGISTRY):
        made = counting.locked_count(batch, acting=acting)
        if made is None:
            return False
        if shop_queries.package(batch) is not None:
            raise CountRefused(CountTrouble.AT_SHOP)
        require_whole(Counted(made, store.printed_among(batch, spoilt)), good, spoilt)
        counting.close(batch, spoilt, action=ACTION, acting=acting, sealer=sealer)
    return True
