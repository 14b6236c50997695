"""
End the sweep of a cycle: every part is swept, and nothing is carried between households any more.

Source: docs/explanation/design.md, section 7.9.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import sweep_store as store

STAGE = "end_sweep"


class PartsLeft(RuntimeError):
    """A part of the accounts is not swept yet."""


def end_sweep(cycle: UUID, chunks: int, *, acting: Acting) -> bool:
    """
    Return whether the sweep ended now; False when it had.

    Raises: PartsLeft; BooksNotThere when the books are not closed.
    """
    with transaction.atomic(using=LEDGER):
        if not journal_store.begin_stage(LEDGER, cycle, STAGE, 0, now=acting.at):
            return False
        done = journal_store.stages_done(LEDGER, cycle, "sweep")
        if done < chunks:
            raise PartsLeft(f"{chunks - done} of {chunks} parts of a cycle are not swept yet.")
        store.move_books(cycle, from_state=store.CLOSED, to_state=store.SWEPT)
        store.settle_carries(cycle)
        rows = journal_rows.updated("cycle_books", [(cycle.bytes, {"state": store.SWEPT})])
        journal_store.record(LEDGER, STAGE, acting, rows)
    return True
