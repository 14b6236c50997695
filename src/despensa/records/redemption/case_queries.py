"""Reads of cases: deliveries that no list covers, and phones whose journal has two versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER

# phone whose journal has two versions, in the place of a delivery's cause
FORKED = "FORKED_JOURNAL"


@dataclass(frozen=True, slots=True)
class CaseView:
    """
    A case as its page shows it; it names a phone, a point and goods, and never a household.

    Shape: `goods` [[unit, quantity] ...]; `words` [[staff, verdict] ...]. A phone's case has no
    point, no day and no goods, and `set_aside` events.
    """

    subject: UUID
    cause: str
    device: UUID
    area: UUID
    code: str | None
    names: Mapping[str, str] | None
    day: date | None
    goods: Sequence[Sequence[int]]
    set_aside: int
    opened_at: int | None
    words: Sequence[Sequence[str | int]]
    verdict: int | None


_CASES = """
WITH found AS (
    SELECT delivery.id AS subject, delivery.cause,
           coalesce(delivery.blamed, delivery.device) AS device, device.area AS device_area,
           delivery.opened_at, 0::bigint AS set_aside, delivery.redemption
    FROM delivery_case delivery JOIN device ON device.id = coalesce(delivery.blamed, delivery.device)
    UNION ALL
    SELECT device.id, 'FORKED_JOURNAL', device.id, device.area, NULL, count(*), NULL
    FROM fork JOIN device ON device.id = fork.device GROUP BY device.id, device.area
), placed AS (
    SELECT found.*, given.point, given.day, given.goods
    FROM found LEFT JOIN LATERAL (
        SELECT min(point::text)::uuid AS point, min(day) AS day,
               jsonb_agg(jsonb_build_array(unit, quantity) ORDER BY unit) AS goods
        FROM redemption WHERE redemption.id = found.redemption) given ON true
)
SELECT placed.subject, placed.cause, placed.device, coalesce(point.area, placed.device_area),
       point.code, point.names, placed.day, coalesce(placed.goods, '[]'::jsonb), placed.set_aside,
       placed.opened_at,
       coalesce((SELECT jsonb_agg(jsonb_build_array(word.staff, word.verdict)
                                  ORDER BY word.said_at, word.staff)
                 FROM case_word word WHERE word.subject = placed.subject), '[]'::jsonb),
       ended.verdict
FROM placed LEFT JOIN service_point point ON point.id = placed.point
LEFT JOIN case_end ended ON ended.subject = placed.subject
WHERE (%(areas)s::uuid[] IS NULL
       OR coalesce(point.area, placed.device_area) = ANY(%(areas)s::uuid[]))
  AND (%(only)s::uuid IS NULL OR placed.subject = %(only)s::uuid)
ORDER BY ended.subject IS NOT NULL, placed.opened_at DESC NULLS FIRST, placed.subject
LIMIT %(limit)s
"""


def cases(
    areas: Sequence[UUID] | None, *, limit: int = 200, only: UUID | None = None
) -> list[CaseView]:
    """Return the cases of these areas (None: all), the open ones first; or `only` one of them."""
    within = None if areas is None else list(areas)
    rows = fetch(LEDGER, _CASES, {"areas": within, "only": only, "limit": limit})
    return [CaseView(*row) for row in rows]
