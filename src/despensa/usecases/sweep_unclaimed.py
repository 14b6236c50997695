"""
Sweep one part of a closed cycle's accounts: what nobody claimed goes back to the cycle's fund.

One command for each (cycle, part), done once; killed anywhere, the part is done again whole. A late
event of an honest phone has it back (`merge_events`). Source: docs/explanation/design.md, 7.9.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.cycle_life import chunk_bounds
from despensa.domain.ports.keeper import CycleKeeper
from despensa.domain.transparency import journal, sealed_row
from despensa.domain.transparency.entry import Entry, private_entry
from despensa.records import journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import sweep_store as store
from despensa.records.tables import TABLE_NUMBER

STAGE = "sweep"
_CHUNK_INFO = b"despensa/journal-chunk/1"


def sweep_unclaimed(
    cycle: UUID, chunk: int, chunks: int, *, acting: Acting, keeper: CycleKeeper
) -> int:
    """
    Return how many accounts of one part of a closed cycle were swept now.

    Raises: BooksNotThere when the cycle's books are not closed, or swept already.
    """
    first, end = chunk_bounds(chunk, chunks)
    with transaction.atomic(using=LEDGER):
        if not journal_store.begin_stage(LEDGER, cycle, STAGE, chunk, now=acting.at):
            return 0
        store.move_books(cycle, from_state=store.CLOSED, to_state=store.CLOSED)
        swept = store.sweep(cycle, first=first, end=end, batch_id=acting.new_id())
        journal_store.append(LEDGER, _entries(cycle, swept, acting, keeper))
    return len(swept)


def _entries(
    cycle: UUID, swept: Sequence[tuple[bytes, int, int]], acting: Acting, keeper: CycleKeeper
) -> Iterator[Entry]:
    """Yield one entry per chunk of transfers to the fund, sealed to the cycle's key."""
    act = journal_store.act(LEDGER, STAGE, acting)
    table, owner = TABLE_NUMBER["swept"], cycle.bytes
    for bodies in journal.chunks(journal.encode_table(("key", "unit", "amount"), swept)):
        entry = acting.new_id()
        key, sealed_key = keeper.chunk_key(owner, info=_CHUNK_INFO + owner + entry.bytes)
        sealed = sealed_row.seal_chunk(bodies, chunk_key=key, entry=entry.bytes)
        yield private_entry(
            act,
            entry=entry,
            salt=acting.new_salt(),
            rows=journal.encode_rows(
                journal.Row(table, journal.Op.INSERT, b"", journal.Seal.CYCLE, body)
                for body in sealed
            ),
            chunk_keys=[journal.ChunkKey(journal.Seal.CYCLE, owner, sealed_key)],
        )
