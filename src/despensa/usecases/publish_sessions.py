"""Publish service points and their sessions: where and when a cycle hands over."""

from collections.abc import Sequence

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, private_entry
from despensa.records import journal_rows, journal_store
from despensa.records.databases import DATABASE_NUMBER, LEDGER
from despensa.records.service_points import store

PointRow = store.PointRow
SessionRow = store.SessionRow


def publish_sessions(
    points: Sequence[PointRow], sessions: Sequence[SessionRow], *, acting: Acting
) -> None:
    """Write new points and sessions together."""
    act = Act(DATABASE_NUMBER[LEDGER], acting.at, acting.actor, "publish_sessions")
    with transaction.atomic(using=LEDGER):
        store.add_points(points)
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
        for chunk in journal.chunks(rows):
            journal_store.append(
                LEDGER,
                [private_entry(act, entry=acting.new_id(), salt=acting.new_salt(), rows=chunk)],
            )
