"""
Take what a print shop says it printed: held against what was issued, card by card; the batch is counted.

A card that is missing, was printed twice, or differs from what was issued is dead: its household is in
the next order. The print files and what the keeper holds of these cards are destroyed after this, by
whoever calls. Source: docs/explanation/design.md, section 6.
"""

from hashlib import sha256
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.card.shop import (
    Reconciled,
    ReturnRefused,
    ShopRefused,
    ShopTrouble,
    issued_of,
    reconcile,
)
from despensa.domain.ports.keeper import JournalSealer
from despensa.records import journal_rows, journal_store
from despensa.records.cards import counting, queries, shop_queries, shop_store, store
from despensa.records.databases import REGISTRY

ACTION = "take_shop_return"
_OTHER = "Another file of this batch was taken before: a batch is counted once."


def take_shop_return(
    batch: UUID, data: bytes, *, acting: Acting, sealer: JournalSealer
) -> tuple[Reconciled, bool]:
    """
    Return what the file says, and whether the batch is counted from now on.

    The same file again changes nothing. Raises: ShopRefused; ReturnRefused; OutOfReach; CountRefused.
    Locks: the batch, then its cards that nobody gets.
    """
    with transaction.atomic(using=REGISTRY):
        made = counting.locked_count(batch, acting=acting)
        package = shop_queries.package(batch)
        if package is None:
            raise ShopRefused(ShopTrouble.NOT_SENT)
        digest = sha256(data).digest()
        done = reconcile(data, issued_of(queries.numbers_of_batch(batch), package.hashes))
        if made is None:
            if package.return_sha256 != digest:
                raise ReturnRefused(_OTHER)
            return done, False
        # a card may have died meanwhile, with its household
        spoilt = sorted(store.printed_among(batch, done.spoilt))
        columns = shop_store.take_return(batch, done, return_sha256=digest, at=acting.at)
        counting.close(batch, spoilt, action=ACTION, acting=acting, sealer=sealer)
        rows = journal_rows.updated("shop_package", [(batch.bytes, columns)])
        journal_store.record(REGISTRY, ACTION, acting, rows)
    return done, True
