"""
Write what was done with goods at a point: a delivery, a loss, a return, an opened parcel, a count.

0 written before? · 1 where the point is, what its parcels hold · 2 can it be, what does it move ·
3 record it with its transfers. Nothing here is asked by a hand-over, and nothing here refuses one.
Source: docs/explanation/design.md, section 8.
"""

from dataclasses import replace
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ledger import stock
from despensa.domain.ledger.stock import StockEntry, StockRefused
from despensa.domain.reach import Reach
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.stock import store


class NoSuchPoint(LookupError):
    """There is no such point in reach; the text says so."""


def record_stock(entry: StockEntry, *, reach: Reach, acting: Acting) -> bool:
    """
    Return whether the entry was written now; sent twice it is written once.

    `reach` is where whoever writes keeps stock: the ledger cannot see roles.
    Raises: NoSuchPoint, also out of reach; StockRefused, also for an id that is another entry's.
    """
    stock.check(entry, today=acting.day)
    point = UUID(bytes=entry.point)
    with transaction.atomic(using=LEDGER):
        store.take_turns()
        area = store.area_of(point)
        if area is None or not reach.holds(area):
            raise NoSuchPoint("There is no such point in reach: nothing was written.")
        known = store.entry(UUID(bytes=entry.id))
        if known is not None:
            if not _same(entry, known.entry):
                raise StockRefused(
                    "This entry was written before with other contents: nothing was changed."
                )
            return False
        written = replace(entry, lines=stock.with_contents(entry, store.contents()))
        store.add_entry(written, reverses=None, staff=acting.staff, now=acting.at)
        moves = stock.moves(written.kind, written.lines)
        ids = acting.new_ids(len(moves))
        store.post(list(zip(ids, moves, strict=True)), point=written.point, cause=written.id)
        journal_store.record(LEDGER, "record_stock", acting, _rows(written))
    return True


def _same(asked: StockEntry, known: StockEntry) -> bool:
    """Return whether two entries say the same; what came out of parcels follows from the rest."""
    named = tuple(line for line in known.lines if not line.is_made)
    ordered = tuple(sorted(asked.lines, key=lambda line: line.item))
    return replace(asked, lines=ordered) == replace(known, lines=named)


def _rows(written: StockEntry) -> list[bytes]:
    columns: dict[int | str, object] = {
        "point_id": written.point,
        "day": written.day.isoformat(),
        "kind": int(written.kind),
        "lot": written.lot,
        "expires_on": None if written.expires_on is None else written.expires_on.isoformat(),
        "donor": written.donor,
        "waybill": written.waybill,
        "reason": None if written.reason is None else int(written.reason),
    }
    return journal_rows.inserted("stock_entry", [(written.id, columns)]) + journal_rows.inserted(
        "stock_line",
        (
            (
                written.id + line.item.to_bytes(4, "big") + bytes((line.is_made,)),
                {"quantity": line.quantity},
            )
            for line in written.lines
        ),
    )
