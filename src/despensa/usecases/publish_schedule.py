"""Publish when the cycles of a programme open; drafts then appear by the daily round."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.role import Permission
from despensa.domain.schedule import Schedule, require_sound
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_rows, journal_store
from despensa.records.children import schedule_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries, store
from despensa.records.staff import queries as staff

ACTION = "publish_schedule"
_DAY_ZERO = 719_163  # 1970-01-01 as a proleptic Gregorian ordinal


def publish_schedule(programme: UUID, schedule: Schedule, *, acting: Acting) -> None:
    """
    Publish a programme's schedule, in the place of the one it had; drafts that stand stay.

    Raises: ScheduleWrong; ProgrammeEnded; OutOfReach; ValueError when nobody does it.
    """
    require_sound(schedule)
    if acting.staff is None:
        raise ValueError("a schedule is published by a person")
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
        reach.require(programme, queries.programme_area(programme))
        store.require_going_on(programme)
        schedule_store.set_schedule(programme, schedule, staff=acting.staff, at=acting.at)
        dates = (schedule.from_date, schedule.until_date)
        numbers = [schedule.day, schedule.days_open, schedule.days_ahead]
        columns: dict[int | str, object] = {
            "day": schedule.day,
            "days_open": schedule.days_open,
            "days_ahead": schedule.days_ahead,
            "from_date": schedule.from_date.isoformat(),
            "until_date": schedule.until_date.isoformat(),
        }
        rows = journal_rows.inserted("cycle_schedule", [(programme.bytes, columns)])
        journal_store.record(REGISTRY, ACTION, acting, rows)
        body = {
            0: programme.bytes,
            1: [*numbers, *(day.toordinal() - _DAY_ZERO for day in dates)],
        }
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.SCHEDULE, body)
