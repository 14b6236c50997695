"""Reads of child cycles; doors may use them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.child import ChildKind, share
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


@dataclass(frozen=True, slots=True)
class ChildRow:
    """What a child cycle is for; `is_chosen`: for named households, else for everybody decided."""

    cycle: UUID
    root: UUID
    kind: ChildKind
    number: int
    line: str
    is_chosen: bool
    drafted_at: int
    is_within_share: bool
    is_waived: bool | None


@dataclass(frozen=True, slots=True)
class ShareRow:
    """The share of a root for late entrants, in percent of each unit that was approved."""

    root: UUID
    proposal: UUID
    percent: int


@dataclass(frozen=True, slots=True)
class LateRow:
    """
    A household that comes late.

    `shares_people`: somebody of it lived in a household that got something of the root since.
    """

    household: UUID
    shares_people: bool


_OPENING, _OPEN = 3, 4
# Households end; those that never had members are nobody's. What they got, and with whom they
# lived, is asked of the whole family of the root.
_LATE = """
    WITH family AS MATERIALIZED (SELECT id FROM cycle WHERE root_cycle = %(root)s),
    day AS MATERIALIZED (SELECT reference_date AS frozen_on FROM cycle WHERE id = %(root)s),
    changed AS MATERIALIZED (
        SELECT part.household_id, max(change.at) AS at FROM household_change_part part
        JOIN household_change change ON change.id = part.change_id
        WHERE change.at >= %(since)s GROUP BY part.household_id
        UNION ALL
        SELECT household_id, max(decided_at) FROM correction
        WHERE decided_at >= %(since)s AND household_id IS NOT NULL GROUP BY household_id),
    again AS MATERIALIZED (
        SELECT changed.household_id FROM changed
        WHERE changed.at > coalesce((
            SELECT max(child.drafted_at) FROM child_cycle child
            JOIN decision ON decision.cycle_id = child.cycle_id
            WHERE child.root_id = %(root)s AND decision.household_id = changed.household_id), 0)),
    late AS MATERIALIZED (
        SELECT household.id, household.registered_on FROM household
        WHERE NOT EXISTS (SELECT 1 FROM decision WHERE decision.household_id = household.id
                          AND decision.cycle_id IN (SELECT id FROM family))
        UNION
        SELECT household.id, household.registered_on FROM household
        JOIN again ON again.household_id = household.id
        WHERE NOT EXISTS (SELECT 1 FROM benefit_line line WHERE line.root_cycle = %(root)s
                          AND line.household_id = household.id))
    SELECT late.id, EXISTS (
        SELECT 1 FROM membership here
        JOIN membership there ON there.registrant_id = here.registrant_id
             AND there.household_id <> here.household_id AND there.role IN (1, 2)
             AND (there.until_date IS NULL OR there.until_date >= (SELECT frozen_on FROM day))
        JOIN benefit_line line ON line.root_cycle = %(root)s
             AND line.household_id = there.household_id
        WHERE here.household_id = late.id AND here.role IN (1, 2) AND here.until_date IS NULL)
    FROM late LEFT JOIN household_standing standing ON standing.household_id = late.id
    WHERE standing.ended_on IS NULL
      AND EXISTS (SELECT 1 FROM membership WHERE membership.household_id = late.id
                  AND membership.role IN (1, 2) AND membership.until_date IS NULL)
      AND NOT EXISTS (
          SELECT 1 FROM child_household named JOIN child_cycle child ON child.cycle_id = named.cycle_id
          JOIN cycle ON cycle.id = child.cycle_id
          WHERE child.root_id = %(root)s AND named.household_id = late.id AND cycle.state = 1)
    ORDER BY late.registered_on, late.id
"""
_CHILD = """
    SELECT cycle_id, root_id, kind, number, line, is_chosen, drafted_at,
           is_within_share, is_waived
    FROM child_cycle
