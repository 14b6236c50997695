"""Writes of points, sessions, devices and leases. Only use cases import this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import IntegrityError
from psycopg.types.json import Jsonb

from despensa.records.bulk import broken_rule, copy_rows, execute, fetch
from despensa.records.databases import LEDGER

ACTIVE, SUSPENDED, REVOKED = 1, 2, 3
PREPARED, RETURNED, EXPIRED, BROKEN = 1, 2, 3, 4


class PointKnown(RuntimeError):
    """Another service point has this code."""


class SessionHoursWrong(RuntimeError):
    """A session closes before it opens."""


class DeviceKnown(RuntimeError):
    """The phone, or its key, is enrolled already."""


class CycleClosed(RuntimeError):
    """The cycle is closed: it gives no session and no list any more."""


class LeaseHeld(RuntimeError):
    """The phone holds a lease for this session, or another phone one of its entitlements."""


@dataclass(frozen=True, slots=True)
class PointRow:
    """A service point."""

    id: UUID
    code: str
    names: Mapping[str, str]
    area: UUID


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A point's published hours for one cycle; instants in seconds UTC."""

    id: UUID
    point: UUID
    programme: UUID
    cycle: UUID
    day: date
    opens_at: int
    closes_at: int


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A phone with its public keys, certificate and place in its journal."""

    id: UUID
    public_key: bytes
    sealing_key: bytes
    certificate: bytes
    area: UUID
    state: int
    expires_at: int
    next_seq: int
    last_hash: bytes
    operators: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class LeaseHead:
    """A lease without its rows."""

    id: UUID
    device: UUID
    session: UUID
    expires_at: int
    digest: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    table: int = 0


def add_points(points: Sequence[PointRow]) -> None:
    """
    Write service points.

    Raises: PointKnown.
    """
    try:
        copy_rows(
            LEDGER,
            "service_point",
            ("id", "code", "names", "area"),
            ((p.id, p.code, Jsonb(dict(p.names)), p.area) for p in points),
        )
    except IntegrityError as error:
        codes = ", ".join(point.code for point in points)
        raise PointKnown(
            f"One of the service points {codes} is there already. Publish it under another code, "
            "or only its sessions; nothing was changed."
        ) from error


def areas_of(points: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the area of each point that is known."""
    rows = fetch(LEDGER, "SELECT id, area FROM service_point WHERE id = ANY(%s)", (list(points),))
    return dict(rows)


def add_sessions(sessions: Sequence[SessionRow]) -> None:
    """
    Write published sessions.

    Raises: SessionHoursWrong; CycleClosed.
    """
    for session in sessions:
        if session.closes_at <= session.opens_at:
            raise SessionHoursWrong(
                f"The session of {session.day.isoformat()} closes before it opens. Mend its hours; "
                "nothing was published."
            )
    try:
        copy_rows(
            LEDGER,
            "session",
            ("id", "point_id", "programme", "cycle", "day", "opens_at", "closes_at"),
            (
                (s.id, s.point, s.programme, s.cycle, s.day, s.opens_at, s.closes_at)
                for s in sessions
            ),
        )
    except IntegrityError as error:
        _refuse_closed(error)
        raise


def _refuse_closed(error: IntegrityError) -> None:
    if broken_rule(error) == "only_an_open_cycle":
        raise CycleClosed(
            "This cycle is closed: no session and no list of it begins any more. What is left of "
            "it is handed over in a later cycle; nothing was changed."
        ) from error


