"""
Reads of what became of a phone's events, and of the chunks that prove it.

A row of a redemption does not tell which phone wrote it; what is told here are place and hash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from despensa.domain.transparency import journal
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER
from despensa.records.redemption.merge_sql import LANES

CHUNKS_MAX = 64
_SWEPT = 3


@dataclass(frozen=True, slots=True)
class EventPlace:
    """One event we hold: its hash, its place in the inbox, and how far it has come."""

    seq: int
    hash: bytes
    position: int
    waits: bool
    is_settled: bool


@dataclass(frozen=True, slots=True)
class MergedChunk:
    """A merge whose leaf is in the log: when, leaf, its number, salt and hashes of its rows."""

    at: int
    leaf: bytes
    number: int
    salt: bytes
    rows: tuple[bytes, ...]


def places(device: UUID, first: int, last: int) -> list[EventPlace]:
    """Return the events of a phone that were taken in, from `first` to `last`, by number."""
    rows = fetch(
        LEDGER,
        """SELECT held.seq, held.hash, held.position,
                  EXISTS (SELECT FROM inbox_event WHERE inbox_event.position = held.position),
                  coalesce(books.state >= %s, false)
           FROM device_event held LEFT JOIN session ON session.id = held.session
           LEFT JOIN cycle_books books ON books.cycle = session.cycle
           WHERE held.device = %s AND held.seq BETWEEN %s AND %s ORDER BY held.seq""",
        (_SWEPT, device, first, last),
    )
    return [
        EventPlace(seq, bytes(digest), position, waits, is_settled)
        for seq, digest, position, waits, is_settled in rows
    ]


def set_aside(device: UUID, first: int, last: int) -> dict[int, set[bytes]]:
    """Return the hashes of a phone's events that were set aside, by number."""
    rows = fetch(
        LEDGER,
        "SELECT DISTINCT seq, hash FROM fork WHERE device = %s AND seq BETWEEN %s AND %s",
        (device, first, last),
    )
    found: dict[int, set[bytes]] = {}
    for seq, digest in rows:
        found.setdefault(seq, set()).add(bytes(digest))
    return found


def chunks_of(device: UUID, positions: Sequence[int]) -> list[MergedChunk]:
    """
    Return the merges that may have taken these places of the inbox and are in the log.

    Shape: the oldest first, at most 64; a merge that took none of them may be among them.
    """
    rows = fetch(
        LEDGER,
        """SELECT queued.leaf, numbered.number, content.salt, content.bytes
           FROM (SELECT entry, min(batch.last) AS last FROM evidence_batch batch
                 JOIN unnest(%s::bigint[]) AS wanted (position)
                      ON wanted.position BETWEEN batch.first AND batch.last
                 WHERE batch.lane = %s AND entry IS NOT NULL GROUP BY entry) AS merged
           JOIN journal_content content USING (entry)
           JOIN leaf_queue queued USING (entry)
           JOIN leaf_number numbered USING (entry)
           ORDER BY merged.last LIMIT %s""",
        (list(positions), device.bytes[15] % LANES, CHUNKS_MAX),
    )
    found = []
    for leaf, number, salt, data in rows:
        stored = journal.parse_stored(bytes(data))
        at = journal.parse_content(stored.content).at
        found.append(MergedChunk(at, bytes(leaf), number, bytes(salt), stored.rows))
    return found
