"""Reads about phones: for the phones' own door, and for whoever manages them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER


@dataclass(frozen=True, slots=True)
class PhoneView:
    """A phone as its own door sees it; `operators` are [staff id, name]."""

    id: UUID
    public_key: bytes
    area: UUID
    state: int
    expires_at: int
    next_seq: int
    last_hash: bytes
    operators: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """
    A phone in the list of those who manage it.

    `heard_at` is when it last wrote, `unsent` how many events it then said it keeps; None: never.
    """

    id: UUID
    area: UUID
    state: int
    expires_at: int
    events: int
    set_aside: int
    leases: int
    operators: Sequence[Sequence[str]]
    heard_at: int | None
    unsent: int | None


@dataclass(frozen=True, slots=True)
class HeldList:
    """A list that a phone was given, and how far it is with it."""

    lease: UUID
    code: str
    names: Mapping[str, str]
    day: date
    state: int
    expires_at: int
    households: int
    served: int


@dataclass(frozen=True, slots=True)
class ListOut:
    """A list that a phone holds, and where."""

    device: UUID
    code: str
    day: date
    programme: UUID
    area: UUID


@dataclass(frozen=True, slots=True)
class OfferView:
    """A code that was shown: for which area, until when, and which phone it enrolled."""

    area: UUID
    expires_at: int
    device: UUID | None


def phone(device: UUID) -> PhoneView | None:
    """Return a phone, or None when it was never enrolled."""
    rows = fetch(
        LEDGER,
        """SELECT id, public_key, area, state, expires_at, next_seq, last_hash, operators
           FROM device WHERE id = %s""",
        (device,),
    )
    if not rows:
        return None
    row = list(rows[0])
    row[1], row[6] = bytes(row[1]), bytes(row[6])
    return PhoneView(*row)


def phones(areas: Sequence[UUID] | None, *, only: UUID | None = None) -> list[PhoneLine]:
    """Return the phones of these areas (None: all), those in use first; or `only` one of them."""
    rows = fetch(
        LEDGER,
        """SELECT device.id, device.area, device.state, device.expires_at, device.next_seq - 1,
                  (SELECT count(*) FROM fork WHERE fork.device = device.id),
                  (SELECT count(*) FROM lease WHERE lease.device_id = device.id AND state = 1),
                  device.operators, device.heard_at, device.unsent
           FROM device WHERE (%s::uuid[] IS NULL OR device.area = ANY(%s::uuid[]))
             AND (%s::uuid IS NULL OR device.id = %s::uuid)
           ORDER BY device.state, device.expires_at DESC, device.id""",
        (
            None if areas is None else list(areas),
            None if areas is None else list(areas),
            only,
            only,
        ),
    )
    return [PhoneLine(*row) for row in rows]


def lists_of(device: UUID, *, limit: int) -> list[HeldList]:
    """Return the newest lists a phone was given, what it serves now first."""
    rows = fetch(
        LEDGER,
        """SELECT lease.id, point.code, point.names, session.day, lease.state, lease.expires_at,
                  (SELECT count(DISTINCT account) FROM lease_row WHERE lease_id = lease.id),
                  (SELECT count(DISTINCT account) FROM lease_row
                   WHERE lease_id = lease.id AND claimed > 0)
           FROM lease JOIN session ON session.id = lease.session_id
           JOIN service_point point ON point.id = session.point_id
           WHERE lease.device_id = %s
           ORDER BY lease.state <> 1, lease.expires_at DESC, lease.id LIMIT %s""",
        (device, limit),
    )
    return [HeldList(*row) for row in rows]


def list_out(lease: UUID) -> ListOut | None:
    """Return a list that a phone holds, or None where it ended."""
    rows = fetch(
        LEDGER,
        """SELECT lease.device_id, point.code, session.day, session.programme, point.area
           FROM lease JOIN session ON session.id = lease.session_id
           JOIN service_point point ON point.id = session.point_id
           WHERE lease.id = %s AND lease.state = 1""",
        (lease,),
    )
    return ListOut(*rows[0]) if rows else None


def households_on(lease: UUID) -> int:
    """Return how many entitlements a list holds: what other phones held was left out of it."""
    rows = fetch(
        LEDGER, "SELECT count(DISTINCT account) FROM lease_row WHERE lease_id = %s", (lease,)
    )
    return int(rows[0][0])


def offered(code_hash: bytes) -> OfferView | None:
    """Return what became of a code that was shown, or None."""
    rows = fetch(
        LEDGER,
        "SELECT area, expires_at, device_id FROM device_offer WHERE code_hash = %s",
        (code_hash,),
    )
    return OfferView(*rows[0]) if rows else None


def lists_for(device: UUID) -> list[tuple[UUID, bytes]]:
    """Return (lease, sealed list) of every list that is prepared for a phone, oldest first."""
    rows = fetch(
        LEDGER,
        """SELECT id, sealed FROM lease
           WHERE device_id = %s AND state = 1 AND sealed IS NOT NULL ORDER BY expires_at, id""",
        (device,),
    )
    return [(lease, bytes(sealed)) for lease, sealed in rows]


def cycle_of_lease(lease: UUID, *, device: UUID) -> UUID | None:
    """Return the cycle of a phone's own list, or None."""
    rows = fetch(
        LEDGER,
        """SELECT session.cycle FROM lease JOIN session ON session.id = lease.session_id
           WHERE lease.id = %s AND lease.device_id = %s""",
        (lease, device),
    )
    return rows[0][0] if rows else None


def other_tables(lease: UUID) -> list[tuple[int, list[bytes]]]:
    """Return (table, tags of its cards) of every other list of a list's own session."""
    rows = fetch(
        LEDGER,
        """SELECT other.table_number, array_agg(tag.tag)
           FROM lease own
           JOIN lease other ON other.session_id = own.session_id AND other.id <> own.id
           JOIN (SELECT DISTINCT lease_id, account FROM lease_row WHERE active) row
                ON row.lease_id = other.id
           JOIN session ON session.id = own.session_id
           JOIN tag ON tag.account = row.account AND tag.cycle = session.cycle
           WHERE own.id = %s AND other.table_number > 0
           GROUP BY other.table_number ORDER BY other.table_number""",
        (lease,),
    )
    return [(table, [bytes(tag) for tag in tags]) for table, tags in rows]
