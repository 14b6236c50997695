"""Reads of the journal, the leaf queue and the outbox, of one database at a time."""

from dataclasses import dataclass
from uuid import UUID

from despensa.records.bulk import fetch


@dataclass(frozen=True, slots=True)
class PendingMessage:
    """A message that was not delivered yet, with its place in the outbox."""

    position: int
    message: UUID
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class NumberedContent:
    """Journal content with the number its leaf has in the log, None while it waits."""

    entry: UUID
    number: int | None
    leaf: bytes
    salt: bytes
    stored: bytes


@dataclass(frozen=True, slots=True)
class KeptContent:
    """Journal content in the order of its writing, with the leaf that commits to it."""

    seq: int
    entry: UUID
    leaf: bytes
    salt: bytes
    stored: bytes


def contents(using: str, *, after: int, limit: int) -> list[KeptContent]:
    """Return journal contents written after a place (0: from the first), oldest first."""
    rows = fetch(
        using,
        """SELECT journal.seq, journal.entry, queued.leaf, content.salt, content.bytes
           FROM journal JOIN journal_content content USING (entry)
           JOIN leaf_queue queued USING (entry)
           WHERE journal.seq > %s ORDER BY journal.seq LIMIT %s""",
        (after, limit),
    )
    return [
        KeptContent(seq, entry, bytes(leaf), bytes(salt), bytes(stored))
        for seq, entry, leaf, salt, stored in rows
    ]


def undelivered(using: str, limit: int) -> list[PendingMessage]:
    """
    Return messages that were not delivered, oldest first.

    Holds: the changes that caused them are on disk.
    """
    rows = fetch(
        using,
        """SELECT position, message, topic, payload FROM outbox
           WHERE delivered_at IS NULL ORDER BY position LIMIT %s""",
        (limit,),
    )
    if rows:
        _wait_for_the_disk(using)
    return [PendingMessage(at, message, topic, bytes(data)) for at, message, topic, data in rows]


def unnumbered_leaves(using: str, limit: int) -> list[tuple[UUID, bytes]]:
    """
    Return queued leaves without a number, oldest first.

    Holds: the changes they commit to are on disk.
    """
    rows = fetch(
        using,
        """SELECT queued.entry, queued.leaf FROM leaf_queue queued
           WHERE NOT EXISTS (SELECT 1 FROM leaf_number n WHERE n.entry = queued.entry)
           ORDER BY queued.position LIMIT %s""",
        (limit,),
    )
    if rows:
        _wait_for_the_disk(using)
    return [(entry, bytes(leaf)) for entry, leaf in rows]


def leaves_waiting(using: str) -> int:
    """Return how many queued leaves have no number yet."""
    [(count,)] = fetch(
        using,
        """SELECT count(*) FROM leaf_queue queued
           WHERE NOT EXISTS (SELECT 1 FROM leaf_number n WHERE n.entry = queued.entry)""",
    )
    return int(count)


def next_number(using: str) -> int:
    """Return one more than the highest leaf number recorded in this database."""
    [(number,)] = fetch(using, "SELECT coalesce(max(number), -1) + 1 FROM leaf_number")
    return int(number)


def is_done(using: str, subject: UUID, stage: str) -> bool:
    """Return whether the first chunk of a stage is done."""
    return bool(
        fetch(
            using,
            "SELECT 1 FROM stage WHERE subject = %s AND stage = %s AND chunk = 0",
            (subject, stage),
        )
    )


def holding(using: str, piece: bytes) -> list[NumberedContent]:
    """Return the journal contents that hold these bytes (an event hash), oldest first."""
    rows = fetch(
        using,
        """SELECT content.entry, numbered.number, queued.leaf, content.salt, content.bytes
           FROM journal_content content JOIN leaf_queue queued USING (entry)
           LEFT JOIN leaf_number numbered USING (entry)
           WHERE position(%s::bytea IN content.bytes) > 0 ORDER BY queued.position""",
        (piece,),
    )
    return [
        NumberedContent(entry, number, bytes(leaf), bytes(salt), bytes(stored))
        for entry, number, leaf, salt, stored in rows
    ]


def _wait_for_the_disk(using: str) -> None:
    """
    Wait until everything that was visible before is on disk.

    Merging commits without waiting (docs/decisions/0014). What leaves the database, a leaf for
    the log or a message for the other database, must not be lost here by a power cut afterwards.
    A commit that waits for the disk waits for all that were written before it; a message in the
    write-ahead log that nobody reads gives it something to commit.
    """
    fetch(
        using,
        """SELECT set_config('synchronous_commit', 'on', false),
                  pg_logical_emit_message(true, 'despensa', '')""",
    )
