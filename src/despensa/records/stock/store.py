"""Writes of stock; accounts and transfers are the ledger's. Only use cases import this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.stock import EntryKind, LossReason, Move, StockEntry, StockLine
from despensa.domain.ledger.transfer import Cause, Transfer
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import LEDGER
from despensa.records.ledger import store as ledger

_NO_CYCLE = bytes(16)


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """An entry that is there, whether it was reversed, and who wrote it."""

    entry: StockEntry
    is_reversed: bool


def take_turns() -> None:
    """Let stock be booked by one process at a time, until the transaction ends."""
    fetch(LEDGER, "SELECT 1 FROM pg_advisory_xact_lock(hashtext('despensa/stock/1'))")


def area_of(point: UUID) -> UUID | None:
    """Return the area of a point, or None when there is no such point."""
    rows = fetch(LEDGER, "SELECT area FROM service_point WHERE id = %s", (point,))
    return rows[0][0] if rows else None


def contents() -> dict[int, list[tuple[int, int]]]:
    """Return what one parcel of each unit holds by its newest list: (item, quantity)."""
    rows = fetch(
        LEDGER,
        """SELECT unit, item, quantity FROM stock_content content
           WHERE version = (SELECT max(version) FROM stock_content newest
                            WHERE newest.unit = content.unit)
           ORDER BY unit, item""",
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for unit, item, quantity in rows:
        found.setdefault(unit, []).append((item, quantity))
    return found


def items() -> dict[str, int]:
    """Return the number of every item that only parcels hold, by its code."""
    return dict(fetch(LEDGER, "SELECT code, number FROM stock_item"))


def add_items(rows: Sequence[tuple[int, str]]) -> None:
    """Write new (number, code) items."""
    copy_rows(LEDGER, "stock_item", ("number", "code"), rows)


def add_contents(unit: int, held: Sequence[tuple[int, int]]) -> int:
    """Write the next version of what a parcel of a unit holds, (item, quantity); return it."""
    [(version,)] = fetch(
        LEDGER,
        "SELECT coalesce(max(version), 0) + 1 FROM stock_content WHERE unit = %s",
        (unit,),
    )
    copy_rows(
        LEDGER,
        "stock_content",
        ("unit", "version", "item", "quantity"),
        ((unit, version, item, quantity) for item, quantity in held),
    )
    return int(version)


def entry(entry_id: UUID) -> WrittenEntry | None:
    """Return an entry by its id, or None."""
    rows = fetch(
        LEDGER,
        """SELECT point_id, day, kind, lot, expires_on, donor, waybill, reason,
                  EXISTS (SELECT FROM stock_entry r WHERE r.reverses_id = stock_entry.id)
           FROM stock_entry WHERE id = %s""",
        (entry_id,),
    )
    if not rows:
        return None
    point, day, kind, lot, expires_on, donor, waybill, reason, is_reversed = rows[0]
    lines = fetch(
        LEDGER,
        """SELECT item, quantity, is_made FROM stock_line WHERE entry_id = %s
           ORDER BY is_made, item""",
        (entry_id,),
    )
    written = StockEntry(
        entry_id.bytes,
        point.bytes,
        day,
        EntryKind(kind),
        tuple(StockLine(*line) for line in lines),
        lot,
        expires_on,
        donor,
        waybill,
        None if reason is None else LossReason(reason),
    )
    return WrittenEntry(written, is_reversed)


def add_entry(written: StockEntry, *, reverses: UUID | None, staff: UUID | None, now: int) -> None:
    """Write an entry with its lines."""
    entry_id = UUID(bytes=written.id)
    execute(
        LEDGER,
        """INSERT INTO stock_entry (id, point_id, day, kind, lot, expires_on, donor, waybill,
                                    reason, reverses_id, written_at, staff)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            entry_id,
            UUID(bytes=written.point),
            written.day,
            int(written.kind),
            written.lot,
            written.expires_on,
            written.donor,
            written.waybill,
            None if written.reason is None else int(written.reason),
            reverses,
            now,
            staff,
        ),
    )
    copy_rows(
        LEDGER,
        "stock_line",
        ("entry_id", "item", "is_made", "quantity"),
        ((entry_id, line.item, line.is_made, line.quantity) for line in written.lines),
    )


def post(moves: Sequence[tuple[UUID, Move]], *, point: bytes, cause: bytes) -> None:
    """Write moves of goods at a point as transfers of one entry: all of them or none."""
    accounts: Mapping[AccountKind, bytes] = {
        kind: named_account(kind, cycle=_NO_CYCLE, place=point)
        for _, move in moves
        for kind in (move.debit, move.credit)
    }
    ledger.ensure_named(
        sorted(
            {
                (accounts[kind], move.item, kind, None)
                for _, move in moves
                for kind in (move.debit, move.credit)
            },
            key=lambda row: row[:2],
        )
    )
    ledger.add_transfers(
        (
            transfer_id,
            Transfer(
                accounts[move.debit],
                accounts[move.credit],
                move.item,
                move.quantity,
                Cause.STOCK,
                cause,
            ),
        )
        for transfer_id, move in moves
    )


def not_booked() -> list[tuple[UUID, date, int, int]]:
    """
    Return (point, day, unit, quantity) handed over and not yet booked as given from stock.

    What a faded cycle handed over is in its closing sums.
    """
    return fetch(
        LEDGER,
        """WITH given AS (
               SELECT point, day, unit, sum(quantity)::bigint AS quantity FROM (
                   SELECT point, day, unit, quantity FROM redemption
                   UNION ALL SELECT point, day, unit, quantity FROM closing_sum
               ) handed WHERE point IS NOT NULL AND day IS NOT NULL GROUP BY point, day, unit
           ), booked AS (
               SELECT entry.point_id AS point, entry.day, line.item AS unit,
                      sum(line.quantity)::bigint AS quantity
               FROM stock_entry entry JOIN stock_line line ON line.entry_id = entry.id
               WHERE entry.kind = 2 GROUP BY entry.point_id, entry.day, line.item
           )
           SELECT given.point, given.day, given.unit,
                  given.quantity - coalesce(booked.quantity, 0)
           FROM given LEFT JOIN booked USING (point, day, unit)
           WHERE given.quantity > coalesce(booked.quantity, 0)
           ORDER BY given.point, given.day, given.unit""",
    )
