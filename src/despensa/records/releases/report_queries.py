"""
Counts for the report of an agreement: whole sets in a few statements, no line about one person.

People are those of households that were given something, as they lived together on the cycle's day;
what is reached comes from what the ledger reported by point and day.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from despensa.domain.release.report import (
    AGES_FROM,
    DISABILITY_FACT,
    Breakdown,
    age_band,
)
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.programmes.facts_copy import members_sql
from despensa.records.programmes.queries import reported_totals, units

Line = tuple[str, str, str, int]
_SEXES = {1: "male", 2: "female", 3: "other", None: "unknown"}
_DISABILITY = {True: "yes", False: "no", None: "unknown"}
_PLANNED = "(SELECT DISTINCT household_id FROM benefit_line WHERE cycle_id = %(cycle)s) planned"


def counted(cycle: UUID, on: date, breakdowns: Collection[Breakdown]) -> list[Line]:
    """Return (breakdown, value, measure, count) of a cycle, the totals first."""
    people = _people(cycle, on)
    [(households,)] = fetch(REGISTRY, f"SELECT count(*) FROM {_PLANNED}", {"cycle": cycle})
    reported = reported_totals(cycle)
    delivered = sum(count for *_, name, count in reported if name == "delivered")
    found: list[Line] = [
        ("all", "", "households planned", households),
        ("all", "", "people planned", sum(count for *_, count in people)),
        ("all", "", "deliveries", delivered),
    ]
    if Breakdown.SEX in breakdowns:
        found += _summed("sex", [(_SEXES[sex], count) for sex, _, _, count in people])
    if Breakdown.AGE in breakdowns:
        found += _summed("age", [(age_band(band), count) for _, band, _, count in people])
    if {Breakdown.SEX, Breakdown.AGE} <= set(breakdowns):
        both = [(f"{_SEXES[sex]} {age_band(band)}", count) for sex, band, _, count in people]
        found += _summed("sex and age", both)
    if Breakdown.DISABILITY in breakdowns:
        found += _summed("disability", [(_DISABILITY[has], count) for *_, has, count in people])
    if Breakdown.AREA in breakdowns:
        found += _areas(cycle)
    if Breakdown.ITEM in breakdowns:
        found += _items(cycle)
    if Breakdown.POINT in breakdowns:
        points = [
            (next(iter(names.values()), str(point)), count)
            for point, names, _, name, count in reported
            if name == "delivered"
        ]
        found += _summed("point", points, measure="deliveries")
    return found


def planned_households(cycle: UUID) -> int:
    """Return how many households a cycle gives something to."""
    [(count,)] = fetch(REGISTRY, f"SELECT count(*) FROM {_PLANNED}", {"cycle": cycle})
    return int(count)


def _people(cycle: UUID, on: date) -> list[tuple[int | None, int | None, bool | None, int]]:
    """Return (sex, band of age, disability, people); the highest age a birth allows is taken."""
    starts = ", ".join(str(first) for first in AGES_FROM)
    return fetch(
        REGISTRY,
        f"""SELECT sex, band, disability, count(*) FROM (
                SELECT member.sex,
                       CASE WHEN member.birth_precision >= 1 AND member.birth_month IS NOT NULL
                            THEN width_bucket(greatest(extract(
                                     year FROM age(%(on)s, member.birth_month))::int, 0),
                                 ARRAY[{starts}]) - 1 END AS band,
                       (member.facts ->> '{DISABILITY_FACT}')::boolean AS disability
                FROM ({members_sql(on)}) member JOIN {_PLANNED} USING (household_id)
                WHERE (member_from IS NULL OR member_from <= %(on)s)
                  AND (member_until IS NULL OR member_until > %(on)s)) person
            GROUP BY sex, band, disability ORDER BY sex, band, disability""",
        {"cycle": cycle, "on": on},
    )


def _areas(cycle: UUID) -> list[Line]:
    rows = fetch(
        REGISTRY,
        f"""SELECT area.pcode, count(*) FROM {_PLANNED}
            JOIN household ON household.id = planned.household_id
            JOIN area ON area.id = household.area_id GROUP BY area.pcode ORDER BY area.pcode""",
        {"cycle": cycle},
    )
    return [("area", pcode, "households planned", count) for pcode, count in rows]


def _items(cycle: UUID) -> list[Line]:
    codes = {number: code for number, (code, _) in units().items()}
    planned = fetch(
        REGISTRY,
        """SELECT unit, sum(quantity)::bigint FROM benefit_line WHERE cycle_id = %s
           GROUP BY unit ORDER BY unit""",
        (cycle,),
    )
    return [("item", codes[unit], "quantity planned", quantity) for unit, quantity in planned]


def _summed(
    breakdown: str, pairs: Collection[tuple[str, int]], *, measure: str = "people planned"
) -> list[Line]:
    sums: dict[str, int] = {}
    for value, count in pairs:
        sums[value] = sums.get(value, 0) + count
    return [(breakdown, value, measure, sums[value]) for value in sorted(sums)]
