"""Writes of packages for print shops, inside the use case's transaction. Only use cases import this."""

from uuid import UUID

from despensa.domain.card.shop import Reconciled
from despensa.domain.shop_order import ShopOrder
from despensa.records.bulk import execute
from despensa.records.databases import REGISTRY


def send(
    order: ShopOrder, *, proposal: UUID, hashes: bytes, package_sha256: bytes, at: int
) -> bool:
    """Write that a batch is at a print shop; return False when it was sent before."""
    return (
        execute(
            REGISTRY,
            """INSERT INTO shop_package
                   (batch_id, proposal, shop, recipient, hashes, package_sha256, sent_at)
               VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (batch_id) DO NOTHING""",
            (order.batch, proposal, order.shop, order.recipient, hashes, package_sha256, at),
        )
        == 1
    )


def take_return(
    batch: UUID, done: Reconciled, *, return_sha256: bytes, at: int
) -> dict[int | str, object]:
    """Write what a shop's return said of a batch; return the columns that changed."""
    columns: dict[int | str, object] = {
        "returned_at": at,
        "return_sha256": return_sha256,
        "printed": len(done.printed),
        "missing": len(done.missing),
        "doubled": len(done.doubled),
        "foreign_lines": done.foreign,
    }
    execute(
        REGISTRY,
        """UPDATE shop_package SET returned_at = %s, return_sha256 = %s, printed = %s, missing = %s,
               doubled = %s, foreign_lines = %s
           WHERE batch_id = %s AND returned_at IS NULL""",
        (*columns.values(), batch),
    )
    return columns
