"""
Close a cycle's books in the ledger: no session and no list of it begins any more.

Lists that are out go on until they end; what honest phones report later still counts. Here it is
decided into how many parts the sweep goes. Source: docs/explanation/design.md, section 7.9.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.cycle_life import sweep_chunks
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import sweep_store as store

STAGE = "close_books"


def close_books(cycle: UUID, *, acting: Acting) -> bool:
    """
    Return whether the books were closed now; False when they had been.

    Locks: the cycle's books, so that a list that is being prepared comes before or not at all.
    """
    with transaction.atomic(using=LEDGER):
        if not journal_store.begin_stage(LEDGER, cycle, STAGE, 0, now=acting.at):
            return False
        store.move_books(cycle, from_state=store.OPEN, to_state=store.CLOSED)
        store.set_chunks(cycle, sweep_chunks(store.accounts_of(cycle)))
        rows = journal_rows.updated("cycle_books", [(cycle.bytes, {"state": store.CLOSED})])
        journal_store.record(LEDGER, STAGE, acting, rows)
    return True
