"""Writes of slips: what a phone's list holds of one account, and what stands in a card's place."""

from dataclasses import dataclass, field
from uuid import UUID

from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER
from despensa.records.service_points.store import PREPARED


@dataclass(frozen=True, slots=True)
class HeldLease:
    """What one phone's list still holds of an account. Shape: `goods` ascending by unit."""

    id: UUID
    expires_at: int
    goods: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SlipRow:
    """A slip with the lease it is for and its signed bytes."""

    id: UUID
    lease: UUID
    cycle: UUID
    old_tag: bytes
    tag: bytes
    content: bytes = field(repr=False)


def held_of(account: bytes, *, now: int) -> list[HeldLease]:
    """
    Return the lists that run and still hold something of an account.

    Locks: their rows of it, so that what a slip says is what the list holds.
    """
    rows = fetch(
        LEDGER,
        """SELECT lease.id, lease.expires_at, listed.unit, listed.quantity - listed.claimed
           FROM lease_row listed JOIN lease ON lease.id = listed.lease_id
           WHERE listed.account = %s AND listed.active AND listed.quantity > listed.claimed
             AND lease.state = %s AND lease.expires_at > %s
           ORDER BY lease.id, listed.unit FOR UPDATE OF listed""",
        (account, PREPARED, now),
    )
    leases: dict[tuple[UUID, int], list[tuple[int, int]]] = {}
    for lease, expires_at, unit, quantity in rows:
        leases.setdefault((lease, expires_at), []).append((unit, quantity))
    return [HeldLease(*lease, tuple(goods)) for lease, goods in leases.items()]


def is_tag_of(tag: bytes, account: bytes) -> bool:
    """Return whether a tag is written for an account: only such a tag stands on a list."""
    return bool(fetch(LEDGER, "SELECT FROM tag WHERE tag = %s AND account = %s", (tag, account)))


def slip_for(lease: UUID, old_tag: bytes) -> bytes | None:
    """Return the slip that replaces a card on a list, None without one."""
    rows = fetch(
        LEDGER, "SELECT content FROM slip WHERE lease_id = %s AND old_tag = %s", (lease, old_tag)
    )
    return bytes(rows[0][0]) if rows else None


def add_slip(slip: SlipRow) -> None:
    """Write a slip."""
    execute(
        LEDGER,
        """INSERT INTO slip (id, lease_id, cycle, old_tag, tag, content)
           VALUES (%s, %s, %s, %s, %s, %s)""",
        (slip.id, slip.lease, slip.cycle, slip.old_tag, slip.tag, slip.content),
    )
