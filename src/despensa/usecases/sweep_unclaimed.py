"""
Sweep one part of a closed cycle's accounts: what nobody claimed goes back to the cycle's fund.

One command for each (cycle, part), done once; killed anywhere, the part is done again whole. A late
event of an honest phone has it back (`merge_events`). Source: docs/explanation/design.md, 7.9.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.cycle_life import chunk_bounds
from despensa.domain.ports.keeper import CycleKeeper
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import sweep_store as store
from despensa.records.sealed_journal import cycle_entries

STAGE = "sweep"


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
        bodies = journal.encode_table(("key", "unit", "amount"), swept)
        act = journal_store.act(LEDGER, STAGE, acting)
        entries = cycle_entries(act, "swept", cycle.bytes, bodies, acting=acting, keeper=keeper)
        journal_store.append(LEDGER, entries)
    return len(swept)
