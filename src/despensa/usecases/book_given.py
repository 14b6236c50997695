"""
Book what was handed over as given from the stock of its point, a sum per point, day and unit.

0 booked up to where · 1 what was handed over since · 2 nothing to decide · 3 record entries and
transfers. A late event is booked to its own day the next time; stock that was never written down
goes below zero and says so, and no hand-over is asked.
"""

from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ledger import stock
from despensa.domain.ledger.stock import EntryKind, StockEntry, StockLine
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.stock import store

HOUR = 3600
STAGE = "stock_given"


def book_given(*, acting: Acting) -> int:
    """Return how many entries were written: at most one a point and day, once an hour."""
    with transaction.atomic(using=LEDGER):
        store.take_turns()
        if not journal_store.begin_stage(
            LEDGER, acting.workspace, STAGE, acting.at // HOUR, now=acting.at
        ):
            return 0
        days: dict[tuple[UUID, date], list[StockLine]] = {}
        for point, day, unit, quantity in store.not_booked():
            days.setdefault((point, day), []).append(StockLine(unit, quantity))
        rows: list[bytes] = []
        for (point, day), lines in days.items():
            entry = StockEntry(
                acting.new_id().bytes, point.bytes, day, EntryKind.GIVEN, tuple(lines)
            )
            store.add_entry(entry, reverses=None, staff=None, now=acting.at)
            moves = stock.moves(entry.kind, entry.lines)
            ids = acting.new_ids(len(moves))
            store.post(list(zip(ids, moves, strict=True)), point=entry.point, cause=entry.id)
            rows += _rows(entry)
        if rows:
            journal_store.record(LEDGER, "book_given", acting, rows)
    return len(days)


def _rows(entry: StockEntry) -> list[bytes]:
    columns: dict[int | str, object] = {
        "point_id": entry.point,
        "day": entry.day.isoformat(),
        "kind": int(entry.kind),
        "goods": [[line.item, line.quantity] for line in entry.lines],
    }
    return journal_rows.inserted("stock_entry", [(entry.id, columns)])
