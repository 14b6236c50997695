"""Reads of packages for print shops, for doors: hashes and counts, never the text of a code."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


@dataclass(frozen=True, slots=True)
class ShopPackageView:
    """A batch at a print shop; `return_sha256` and the counts are None until its return was taken."""

    batch: UUID
    shop: str
    recipient: str
    hashes: bytes = field(repr=False)
    return_sha256: bytes | None
    printed: int | None
    missing: int | None
    doubled: int | None
    foreign_lines: int | None

    @property
    def is_out(self) -> bool:
        """Return whether the shop's return is waited for."""
        return self.return_sha256 is None


def package(batch: UUID) -> ShopPackageView | None:
    """Return the package of a batch, None when it was sent to nobody."""
    return packages([batch]).get(batch)


def packages(batches: Sequence[UUID]) -> dict[UUID, ShopPackageView]:
    """Return the packages of those of the batches that were sent to a shop."""
    rows = fetch(
        REGISTRY,
        """SELECT batch_id, shop, recipient, hashes, return_sha256, printed, missing, doubled,
                  foreign_lines
           FROM shop_package WHERE batch_id = ANY(%s)""",
        (list(batches),),
    )
    return {
        batch: ShopPackageView(
            batch, shop, key, bytes(hashes), None if digest is None else bytes(digest), *counts
        )
        for batch, shop, key, hashes, digest, *counts in rows
    }
