"""Writes of tags, inbox, redemptions and refusals. Only use cases import this."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from despensa.domain.event import NO_SESSION, VerifiedEvent
from despensa.domain.ports.keeper import TagRow
from despensa.records.bulk import copy_framed, copy_rows, execute, fetch
from despensa.records.databases import LEDGER

TAG_COLUMNS = ("tag", "cycle", "account", "step", "status")


def add_tags(frames: Iterable[bytes]) -> None:
    """Write framed tags of a cycle, in the order given."""
    copy_framed(LEDGER, "tag", TAG_COLUMNS, frames)


def add_missing_tags(rows: Sequence[TagRow], *, cycle: UUID) -> None:
    """Write the tags that are not there yet: of cards that got usable after the opening."""
    execute(
        LEDGER,
        """INSERT INTO tag (tag, cycle, account, step, status)
           SELECT tag, %s, account, step, status
           FROM unnest(%s::bytea[], %s::bytea[], %s::int[], %s::smallint[])
                AS given (tag, account, step, status) ORDER BY tag ON CONFLICT DO NOTHING""",
        (
            cycle,
            [row.tag for row in rows],
            [row.account for row in rows],
            [row.step for row in rows],
            [row.status for row in rows],
        ),
    )


def known_answer(digest: bytes) -> bytes | None:
    """Return the answer a batch got before, or None."""
    rows = fetch(LEDGER, "SELECT answer FROM inbox_batch WHERE digest = %s", (digest,))
    return bytes(rows[0][0]) if rows else None


def hashes_at(device: UUID, first: int, last: int) -> dict[int, bytes]:
    """Return the stored event hash of each sequence number from `first` to `last`."""
    rows = fetch(
        LEDGER,
        "SELECT seq, hash FROM device_event WHERE device = %s AND seq BETWEEN %s AND %s",
        (device, first, last),
    )
    return {seq: bytes(value) for seq, value in rows}


def add_to_inbox(
    device: UUID, events: Sequence[VerifiedEvent], *, last: int, digest: bytes, answer: bytes
) -> None:
    """
    Write verified events, their places in the device journal, and the answer to their batch.

    `last` is the sequence number of the batch's last event.
    """
    positions = _positions(len(events))
    copy_rows(
        LEDGER,
        "device_event",
        ("device", "seq", "hash", "session", "position"),
        (
            (device, item.event.seq, item.event_hash, _session(item), position)
            for item, position in zip(events, positions, strict=True)
        ),
    )
    copy_rows(
        LEDGER,
        "inbox_event",
        (
            "position", "device", "seq", "hash", "event", "kind", "session", "lease", "tag", "units",
            "quantities", "reason", "commitment", "supervised", "card_number", "data",
        ),
        (
            (position, *_inbox_row(device, item))
            for item, position in zip(events, positions, strict=True)
        ),
    )  # fmt: skip
    execute(
        LEDGER,
        "INSERT INTO inbox_batch (digest, device, seq, answer) VALUES (%s, %s, %s, %s)",
        (digest, device, last, answer),
    )


def _positions(count: int) -> list[int]:
    rows = fetch(
        LEDGER,
        """SELECT nextval(pg_get_serial_sequence('inbox_event', 'position'))
           FROM generate_series(1, %s)""",
        (count,),
    )
    return [position for (position,) in rows]


def _inbox_row(device: UUID, item: VerifiedEvent) -> tuple[object, ...]:
    event = item.event
    goods = event.goods or ()
    return (
        device,
        event.seq,
        item.event_hash,
        UUID(bytes=event.event_id),
        int(event.kind),
        _session(item),
        None if event.lease_id is None else UUID(bytes=event.lease_id),
        event.tag,
        [unit for unit, _ in goods],
        [quantity for _, quantity in goods],
        None if event.reason is None else int(event.reason),
        event.commitment,
        event.is_supervised,
        event.card_number,
        item.data,
    )


def _session(item: VerifiedEvent) -> UUID | None:
    session = item.event.session_id
    return None if session == NO_SESSION else UUID(bytes=session)


def branches_at(device: UUID, seq: int) -> set[bytes]:
    """Return the hashes of every version of one event that we hold, set aside or not."""
    rows = fetch(
        LEDGER,
        """SELECT hash FROM device_event WHERE device = %s AND seq = %s
           UNION SELECT hash FROM fork WHERE device = %s AND seq = %s""",
        (device, seq, device, seq),
    )
    return {bytes(value) for (value,) in rows}


def add_forks(device: UUID, forks: Sequence[tuple[UUID, VerifiedEvent]]) -> None:
    """Set events of a phone aside, each version once: (id of the row, event)."""
    held = fetch(
        LEDGER,
        "SELECT hash FROM fork WHERE device = %s AND seq = ANY(%s)",
        (device, [item.event.seq for _, item in forks]),
    )
    known = {bytes(digest) for (digest,) in held}
    copy_rows(
        LEDGER,
        "fork",
        ("id", "device", "seq", "hash", "event", "session"),
        (
            (row, device, item.event.seq, item.event_hash, item.data, _session(item))
            for row, item in forks
            if item.event_hash not in known
        ),
    )
