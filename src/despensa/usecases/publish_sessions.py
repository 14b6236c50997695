"""Publish service points and their sessions: where and when a cycle hands over."""

from collections.abc import Sequence

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.entry import Act, private_entry
from despensa.records import journal_store
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
        journal_store.append(
            LEDGER, [private_entry(act, entry=acting.new_id(), salt=acting.new_salt())]
        )
