"""Publish service points and their sessions: where and when a cycle hands over."""

from collections.abc import Sequence

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.reach import Reach
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.service_points import store

PointRow = store.PointRow
SessionRow = store.SessionRow


def publish_sessions(
    points: Sequence[PointRow], sessions: Sequence[SessionRow], *, reach: Reach, acting: Acting
) -> None:
    """
    Write new points and sessions together.

    `reach` is where whoever publishes may run points: the ledger cannot see roles.
    Raises: OutOfReach; PointKnown; SessionHoursWrong.
    """
    with transaction.atomic(using=LEDGER):
        for point in points:
            reach.require_people(point.area)
        store.add_points(points)
        areas = store.areas_of([session.point for session in sessions])
        for session in sessions:
            reach.require(session.programme, areas.get(session.point))
        store.add_sessions(sessions)
        rows = journal_rows.inserted(
            "service_point",
            (
                (p.id.bytes, {"code": p.code, "names": dict(p.names), "area": p.area.bytes})
                for p in points
            ),
        ) + journal_rows.inserted(
            "session",
            (
                (
                    s.id.bytes,
                    {
                        "point_id": s.point.bytes,
                        "programme": s.programme.bytes,
                        "cycle": s.cycle.bytes,
                        "day": s.day.isoformat(),
                        "opens_at": s.opens_at,
                        "closes_at": s.closes_at,
                    },
                )
                for s in sessions
            ),
        )
        journal_store.record(LEDGER, "publish_sessions", acting, rows)