"""


def child(cycle: UUID) -> ChildRow | None:
    """Return what a cycle is as a child, or None for a root."""
    rows = fetch(REGISTRY, f"{_CHILD} WHERE cycle_id = %s", (cycle,))
    return _child(rows[0]) if rows else None


def children_of(root: UUID) -> list[ChildRow]:
    """Return the children of a root in the order in which they were drafted."""
    rows = fetch(
        REGISTRY, f"{_CHILD} WHERE root_id = %s ORDER BY drafted_at, kind, number", (root,)
    )
    return [_child(row) for row in rows]


def households_of(cycle: UUID) -> list[UUID]:
    """Return the households a child cycle is for where they are named, by id."""
    rows = fetch(
        REGISTRY,
        "SELECT household_id FROM child_household WHERE cycle_id = %s ORDER BY household_id",
        (cycle,),
    )
    return [household for (household,) in rows]


def households_sql(row: ChildRow) -> str:
    """Return the SELECT of the households whose facts are frozen for a child."""
    if row.is_chosen:
        return f"SELECT household_id FROM child_household WHERE cycle_id = '{row.cycle}'"
    return (
        "SELECT household_id FROM decision WHERE cycle_id IN "
        f"(SELECT id FROM cycle WHERE root_cycle = '{row.root}')"
    )


def share_of(root: UUID) -> ShareRow | None:
    """Return what the approval of a root leaves for late entrants, or None."""
    rows = fetch(
        REGISTRY, "SELECT cycle_id, proposal, percent FROM late_share WHERE cycle_id = %s", (root,)
    )
    return ShareRow(*rows[0]) if rows else None


def shares_open_on(day: date) -> list[ShareRow]:
    """Return the shares of the roots that are open and have not closed before a day."""
    rows = fetch(
        REGISTRY,
        """SELECT cycle_id, proposal, percent FROM late_share JOIN cycle ON cycle.id = cycle_id
           WHERE cycle.state = %s AND cycle.closes_on >= %s ORDER BY cycle_id""",
        (_OPEN, day),
    )
    return [ShareRow(*row) for row in rows]


def share_left(root: UUID) -> dict[int, int]:
    """Return what is left of each unit of a root's share for late entrants."""
    row = share_of(root)
    if row is None:
        return {}
    # what began to open under the approval of the root has its part, whatever stage it is at
    taken = dict(
        fetch(
            REGISTRY,
            """SELECT unit, sum(quantity)::bigint FROM benefit_line
               WHERE cycle_id IN (
                   SELECT cycle_id FROM child_cycle JOIN cycle ON cycle.id = cycle_id
                   WHERE root_id = %s AND is_within_share AND cycle.state >= %s)
               GROUP BY unit""",
            (root, _OPENING),
        )
    )
    totals = fetch(
        REGISTRY,
        """SELECT unit, sum(quantity)::bigint FROM benefit_line
           WHERE root_cycle = %s AND cycle_id = %s GROUP BY unit""",
        (root, root),
    )
    return {unit: share(total, row.percent) - taken.get(unit, 0) for unit, total in totals}


def late_entrants(root: UUID, *, since: int) -> list[LateRow]:
    """
    Return the households that registered or changed after a root was frozen and got nothing of it.

    Whom an unfinished or finished child names since is not returned again. `since` are the seconds
    at which the day of the root's facts began: a household it decided counts when it changed later,
    and later than any child decided it.
    Shape: in the order in which they registered.
    """
    rows = fetch(REGISTRY, _LATE, {"root": root, "since": since})
    return [LateRow(*row) for row in rows]


def recoveries(cycle: UUID) -> tuple[int, list[tuple[int, int]]]:
    """Return how many households a recovery is about, and the quantity of each unit."""
    [(households,)] = fetch(
        REGISTRY,
        "SELECT count(DISTINCT household_id) FROM recovery_line WHERE cycle_id = %s",
        (cycle,),
    )
    totals = fetch(
        REGISTRY,
        """SELECT unit, sum(quantity)::bigint FROM recovery_line WHERE cycle_id = %s
           GROUP BY unit ORDER BY unit""",
        (cycle,),
    )
    return households, totals


def _child(row: tuple) -> ChildRow:
    cycle, root, kind, *rest = row
    return ChildRow(cycle, root, ChildKind(kind), *rest)
