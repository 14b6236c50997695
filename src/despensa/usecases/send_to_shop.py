"""
Record that a batch is at a print shop: two people agreed to exactly these cards and to this shop's key.

0 approved, unused? · 1 the batch, locked · 2 is it read back, sent to nobody, and what was agreed to? ·
3 the hashes its return is held against, with a leaf. The package is made before, and the pages are
destroyed after this, by whoever calls. Source: docs/explanation/design.md, section 6.
"""

from hashlib import sha256
from uuid import UUID

from django.db import transaction

from despensa.domain import shop_order
from despensa.domain.act import Acting
from despensa.domain.card import shop
from despensa.domain.card.shop import ShopRefused, ShopTrouble
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.cards import queries, shop_store, store
from despensa.records.databases import REGISTRY


def send_to_shop(mandate: Mandate, *, listed: bytes, package_sha256: bytes, acting: Acting) -> None:
    """
    Write that the batch is out; `listed` is the list of serials and hashes in the package.

    Raises: ShopRefused; AlreadyUsed; ApprovalInvalid. Locks: the batch.
    """
    with transaction.atomic(using=REGISTRY):
        approved = mandates.use_in_registry(mandate, action=shop_order.ACTION, acting=acting)
        order = shop_order.shop_order_of(approved)
        numbers = queries.numbers_of_batch(order.batch)
        if not numbers or store.locked_batch(order.batch)[0] != store.READY:
            raise ShopRefused(ShopTrouble.NO_FILES)
        agreed = (
            sha256(listed).digest(),
            {"cards": len(numbers)},
            queries.cycle_of(order.batch),
        )
        place = approved.scope[2]
        if agreed != (
            order.listed, dict(approved.totals), None if place is None else UUID(bytes=place)
        ):  # fmt: skip
            raise ApprovalInvalid("the proposal names other cards")
        proposal, hashes = UUID(bytes=approved.proposal_id), shop.hashes_of(listed)
        if not shop_store.send(
            order, proposal=proposal, hashes=hashes, package_sha256=package_sha256, at=acting.at
        ):
            raise ShopRefused(ShopTrouble.SENT_BEFORE)
        columns: dict[int | str, object] = {
            "proposal": proposal.bytes,
            "shop": order.shop,
            "recipient": order.recipient,
            "package_sha256": package_sha256,
            "sent_at": acting.at,
        }
        rows = journal_rows.inserted("shop_package", [(order.batch.bytes, columns)])
        journal_store.record(REGISTRY, shop_order.ACTION, acting, rows, proposal=proposal)
        body = {0: order.batch.bytes, 1: len(numbers), 2: package_sha256, 3: order.recipient}
        journal_store.announce(
            REGISTRY, shop_order.ACTION, acting, PublicKind.SENT_TO_SHOP, body, proposal=proposal
        )
