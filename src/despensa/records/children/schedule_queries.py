"""Reads of schedules; doors may use them."""

from datetime import date
from uuid import UUID

from despensa.domain.schedule import Schedule
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


def schedules_on(day: date) -> list[tuple[UUID, UUID, Schedule]]:
    """
    Return the programmes whose schedule may ask for a cycle on a day, with their newest rule.

    Left out: those that have ended, and those without a published rule.
    """
    rows = fetch(
        REGISTRY,
        """SELECT plan.programme_id, newest.id, plan.day, plan.days_open, plan.days_ahead,
                  plan.from_date, plan.until_date
           FROM cycle_schedule plan
           JOIN LATERAL (SELECT id FROM rule WHERE rule.programme_id = plan.programme_id
                         ORDER BY version DESC LIMIT 1) newest ON true
           WHERE plan.until_date >= %s::date - 31 AND plan.from_date <= %s::date + 31
             AND NOT EXISTS (SELECT 1 FROM programme_end
                             WHERE programme_end.programme_id = plan.programme_id)
           ORDER BY plan.programme_id""",
        (day, day),
    )
    return [(programme, rule, Schedule(*plan)) for programme, rule, *plan in rows]


def has_cycle(programme: UUID, code: str) -> bool:
    """Return whether a programme has a cycle of this name that was not withdrawn."""
    return bool(
        fetch(
            REGISTRY,
            "SELECT 1 FROM cycle WHERE programme_id = %s AND code = %s AND state > 0",
            (programme, code),
        )
    )
