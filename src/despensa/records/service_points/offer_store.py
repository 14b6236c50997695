"""Writes of one-time codes that enrol phones. Only use cases import this."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A code that was shown: for which area and whom, until when, and which phone used it."""

    code_hash: bytes
    area: UUID
    operators: Sequence[tuple[str, str]]
    offered_by: UUID
    expires_at: int
    device: UUID | None = None


def add_offer(offer: OfferRow) -> None:
    """Write a code that is about to be shown."""
    execute(
        LEDGER,
        """INSERT INTO device_offer (code_hash, area, operators, offered_by, expires_at)
           VALUES (%s, %s, %s, %s, %s)""",
        (
            offer.code_hash,
            offer.area,
            Jsonb([list(operator) for operator in offer.operators]),
            offer.offered_by,
            offer.expires_at,
        ),
    )


def lock_offer(code_hash: bytes) -> OfferRow | None:
    """
    Return a code that was shown, or None.

    Locks: its row, so that of two phones that read one code only the first is enrolled.
    """
    rows = fetch(
        LEDGER,
        """SELECT code_hash, area, operators, offered_by, expires_at, device_id
           FROM device_offer WHERE code_hash = %s FOR UPDATE""",
        (code_hash,),
    )
    if not rows:
        return None
    digest, area, operators, by, expires_at, device = rows[0]
    named = [(staff, name) for staff, name in operators]
    return OfferRow(bytes(digest), area, named, by, expires_at, device)


def use_offer(code_hash: bytes, device: UUID) -> None:
    """Remember which phone a code enrolled."""
    execute(
        LEDGER,
        "UPDATE device_offer SET device_id = %s WHERE code_hash = %s AND device_id IS NULL",
        (device, code_hash),
    )
