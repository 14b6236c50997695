"""Writes of schedules. Only use cases import this."""

from uuid import UUID

from despensa.domain.schedule import Schedule
from despensa.records.bulk import execute
from despensa.records.databases import REGISTRY


def set_schedule(programme: UUID, schedule: Schedule, *, staff: UUID, at: int) -> None:
    """Write a programme's schedule, in the place of the one it had."""
    execute(
        REGISTRY,
        """INSERT INTO cycle_schedule (programme_id, day, days_open, days_ahead, from_date,
                                       until_date, staff, at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (programme_id) DO UPDATE SET
               day = excluded.day, days_open = excluded.days_open,
               days_ahead = excluded.days_ahead, from_date = excluded.from_date,
               until_date = excluded.until_date, staff = excluded.staff, at = excluded.at""",
        (
            programme,
            schedule.day,
            schedule.days_open,
            schedule.days_ahead,
            schedule.from_date,
            schedule.until_date,
            staff,
            at,
        ),
    )
