"""
Reverse an entry of stock that was wrong: another entry moves everything back, nothing is changed.

0 reversed before? · 1 the entry and its point · 2 may it be reversed · 3 record the reversal.
"""

from dataclasses import replace
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ledger import stock
from despensa.domain.ledger.stock import EntryKind, StockEntry
from despensa.domain.reach import Reach
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.stock import store

_STANDS = frozenset({EntryKind.GIVEN, EntryKind.REVERSAL})


class NoSuchEntry(LookupError):
    """There is no such entry in reach that may be reversed; the text says so."""


def reverse_stock(entry_id: UUID, *, reach: Reach, acting: Acting) -> bool:
    """
    Return whether the entry was reversed now; one that was reversed before stays so.

    The reversal is of the same day as what it reverses, so that the day's report comes right.
    Raises: NoSuchEntry.
    """
    with transaction.atomic(using=LEDGER):
        store.take_turns()
        found = store.entry(entry_id)
        if found is None or found.entry.kind in _STANDS or not _holds(reach, found.entry):
            raise NoSuchEntry(
                "There is no such entry in reach that can be reversed: nothing was changed."
            )
        if found.is_reversed:
            return False
        reversal = replace(_bare(found.entry), id=acting.new_id().bytes, kind=EntryKind.REVERSAL)
        store.add_entry(reversal, reverses=entry_id, staff=acting.staff, now=acting.at)
        moves = stock.turned(stock.moves(found.entry.kind, found.entry.lines))
        ids = acting.new_ids(len(moves))
        store.post(list(zip(ids, moves, strict=True)), point=reversal.point, cause=reversal.id)
        columns: dict[int | str, object] = {
            "kind": int(EntryKind.REVERSAL),
            "reverses_id": entry_id.bytes,
        }
        rows = journal_rows.inserted("stock_entry", [(reversal.id, columns)])
        journal_store.record(LEDGER, "reverse_stock", acting, rows)
    return True


def _holds(reach: Reach, entry: StockEntry) -> bool:
    area = store.area_of(UUID(bytes=entry.point))
    return area is not None and reach.holds(area)


def _bare(entry: StockEntry) -> StockEntry:
    """Return an entry without what only its own kind has."""
    return replace(entry, lot="", expires_on=None, donor="", waybill="", reason=None)
