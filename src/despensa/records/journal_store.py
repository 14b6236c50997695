"""
Writes of the tables both databases have; every function takes the database it writes.

Use cases call these inside their one transaction, so that a change and its leaf stand or fall
together. Source: docs/explanation/design.md, section 5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Signatory
from despensa.domain.ports.log_storage import LogDamaged, LogStorage
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, Entry, private_entry, public_entry
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_queries, sealed_journal
from despensa.records.bulk import copy_framed, execute, fetch, framed, run_prepared
from despensa.records.databases import DATABASE_NUMBER
from despensa.records.journal_rows import Keyed

LEAVES_AT_ONCE = 10_000


_ENTRIES_AT_ONCE = 4
_COPIED_ABOVE = 1 << 20
# one statement instead of three: a merge of 500 events writes one entry, and waits once for it
_APPEND = """
WITH item AS MATERIALIZED (
    SELECT * FROM unnest(%(entries)b::uuid[], %(hashes)b::bytea[], %(salts)b::bytea[],
                         %(stored)b::bytea[], %(leaves)b::bytea[])
         WITH ORDINALITY AS i (entry, leaf32, salt, bytes, leaf, place)
), header AS (
    INSERT INTO journal (entry, database, leaf32)
    SELECT entry, %(database)b::smallint, leaf32 FROM item ORDER BY place
), content AS (
    INSERT INTO journal_content (entry, salt, bytes)
    SELECT entry, salt, bytes FROM item ORDER BY place
)
INSERT INTO leaf_queue (entry, leaf) SELECT entry, leaf FROM item ORDER BY place
"""


class AlreadyUsed(RuntimeError):
    """The proposal was carried out before."""


class BegunOtherwise(RuntimeError):
    """The same work was begun, or done, under another proposal."""


@dataclass(frozen=True, slots=True)
class Message:
    """An effect on the other database."""

    message: UUID
    topic: str
    payload: bytes


def act(using: str, action: str, acting: Acting, *, proposal: UUID | None = None) -> Act:
    """Return the act as its journal entries name it."""
    under = None if proposal is None else proposal.bytes
    return Act(DATABASE_NUMBER[using], acting.at, acting.actor, action, under)


def record(
    using: str,
    action: str,
    acting: Acting,
    rows: Sequence[bytes] = (),
    *,
    proposal: UUID | None = None,
) -> None:
    """Journal an act with the rows it changed: one leaf, or one per 10,000 rows, tells nothing."""
    acted = act(using, action, acting, proposal=proposal)
    append(
        using,
        (
            private_entry(acted, entry=acting.new_id(), salt=acting.new_salt(), rows=chunk)
            for chunk in (journal.chunks(rows) if rows else [()])
        ),
    )


def record_closed(
    using: str,
    action: str,
    acting: Acting,
    table: str,
    rows: Iterable[Keyed],
    *,
    proposal: UUID | None = None,
) -> None:
    """
    Journal inserted rows of one table that name people who work here, or may: the keeper opens them.

    Shape: each row as (primary key, {column: value}).
    """
    acted = act(using, action, acting, proposal=proposal)
    bodies = (journal.encode_columns({"key": key, **columns}) for key, columns in rows)
    append(
        using,
        sealed_journal.workspace_entries(
            acted, table, journal.Op.INSERT, bodies, acting=acting, sealer=acting
        ),
    )


def announce(
    using: str,
    action: str,
    acting: Acting,
    kind: PublicKind,
    body: dict[int, Any],
    *,
    proposal: UUID | None = None,
) -> None:
    """Journal an act whose leaf everybody may read; `body` is what it announces."""
    acted = act(using, action, acting, proposal=proposal)
    entry, salt = acting.new_id(), acting.new_salt()
    append(using, [public_entry(acted, entry=entry, salt=salt, kind=kind, body=body)])


def append(using: str, entries: Iterable[Entry]) -> None:
    """
    Write journal headers, contents and queued leaves, in the order of the entries.

    They are written a few at a time: a bulk action's chunks need not lie in memory together.
    """
    rest = iter(entries)
    while group := list(islice(rest, _ENTRIES_AT_ONCE)):
        if sum(len(item.stored) for item in group) > _COPIED_ABOVE:
            _copy(using, group)
            continue
        run_prepared(
            using,
            _APPEND,
            {
                "entries": [item.entry for item in group],
                "hashes": [item.leaf_hash for item in group],
                "salts": [item.salt for item in group],
                "stored": [item.stored for item in group],
                "leaves": [item.leaf for item in group],
                "database": DATABASE_NUMBER[using],
            },
        )


def _copy(using: str, group: Sequence[Entry]) -> None:
    """Write entries of many rows: a parameter of megabytes is taken apart by the server slowly."""
    number = DATABASE_NUMBER[using].to_bytes(2, "big")
    headers = (framed((item.entry.bytes, number, item.leaf_hash)) for item in group)
    contents = (framed((item.entry.bytes, item.salt, item.stored)) for item in group)
    leaves = (framed((item.entry.bytes, item.leaf)) for item in group)
    copy_framed(using, "journal", ("entry", "database", "leaf32"), headers)
    copy_framed(using, "journal_content", ("entry", "salt", "bytes"), contents)
    copy_framed(using, "leaf_queue", ("entry", "leaf"), leaves)


def append_waiting(using: str, *, log: LogStorage, signatory: Signatory) -> list[tuple[UUID, int]]:
    """
    Return (entry, number) of the oldest waiting leaves once a checkpoint of the log covers them.

    Shape: at most 10,000; empty when none waits.
    """
    # asked before the leaves: what another process numbers meanwhile is then found by its hash
    adopt_from = journal_queries.next_number(using)
    leaves = journal_queries.unnumbered_leaves(using, LEAVES_AT_ONCE)
    if not leaves:
        return []
    numbers = log.append(
        [leaf for _, leaf in leaves],
        sign=signatory.sign_log,
        cosign=signatory.cosign_log,
        adopt_from=adopt_from,
    )
    return [(entry, number) for (entry, _), number in zip(leaves, numbers, strict=True)]


def number_leaves(using: str, numbered: Sequence[tuple[UUID, int]]) -> None:
    """
    Record the numbers the log gave; what another process recorded meanwhile stays as it is.

    Raises: LogDamaged when a leaf has another number here than in the log.
    """
    rows = ([entry for entry, _ in numbered], [number for _, number in numbered])
    execute(
        using,
        """INSERT INTO leaf_number (entry, number)
           SELECT * FROM unnest(%s::uuid[], %s::bigint[]) ON CONFLICT DO NOTHING""",
        rows,
    )
    [(recorded,)] = fetch(
        using,
        """SELECT count(*) FROM leaf_number
           JOIN unnest(%s::uuid[], %s::bigint[]) AS given (entry, number) USING (entry, number)""",
        rows,
    )
    if recorded != len(numbered):
        raise LogDamaged(
            "A leaf has another number in the database than in the log. Stop, keep both as they "
            "are, and run: despensa log verify."
        )


def post(using: str, messages: Sequence[Message]) -> None:
    """Put messages for the other database into the outbox, in their order."""
    run_prepared(
        using,
        """INSERT INTO outbox (message, topic, payload)
           SELECT message, topic, payload
           FROM unnest(%s::uuid[], %s::text[], %s::bytea[]) WITH ORDINALITY
                AS m (message, topic, payload, place) ORDER BY place""",
        (
            [item.message for item in messages],
            [item.topic for item in messages],
            [item.payload for item in messages],
        ),
    )


def mark_delivered(using: str, positions: Sequence[int], *, now: int) -> None:
    """Remember that the other database has applied these messages."""
    execute(
        using,
        "UPDATE outbox SET delivered_at = %s WHERE position = ANY(%s)",
        (now, list(positions)),
    )


def is_first(using: str, message: UUID) -> bool:
    """Return whether a message is applied for the first time, and remember it."""
    return (
        execute(
            using,
            "INSERT INTO outbox_seen (message) VALUES (%s) ON CONFLICT DO NOTHING",
            (message,),
        )
        == 1
    )


def use_proposal(using: str, proposal: UUID, digest: bytes, *, now: int) -> None:
    """
    Mark a proposal as carried out in this database.

    Raises: AlreadyUsed when it was.
    """
    try:
        execute(
            using,
            "INSERT INTO proposal_use (proposal, hash, used_at) VALUES (%s, %s, %s)",
            (proposal, digest, now),
        )
    except IntegrityError as error:
        raise AlreadyUsed("This proposal was carried out before.") from error


def require_same_proposal(using: str, proposal: UUID, digest: bytes) -> int:
    """
    Return when work was begun under a proposal; refuse to go on with what another began.

    Raises: BegunOtherwise.
    """
    same = fetch(
        using,
        "SELECT used_at FROM proposal_use WHERE proposal = %s AND hash = %s",
        (proposal, digest),
    )
    if not same:
        raise BegunOtherwise("This was begun under another proposal: nothing was changed.")
    used_at: int = same[0][0]
    return used_at


def begin_stage(using: str, subject: UUID, stage: str, chunk: int, *, now: int) -> bool:
    """Return whether this stage is done for the first time; doing it again changes nothing."""
    return (
        execute(
            using,
            """INSERT INTO stage (subject, stage, chunk, done_at) VALUES (%s, %s, %s, %s)
           ON CONFLICT DO NOTHING""",
            (subject, stage, chunk, now),
        )
        == 1
    )


def stages_done(using: str, subject: UUID, stage: str) -> int:
    """Return how many chunks of a stage are done."""
    [(count,)] = fetch(
        using,
        "SELECT count(*) FROM stage WHERE subject = %s AND stage = %s",
        (subject, stage),
    )
    return int(count)
