"""Writes of rows that one phone released to another: each release moves them once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER
from despensa.records.service_points.store import BROKEN, EXPIRED, PREPARED, REVOKED


@dataclass(frozen=True, slots=True)
class Release:
    """A verified release: by which phone, out of which list, to which phone's list, what."""

    digest: bytes
    device: UUID
    origin: UUID
    other: UUID
    taker: UUID
    tags: Sequence[bytes] = field(repr=False)


def certificate_of(device: UUID) -> bytes | None:
    """Return the certificate of a phone that was ever enrolled here."""
    rows = fetch(LEDGER, "SELECT certificate FROM device WHERE id = %s", (device,))
    return bytes(rows[0][0]) if rows else None


def move_rows(release: Release) -> bool:
    """
    Return whether a release moved anything now; it did before, or fits no two lists, otherwise.

    The set-based form of `domain.redemption.merge.moved`.
    Locks: the rows of both lists that it names.
    """
    fitting = fetch(
        LEDGER,
        """INSERT INTO take_over (release, origin_id, taker_id)
           SELECT %s, origin.id, taker.id FROM lease origin
           JOIN lease taker ON taker.session_id = origin.session_id
           WHERE origin.id = %s AND origin.device_id = %s AND taker.id = %s AND taker.device_id = %s
           ON CONFLICT DO NOTHING RETURNING 1""",
        (release.digest, release.origin, release.device, release.taker, release.other),
    )
    if not fitting:
        return False
    given = fetch(
        LEDGER,
        """SELECT listed.account, listed.unit, listed.quantity,
                  CASE WHEN is_freed.is_freed THEN 0
                       ELSE greatest(listed.quantity - listed.claimed, 0) END, is_freed.is_freed
           FROM lease_row listed
           CROSS JOIN (SELECT device.state = %s AND lease.state = ANY(%s) AS is_freed
                       FROM lease JOIN device ON device.id = lease.device_id
                       WHERE lease.id = %s) is_freed
           WHERE listed.lease_id = %s
             AND listed.account IN (SELECT account FROM tag WHERE tag = ANY(%s))
           ORDER BY listed.account, listed.unit FOR UPDATE OF listed""",
        (REVOKED, [EXPIRED, BROKEN], release.origin, release.origin, list(release.tags)),
    )
    accounts, units, quantities, left, freed = ([row[at] for row in given] for at in range(5))
    execute(
        LEDGER,
        """UPDATE lease_row SET claimed = greatest(claimed, quantity), active = false
           FROM unnest(%s::bytea[], %s::int[]) AS gone (account, unit)
           WHERE lease_id = %s AND lease_row.account = gone.account AND lease_row.unit = gone.unit""",
        (accounts, units, release.origin),
    )
    execute(
        LEDGER,
        """INSERT INTO lease_row AS held (lease_id, account, unit, quantity, claimed, active, spent,
                                          origin, is_freed)
           SELECT lease.id, given.account, given.unit, given.quantity,
                  given.quantity - given.rest, given.rest > 0 AND lease.state = %s,
                  given.quantity - given.rest, %s, given.is_freed
           FROM lease, unnest(%s::bytea[], %s::int[], %s::bigint[], %s::bigint[], %s::boolean[])
                       AS given (account, unit, quantity, rest, is_freed)
           WHERE lease.id = %s
           ON CONFLICT (lease_id, account, unit) DO UPDATE SET
               claimed = greatest(held.claimed - excluded.quantity + excluded.claimed, 0),
               spent = greatest(held.claimed - excluded.quantity + excluded.claimed, 0),
               active = excluded.active, origin = excluded.origin, is_freed = excluded.is_freed""",
        (PREPARED, release.origin, accounts, units, quantities, left, freed, release.taker),
    )
    return bool(given)
