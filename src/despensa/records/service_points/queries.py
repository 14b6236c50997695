"""Reads of points, sessions and leases for doors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER


@dataclass(frozen=True, slots=True)
class PointProgress:
    """What a point has given of a cycle on one day, and what its phones still hold."""

    point: UUID
    names: Mapping[str, str]
    area: UUID
    delivered: int
    refused: int
    aborted: int
    leased: int
    waiting: int
    opens_at: int
    closes_at: int


def progress(cycle: UUID, day: date) -> list[PointProgress]:
    """Return each point's counts of one day of a cycle, by point code."""
    rows = fetch(
        LEDGER,
        """SELECT point.id, point.names, point.area,
             (SELECT count(DISTINCT r.id) FROM redemption r
              WHERE r.point = point.id AND r.day = session.day),
             (SELECT count(*) FROM refusal r WHERE r.point = point.id AND r.day = session.day),
             (SELECT count(*) FROM aborted_scan a
              WHERE a.point = point.id AND a.day = session.day),
             (SELECT count(DISTINCT row.account) FROM lease_row row
              JOIN lease ON lease.id = row.lease_id WHERE lease.session_id = session.id),
             (SELECT count(DISTINCT row.account) FROM lease_row row
              JOIN lease ON lease.id = row.lease_id
              WHERE lease.session_id = session.id AND row.active AND row.claimed < row.quantity),
             session.opens_at, session.closes_at
           FROM session JOIN service_point point ON point.id = session.point_id
           WHERE session.cycle = %s AND session.day = %s ORDER BY point.code""",
        (cycle, day),
    )
    return [PointProgress(*row) for row in rows]


def district_of(cycle: UUID) -> list[tuple[bytes, int, UUID | None, date | None]]:
    """
    Return (tag, status, point, day) of every tag of a cycle, sorted: what phones know of others.

    Point and day are those of the list that holds the entitlement, None where nothing is prepared.
    """
    rows = fetch(
        LEDGER,
        """SELECT tag.tag, tag.status, placed.point_id, placed.day
           FROM tag LEFT JOIN (
               SELECT DISTINCT ON (row.account) row.account, session.point_id, session.day
               FROM lease_row row JOIN lease ON lease.id = row.lease_id
               JOIN session ON session.id = lease.session_id
               WHERE row.active AND session.cycle = %s
               ORDER BY row.account, session.day DESC) placed ON placed.account = tag.account
           WHERE tag.cycle = %s ORDER BY tag.tag""",
        (cycle, cycle),
    )
    return [(bytes(tag), status, point, day) for tag, status, point, day in rows]


def sessions_at(code: str, day: date) -> list[tuple[UUID, UUID, UUID, UUID, date, int, int, UUID]]:
    """
    Return the sessions of a point on a day, by opening.

    Shape: (id, point, programme, cycle, day, opens at, closes at, area of the point).
    """
    return fetch(
        LEDGER,
        """SELECT session.id, point.id, session.programme, session.cycle, session.day,
                  session.opens_at, session.closes_at, point.area
           FROM session JOIN service_point point ON point.id = session.point_id
           WHERE point.code = %s AND session.day = %s ORDER BY session.opens_at, session.id""",
        (code, day),
    )


def sessions_from(
    day: date, areas: Sequence[UUID] | None
) -> list[tuple[str, Mapping[str, str], date, int, int, UUID, UUID]]:
    """
    Return the sessions from a day on at points of these areas (None: all), by day and opening.

    Shape: (point code, names, day, opens at, closes at, programme, area of the point).
    """
    within = None if areas is None else list(areas)
    return fetch(
        LEDGER,
        """SELECT point.code, point.names, session.day, session.opens_at, session.closes_at,
                  session.programme, point.area
           FROM session JOIN service_point point ON point.id = session.point_id
           WHERE session.day >= %s AND (%s::uuid[] IS NULL OR point.area = ANY(%s::uuid[]))
           ORDER BY session.day, session.opens_at, point.code LIMIT 200""",
        (day, within, within),
    )


def points_in(areas: Sequence[UUID]) -> set[UUID]:
    """Return the points that lie in these areas."""
    rows = fetch(LEDGER, "SELECT id FROM service_point WHERE area = ANY(%s)", (list(areas),))
    return {point for (point,) in rows}


def point_area(code: str) -> UUID | None:
    """Return the area of a point by its code, or None."""
    rows = fetch(LEDGER, "SELECT area FROM service_point WHERE code = %s", (code,))
    return rows[0][0] if rows else None


def point_names(points: Sequence[UUID]) -> dict[UUID, tuple[str, Mapping[str, str]]]:
    """Return code and names of points."""
    rows = fetch(
        LEDGER, "SELECT id, code, names FROM service_point WHERE id = ANY(%s)", (list(points),)
    )
    return {point: (code, names) for point, code, names in rows}
