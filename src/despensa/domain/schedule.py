"""
Recurring schedules: on which days the cycles of a programme open.

Decides which drafts a day asks for; opening each still takes two people.
Source: docs/explanation/design.md, section 7; docs/decisions/0024-child-cycles.md.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY_MAX, DAYS_OPEN_MAX, DAYS_AHEAD_MAX = 31, 31, 28
_MONTHS = 12


class ScheduleWrong(ValueError):
    """A schedule that cannot be published: the text says what to mend."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """
    A cycle every month, on its `day` or the month's last one, from one date until another.

    Units: `days_open` counts the first and the last day; `days_ahead` is how long before its opening
    a cycle is drafted, and its facts are those of that day. Both dates are included.
    """

    day: int
    days_open: int
    days_ahead: int
    from_date: date
    until_date: date


@dataclass(frozen=True, slots=True)
class DueCycle:
    """A cycle that the schedule asks for: its name is the day on which it opens."""

    code: str
    reference_date: date
    opens_on: date
    closes_on: date


def require_sound(schedule: Schedule) -> None:
    """Refuse a schedule that nobody could follow. Raises: ScheduleWrong."""
    for name, value, low, high in (
        ("the day of the month", schedule.day, 1, DAY_MAX),
        ("the days it is open", schedule.days_open, 1, DAYS_OPEN_MAX),
        ("the days it is drafted ahead", schedule.days_ahead, 0, DAYS_AHEAD_MAX),
    ):
        if not low <= value <= high:
            raise ScheduleWrong(f"{name} is {value}: write {low} to {high}. Nothing was changed.")
    if schedule.until_date < schedule.from_date:
        raise ScheduleWrong(
            f"the schedule would end on {schedule.until_date}, before it begins on "
            f"{schedule.from_date}. Mend the dates; nothing was changed."
        )


def due(schedule: Schedule, today: date) -> list[DueCycle]:
    """
    Return the cycles that are to be drafted on a day, by their opening: none that is over.

    >>> plan = Schedule(31, 3, 7, date(2026, 1, 1), date(2026, 12, 31))
    >>> [(one.code, str(one.reference_date)) for one in due(plan, date(2026, 2, 22))]
    [('2026-02-28', '2026-02-21')]
    """
    ahead = timedelta(days=schedule.days_ahead)
    found = []
    for opens_on in _openings(schedule, today.replace(day=1) - timedelta(days=1), today + ahead):
        closes_on = opens_on + timedelta(days=schedule.days_open - 1)
        if opens_on - ahead <= today <= closes_on:
            found.append(DueCycle(opens_on.isoformat(), opens_on - ahead, opens_on, closes_on))
    return found


def _openings(schedule: Schedule, since: date, until: date) -> Iterator[date]:
    """Yield the opening days of the months from that of one day until that of another."""
    first, last = (day.year * _MONTHS + day.month - 1 for day in (since, until))
    for month in range(first, last + 1):
        year, at = divmod(month, _MONTHS)
        opens_on = date(year, at + 1, min(schedule.day, monthrange(year, at + 1)[1]))
        if schedule.from_date <= opens_on <= schedule.until_date:
            yield opens_on
