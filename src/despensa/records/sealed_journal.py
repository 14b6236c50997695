"""
Rows of the journal that no person's key closes; outside them stands nothing.

What is about a household or a card outlives each of its people and is closed under the workspace's
key. What a cycle moved is closed under the cycle's, which fading destroys.
Source: docs/reference/formats.md, section 8.
"""

from collections.abc import Iterable, Iterator

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import CycleKeeper, JournalSealer
from despensa.domain.transparency import journal, sealed_row
from despensa.domain.transparency.entry import Act, Entry, private_entry
from despensa.records.tables import TABLE_NUMBER

_CHUNK_INFO = b"despensa/journal-chunk/1"


def workspace_entries(
    act: Act,
    table: str,
    op: journal.Op,
    bodies: Iterable[bytes],
    *,
    acting: Acting,
    sealer: JournalSealer,
) -> Iterator[Entry]:
    """
    Yield one entry per chunk of rows of one table, each body {"key": primary key, column: value}.

    Shape: nothing for no rows.
    """
    number = TABLE_NUMBER[table]
    for chunk in journal.chunks(bodies):
        entry = acting.new_id()
        key, sealed_key = sealer.journal_key(entry.bytes)
        rows = journal.encode_rows(
            journal.Row(number, op, b"", journal.Seal.WORKSPACE, sealed)
            for sealed in sealed_row.seal_chunk(chunk, chunk_key=key, entry=entry.bytes)
        )
        yield private_entry(
            act,
            entry=entry,
            salt=acting.new_salt(),
            rows=rows,
            chunk_keys=[workspace_key(acting, sealed_key)],
        )


def workspace_key(acting: Acting, sealed_key: bytes) -> journal.ChunkKey:
    """Return a chunk's key as an entry keeps it."""
    return journal.ChunkKey(journal.Seal.WORKSPACE, acting.workspace.bytes, sealed_key)


def cycle_entries(
    act: Act,
    table: str,
    cycle: bytes,
    bodies: Iterable[bytes],
    *,
    acting: Acting,
    keeper: CycleKeeper,
) -> Iterator[Entry]:
    """
    Yield one entry per chunk of inserted rows of one table, closed under the cycle's key.

    Shape: nothing for no rows.
    """
    number, seal = TABLE_NUMBER[table], journal.Seal.CYCLE
    for chunk in journal.chunks(bodies):
        entry = acting.new_id()
        key, sealed_key = keeper.chunk_key(cycle, info=_CHUNK_INFO + cycle + entry.bytes)
        yield private_entry(
            act,
            entry=entry,
            salt=acting.new_salt(),
            rows=[
                journal.encode_inserted(number, b"", seal, body)
                for body in sealed_row.seal_chunk(chunk, chunk_key=key, entry=entry.bytes)
            ],
            chunk_keys=[journal.ChunkKey(seal, cycle, sealed_key)],
        )