def add_device(device: DeviceRow) -> None:
    """
    Write an enrolled phone.

    Raises: DeviceKnown.
    """
    try:
        execute(
            LEDGER,
            """INSERT INTO device (id, public_key, sealing_key, certificate, area, state,
                                   expires_at, next_seq, last_hash, operators)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                device.id,
                device.public_key,
                device.sealing_key,
                device.certificate,
                device.area,
                device.state,
                device.expires_at,
                device.next_seq,
                device.last_hash,
                Jsonb([list(operator) for operator in device.operators]),
            ),
        )
    except IntegrityError as error:
        raise DeviceKnown(
            "This phone is enrolled here already, or another has its key. Go on with the "
            "certificate it has, or make new keys on the phone; nothing was changed."
        ) from error


def lock_device(device: UUID) -> DeviceRow | None:
    """
    Return a phone, or None when it was never enrolled.

    Locks: its row, so that two batches of one phone are taken one after the other.
    """
    rows = fetch(
        LEDGER,
        """SELECT id, public_key, sealing_key, certificate, area, state, expires_at, next_seq,
                  last_hash, operators FROM device WHERE id = %s FOR UPDATE""",
        (device,),
    )
    if not rows:
        return None
    row = list(rows[0])
    for at in (1, 2, 3, 8):
        row[at] = bytes(row[at])
    return DeviceRow(*row)


def advance_device(device: UUID, *, next_seq: int, last_hash: bytes, now: int) -> None:
    """Remember how far a phone's journal was taken in, and when."""
    execute(
        LEDGER,
        "UPDATE device SET next_seq = %s, last_hash = %s, heard_at = %s WHERE id = %s",
        (next_seq, last_hash, now, device),
    )


def note_heard(device: UUID, *, unsent: int | None, now: int, at_most_every: int) -> None:
    """Remember when a phone was heard, and how many events it keeps unsent if it says so."""
    execute(
        LEDGER,
        """UPDATE device SET heard_at = %s, unsent = coalesce(%s, unsent)
           WHERE id = %s AND (heard_at IS NULL OR heard_at <= %s
                              OR unsent IS DISTINCT FROM coalesce(%s, unsent))""",
        (now, unsent, device, now - at_most_every, unsent),
    )


def suspend_device(device: UUID) -> None:
    """Set a phone's later claims aside; one that was revoked stays so."""
    execute(
        LEDGER,
        "UPDATE device SET state = %s WHERE id = %s AND state = %s",
        (SUSPENDED, device, ACTIVE),
    )


def revoke_device(device: UUID) -> bool:
    """Return whether a phone was revoked now: its later claims are set aside."""
    changed = execute(
        LEDGER,
        "UPDATE device SET state = %s WHERE id = %s AND state <> %s",
        (REVOKED, device, REVOKED),
    )
    return changed > 0


def lock_free(accounts: Sequence[bytes]) -> dict[tuple[bytes, int], int]:
    """
    Return what may still be leased of each (account, unit): its balance less what lists hold.

    A list that expired or was broken holds its rest until its phone gives it back, or the phone
    is revoked and has nothing in the inbox: an honest delivery of it may still come in. Source: docs/explanation/design.md, 7.6.
    Locks: the accounts, in one order.
    """
    wanted = list(accounts)
    balances = fetch(LEDGER, "SELECT id, unit, balance FROM lock_accounts(%s)", (wanted,))
    held = fetch(
        LEDGER,
        """SELECT account, unit, sum(greatest(quantity - claimed, 0))::bigint
           FROM lease_row JOIN lease ON lease.id = lease_row.lease_id
           JOIN device ON device.id = lease.device_id
           WHERE account = ANY(%s)
             AND (active OR (lease.state = ANY(%s) AND (
                      device.state <> %s
                      OR EXISTS (SELECT FROM inbox_event WHERE inbox_event.lease = lease.id))))
           GROUP BY account, unit""",
        (wanted, [EXPIRED, BROKEN], REVOKED),
    )
    leased = {(bytes(account), unit): quantity for account, unit, quantity in held}
    return {
        (bytes(account), unit): balance - leased.get((bytes(account), unit), 0)
        for account, unit, balance in balances
    }


def add_lease(lease: LeaseHead, rows: Sequence[tuple[bytes, int, int]]) -> None:
    """
    Write a prepared lease with its (account, unit, quantity) rows.

    Raises: LeaseHeld; CycleClosed.
    """
    try:
        _add_lease(lease, rows)
    except IntegrityError as error:
        _refuse_closed(error)
        broken = broken_rule(error)
        if broken == "lease_one_a_device_and_session":
            raise LeaseHeld(
                "This phone holds a list for this session already. Go on with it, or give it back "
                "from the phone, and then prepare again; nothing was changed."
            ) from error
        if broken != "lease_row_one_phone_an_account":
            raise
        raise LeaseHeld(
            "Another phone holds some of these entitlements. Give its list back from that phone, "
            "or leave those households out; nothing was changed."
        ) from error


def _add_lease(lease: LeaseHead, rows: Sequence[tuple[bytes, int, int]]) -> None:
    execute(
        LEDGER,
        """INSERT INTO lease (id, device_id, session_id, expires_at, state, digest, sealed,
                              table_number)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            lease.id,
            lease.device,
            lease.session,
            lease.expires_at,
            PREPARED,
            lease.digest,
            lease.sealed,
            lease.table,
        ),
    )
    copy_rows(
        LEDGER,
        "lease_row",
        ("lease_id", "account", "unit", "quantity", "claimed", "active"),
        ((lease.id, account, unit, quantity, 0, True) for account, unit, quantity in rows),
    )


def end_leases(leases: Sequence[UUID], *, state: int) -> int:
    """
    End prepared leases in `state`, whose rows nobody may serve from then on; return how many.

    One that had expired or was broken may still come back: then nothing of it is open any more.
    """
    before = [PREPARED, EXPIRED, BROKEN] if state == RETURNED else [PREPARED]
    ended = fetch(
        LEDGER,
        """UPDATE lease SET state = %s, sealed = NULL
           WHERE id = ANY(%s) AND state = ANY(%s) RETURNING id""",
        (state, list(leases), before),
    )
    execute(
        LEDGER,
        "UPDATE lease_row SET active = false WHERE lease_id = ANY(%s) AND active",
        ([lease for (lease,) in ended],),
    )
    return len(ended)


def expired_leases(before: int) -> list[UUID]:
    """Return prepared leases that expired before an instant."""
    rows = fetch(
        LEDGER,
        "SELECT id FROM lease WHERE state = %s AND expires_at < %s ORDER BY id",
        (PREPARED, before),
    )
    return [lease for (lease,) in rows]
