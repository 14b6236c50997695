"""Reads of stock for doors: the points, their days item by item, and the entries of a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.ledger.stock import ItemDay
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER


@dataclass(frozen=True, slots=True)
class PointView:
    """A point, where it is and how it is called."""

    id: UUID
    code: str
    names: Mapping[str, str]
    area: UUID


@dataclass(frozen=True, slots=True)
class EntryView:
    """
    An entry as its point's page shows it; `of_kind` is that of the entry a reversal reverses.

    Shape: lines are [item, quantity, is made]. Units: `written_at` in seconds UTC.
    """

    id: UUID
    day: date
    kind: int
    of_kind: int
    lot: str
    expires_on: date | None
    donor: str
    waybill: str
    reason: int | None
    is_reversed: bool
    written_at: int
    staff: UUID | None
    lines: Sequence[Sequence[int]]


def points(areas: Sequence[UUID] | None) -> list[PointView]:
    """Return the points of these areas (None: all) by code."""
    within = None if areas is None else list(areas)
    rows = fetch(
        LEDGER,
        """SELECT id, code, names, area FROM service_point
           WHERE %s::uuid[] IS NULL OR area = ANY(%s::uuid[]) ORDER BY code""",
        (within, within),
    )
    return [PointView(*row) for row in rows]


def point(code: str) -> PointView | None:
    """Return a point by its code, or None."""
    rows = fetch(LEDGER, "SELECT id, code, names, area FROM service_point WHERE code = %s", (code,))
    return PointView(*rows[0]) if rows else None


def point_of(entry: UUID) -> PointView | None:
    """Return the point an entry was written for, or None."""
    rows = fetch(
        LEDGER,
        """SELECT point.id, point.code, point.names, point.area FROM stock_entry entry
           JOIN service_point point ON point.id = entry.point_id WHERE entry.id = %s""",
        (entry,),
    )
    return PointView(*rows[0]) if rows else None


def content_items() -> dict[int, str]:
    """Return the code of every item that only parcels hold, by its number."""
    return dict(fetch(LEDGER, "SELECT number, code FROM stock_item ORDER BY code"))


def contents() -> dict[int, list[tuple[str, int]]]:
    """Return what one parcel of each unit holds by its newest list: (item code, quantity)."""
    rows = fetch(
        LEDGER,
        """SELECT content.unit, item.code, content.quantity
           FROM stock_content content JOIN stock_item item ON item.number = content.item
           WHERE content.version = (SELECT max(version) FROM stock_content newest
                                    WHERE newest.unit = content.unit)
           ORDER BY content.unit, item.code""",
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for unit, code, quantity in rows:
        found.setdefault(unit, []).append((code, quantity))
    return found


# what a reversal turns round is told by the kind of the entry it reverses; what was given is taken
# from what was handed over, so that a report never waits for the booking
_DAYS = """
WITH written AS (
    SELECT line.item, entry.day, coalesce(other.kind, entry.kind) AS kind,
           line.quantity * CASE WHEN entry.kind = 7 THEN -1 ELSE 1 END AS quantity, line.is_made
    FROM stock_entry entry JOIN stock_line line ON line.entry_id = entry.id
    LEFT JOIN stock_entry other ON other.id = entry.reverses_id
    WHERE entry.point_id = %(point)s AND entry.day <= %(day)s
      AND coalesce(other.kind, entry.kind) NOT IN (2, 6)
), handed AS (
    SELECT unit AS item, day, 2 AS kind, quantity, false AS is_made FROM redemption
    WHERE point = %(point)s AND day <= %(day)s
    UNION ALL
    SELECT unit, day, 2, quantity, false FROM closing_sum
    WHERE point = %(point)s AND day <= %(day)s
), moved AS (
    SELECT item, kind, day < %(day)s AS is_before, is_made, sum(quantity)::bigint AS quantity
    FROM (SELECT item, day, kind, quantity, is_made FROM written
          UNION ALL SELECT * FROM handed) every
    GROUP BY item, kind, is_before, is_made
), counted AS (
    SELECT DISTINCT ON (line.item) line.item, line.quantity AS counted
    FROM stock_entry entry JOIN stock_line line ON line.entry_id = entry.id
    WHERE entry.point_id = %(point)s AND entry.day = %(day)s AND entry.kind = 6
      AND NOT EXISTS (SELECT FROM stock_entry r WHERE r.reverses_id = entry.id)
    ORDER BY line.item, entry.written_at DESC, entry.id
)
SELECT item,
    coalesce(sum(CASE WHEN kind = 1 OR kind = 5 AND is_made THEN quantity ELSE -quantity END)
             FILTER (WHERE is_before), 0)::bigint,
    coalesce(sum(quantity) FILTER (WHERE NOT is_before AND kind = 1), 0)::bigint,
    coalesce(sum(quantity) FILTER (WHERE NOT is_before AND kind = 2), 0)::bigint,
    coalesce(sum(quantity) FILTER (WHERE NOT is_before AND kind = 3), 0)::bigint,
    coalesce(sum(quantity) FILTER (WHERE NOT is_before AND kind = 4), 0)::bigint,
    coalesce(sum(CASE WHEN is_made THEN quantity ELSE -quantity END)
             FILTER (WHERE NOT is_before AND kind = 5), 0)::bigint,
    max(counted)
FROM moved FULL JOIN counted USING (item) GROUP BY item ORDER BY item
"""


def day_of(point: UUID, day: date) -> list[ItemDay]:
    """Return one day of a point item by item, the evening before included."""
    rows = fetch(LEDGER, _DAYS, {"point": point, "day": day})
    return [ItemDay(*row) for row in rows]


def entries(point: UUID, day: date) -> list[EntryView]:
    """Return the entries that staff wrote for a day, in the order of writing."""
    rows = fetch(
        LEDGER,
        """SELECT entry.id, entry.day, entry.kind, coalesce(other.kind, entry.kind), entry.lot,
                  entry.expires_on, entry.donor, entry.waybill, entry.reason,
                  EXISTS (SELECT FROM stock_entry r WHERE r.reverses_id = entry.id),
                  entry.written_at, entry.staff,
                  (SELECT jsonb_agg(jsonb_build_array(item, quantity, is_made)
                                    ORDER BY is_made, item)
                   FROM stock_line line WHERE line.entry_id = entry.id)
           FROM stock_entry entry LEFT JOIN stock_entry other ON other.id = entry.reverses_id
           WHERE entry.point_id = %s AND entry.day = %s AND entry.kind <> 2
           ORDER BY entry.written_at, entry.id""",
        (point, day),
    )
    return [EntryView(*row) for row in rows]
