"""
What rules may read of the register, copied out as it was on a day.

Source: docs/explanation/design.md, section 7.2.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.db import connections

from despensa.records.bulk import fetch, widen_memory
from despensa.records.databases import REGISTRY

# nobody is decided who is no household that day: not founded yet, or with nobody left in it
# What an import first tells of a household is taken to have been so before: who enrols between a
# cycle's reference date and its decision is not left out. What an operation began has its day.
_HOUSEHOLDS_ON = """
    SELECT household.id AS household_id, coalesce(earlier.area, household.area_id) AS area, facts
    FROM household
    LEFT JOIN household_standing standing ON standing.household_id = household.id
    LEFT JOIN (
        SELECT DISTINCT ON (part.household_id) part.household_id, part.area_before_id AS area
        FROM household_change_part part
        JOIN household_change change ON change.id = part.change_id
        WHERE part.area_before_id IS NOT NULL AND change.kind IN (3, 20) AND change.day > {day}
          AND NOT EXISTS (SELECT 1 FROM household_change undo WHERE undo.undoes_id = change.id)
        ORDER BY part.household_id, part.version) earlier ON earlier.household_id = household.id
    WHERE (household.registered_on <= {day} OR EXISTS (
               SELECT FROM membership first_known
               WHERE first_known.household_id = household.id AND first_known.begun_by IS NULL))
      AND (standing.ended_on IS NULL OR standing.ended_on > {day})
"""


_MEMBERS_ON = """
    SELECT membership.household_id, registrant.birth_month, registrant.birth_precision,
           registrant.sex, registrant.facts,
           CASE WHEN membership.begun_by IS NULL THEN least(membership.from_date, {day})
                ELSE membership.from_date END AS member_from,
           membership.until_date AS member_until
    FROM membership JOIN registrant ON registrant.id = membership.registrant_id
    WHERE membership.role IN (1, 2)
"""


def members_sql(on: date) -> str:
    """Return the SELECT of who was a member of which household, with days, as a cycle of it saw."""
    return _MEMBERS_ON.format(day=f"DATE '{on.isoformat()}'")


def rows_about() -> int:
    """Return about how many households and memberships there are, as the server last counted."""
    [(rows,)] = fetch(
        REGISTRY,
        """SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class
           WHERE oid IN ('household'::regclass, 'membership'::regclass)""",
    )
    return int(rows)


def copy_facts(
    folder: Path, on: date, *, only: str | None = None, told: Callable[[int], None] | None = None
) -> tuple[Path, Path]:
    """
    Write what rules may read of the register into two CSV files of a private folder.

    Households are those there were on a day, where they lived then; members carry their dates.
    `only` is a SELECT of household ids, of our own code: nobody else is copied. `told` hears how
    many rows are written; what it raises ends the copying.
    Shape: see `ports.engine.RegistryFiles`. Both files show one moment of the register.
    """
    households, members = folder / "households.csv", folder / "members.csv"
    rows_written = 0
    connection = connections[REGISTRY]
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            widen_memory(REGISTRY)
            for path, select, key in (
                (households, _HOUSEHOLDS_ON, "household.id"),
                (members, _MEMBERS_ON, "membership.household_id"),
            ):
                rows = select.format(day=f"DATE '{on.isoformat()}'")
                if only is not None:
                    rows += f" AND {key} IN ({only})"
                statement = f"COPY ({rows}) TO STDOUT (FORMAT csv, HEADER)"
                with path.open("wb") as file, cursor.copy(statement) as copy:
                    for part in copy:
                        file.write(part)
                        if told is not None:
                            rows_written += bytes(part).count(b"\n")
                            told(rows_written)
        finally:
            cursor.execute("COMMIT")
    return households, members
