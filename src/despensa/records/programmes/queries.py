"""Reads of programmes, cycles and decisions; freezing reads the register through here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.cycle_life import disputed_until
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.keyset import Turn, newest_first, page_sql


@dataclass(frozen=True, slots=True)
class CycleRow:
    """One cycle with its programme and rule."""

    id: UUID
    programme: UUID
    programme_names: Mapping[str, str]
    programme_area: UUID
    rule: UUID
    rule_text: str
    rule_version: int
    rule_hash: bytes
    root_cycle: UUID
    code: str
    state: int
    reference_date: date
    opens_on: date
    closes_on: date
    epoch: int | None
    frozen_root: bytes | None
    totals: Mapping[str, int]
    closed_on: date | None
    dispute_days: int

    @property
    def disputed_until(self) -> date:
        """Return the last day on which deliveries and decisions of the cycle may be disputed."""
        return disputed_until(self.closes_on, self.closed_on, days=self.dispute_days)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One household's decision in one cycle with what it gets."""

    cycle: UUID
    household: UUID
    outcome: int
    clauses: tuple[str, ...]
    frozen_row: int
    lines: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class AreaTotal:
    """Exact outcome counts of one area; for staff in scope."""

    names: Mapping[str, str]
    entitled: int
    not_entitled: int
    needs_information: int


_ENTITLED = 1
_CYCLE = """
    SELECT cycle.id, programme.id, programme.names, programme.area_id, rule.id, rule.text,
           rule.version, rule.hash, cycle.root_cycle, cycle.code, cycle.state,
           cycle.reference_date, cycle.opens_on, cycle.closes_on, cycle.epoch, cycle.frozen_root,
           cycle.totals, cycle.closed_on, cycle.dispute_days
    FROM cycle JOIN programme ON programme.id = cycle.programme_id
    JOIN rule ON rule.id = cycle.rule_id
"""


def cycles(limit: int = 50, *, turn: Turn | None = None) -> list[CycleRow]:
    """Return cycles, latest opening first, of the page that begins at `turn`."""
    page, values, order = page_sql("cycle.opens_on", "cycle.id", turn)
    rows = fetch(REGISTRY, f"{_CYCLE} WHERE {page} ORDER BY {order} LIMIT %s", (*values, limit))
    return newest_first([_cycle(row) for row in rows], turn)


def cycle(cycle_id: UUID) -> CycleRow | None:
    """Return one cycle, or None."""
    rows = fetch(REGISTRY, f"{_CYCLE} WHERE cycle.id = %s", (cycle_id,))
    return _cycle(rows[0]) if rows else None


def cycles_called(name: str) -> list[CycleRow]:
    """Return the cycles that have this id, or this code in their programme and were not withdrawn."""
    rows = fetch(
        REGISTRY,
        f"{_CYCLE} WHERE cycle.id::text = lower(%s) OR cycle.code = %s AND state > 0",
        (name, name),
    )
    return [_cycle(row) for row in rows]


def cycles_not_at_stage(stage: str, *, undisputed_on: date) -> list[UUID]:
    """Return the cycles withdrawn or undisputed from a day on that have not come to a stage."""
    rows = fetch(
        REGISTRY,
        """SELECT id FROM cycle
           WHERE (state = 0 OR greatest(closes_on, closed_on) + dispute_days < %s) AND NOT EXISTS (
               SELECT 1 FROM stage WHERE stage.subject = cycle.id AND stage.stage = %s)
           ORDER BY closes_on, id""",
        (undisputed_on, stage),
    )
    return [cycle_id for (cycle_id,) in rows]


def programme_by_code(code: str) -> UUID | None:
    """Return a programme by its code, or None."""
    rows = fetch(REGISTRY, "SELECT id FROM programme WHERE code = %s", (code,))
    return rows[0][0] if rows else None


def unit_numbers() -> dict[str, int]:
    """Return the number of every unit by its code."""
    return dict(fetch(REGISTRY, "SELECT code, number FROM unit"))


def latest_rule(programme: UUID) -> UUID:
    """
    Return the programme's latest published rule.

    Raises: LookupError when none was published.
    """
    rows = fetch(
        REGISTRY,
        "SELECT id FROM rule WHERE programme_id = %s ORDER BY version DESC LIMIT 1",
        (programme,),
    )
    if not rows:
        raise LookupError("This programme has no published rule yet.")
    rule: UUID = rows[0][0]
    return rule


def rule_text(rule: UUID) -> str:
    """
    Return the text of a published rule.

    Raises: LookupError.
    """
    rows = fetch(REGISTRY, "SELECT text FROM rule WHERE id = %s", (rule,))
    if not rows:
        raise LookupError(f"There is no rule {rule}.")
    text: str = rows[0][0]
    return text


def rules_of(programme: UUID) -> list[UUID]:
    """Return a programme's published rules, by version."""
    rows = fetch(
        REGISTRY, "SELECT id FROM rule WHERE programme_id = %s ORDER BY version", (programme,)
    )
    return [rule for (rule,) in rows]


def rule_versions(programme: UUID) -> dict[int, str]:
    """Return the texts of a programme's published rules by their version."""
    return dict(
        fetch(REGISTRY, "SELECT version, text FROM rule WHERE programme_id = %s", (programme,))
    )


def areas_by_part(area: UUID | None) -> list[tuple[UUID, UUID]]:
    """Return each area within an area with the part of it that it lies in, itself with itself."""
    return [
        (inner, part)
        for inner, part in fetch(
            REGISTRY,
            """WITH RECURSIVE inside AS (
                   SELECT id, id AS part, 0 AS depth FROM area WHERE id = %s
                   UNION ALL
                   SELECT area.id, CASE WHEN depth = 0 THEN area.id ELSE part END, depth + 1
                   FROM area JOIN inside ON area.parent_id = inside.id)
               SELECT id, part FROM inside ORDER BY depth, id""",
            (area,),
        )
    ]


def areas_within(area: UUID) -> list[UUID]:
    """Return an area and all that lie in it."""
    rows = fetch(
        REGISTRY,
        """WITH RECURSIVE inside AS (
               SELECT id FROM area WHERE id = %s
               UNION ALL SELECT area.id FROM area JOIN inside ON area.parent_id = inside.id)
           SELECT id FROM inside""",
        (area,),
    )
    return [area_id for (area_id,) in rows]


def drafts() -> list[UUID]:
    """Return the cycles that are not decided."""
    return [row for (row,) in fetch(REGISTRY, "SELECT id FROM cycle WHERE frozen_root IS NULL")]


def decisions_of(household: UUID, *, programmes: Collection[UUID] | None) -> list[DecisionRow]:
    """Return a household's decisions in these programmes (None: all), newest cycle first."""
    rows = fetch(
        REGISTRY,
        """SELECT decision.cycle_id, decision.household_id, decision.outcome, decision.clauses,
                  decision.frozen_row, coalesce(lines.given, '[]')
           FROM decision JOIN cycle ON cycle.id = decision.cycle_id
           LEFT JOIN LATERAL (
               SELECT jsonb_agg(jsonb_build_array(line, unit, quantity) ORDER BY unit) AS given
               FROM benefit_line
               WHERE benefit_line.cycle_id = decision.cycle_id
                 AND benefit_line.household_id = decision.household_id) lines ON true
           WHERE decision.household_id = %s
             AND (%s::uuid[] IS NULL OR cycle.programme_id = ANY(%s::uuid[]))
           ORDER BY cycle.opens_on DESC, cycle.id""",
        (household, *[None if programmes is None else list(programmes)] * 2),
    )
    return [_decision(row) for row in rows]


def decided_households(
    cycle_id: UUID,
) -> list[tuple[UUID, UUID, int, list[list[int]], list[str]]]:
    """
    Return (household, area, outcome, [[unit, quantity] ...], [usable card number ...]) of a cycle.

    Goods are what was decided and what was carried over from or to other households since.
    Shape: one row per decided household, by household id, then those that only got something
    carried over; goods ascending by unit.
    """
    # Three plain reads: joined in SQL, the planner takes a cycle decided a moment ago for empty
    # and may loop over the whole register once per household.
    goods: dict[UUID, list[list[int]]] = {}
    for household, unit, quantity in fetch(
        REGISTRY,
        """SELECT household_id, unit, quantity FROM benefit_line WHERE cycle_id = %s
           ORDER BY unit, line""",
        (cycle_id,),
    ):
        goods.setdefault(household, []).append([unit, quantity])
    joined = _carry(goods, cycle_id)
    numbers: dict[UUID, list[str]] = {}
    for household, number in fetch(
        REGISTRY,
        """SELECT household_id, number FROM card
           WHERE state IN (2, 3) AND household_id IS NOT NULL ORDER BY number""",
    ):
        numbers.setdefault(household, []).append(number)
    decided = fetch(
        REGISTRY,
        """SELECT decision.household_id, household.area_id, decision.outcome
           FROM decision JOIN household ON household.id = decision.household_id
           WHERE decision.cycle_id = %s ORDER BY decision.household_id""",
        (cycle_id,),
    )
    known = {household for household, _, _ in decided}
    decided += [
        (household, area, _ENTITLED)
        for household, area in joined
        if household not in known and goods.get(household)
    ]
    return [
        (household, area, outcome, goods.get(household, []), numbers.get(household, []))
        for household, area, outcome in decided
    ]


def carried_goods(cycle_id: UUID) -> dict[UUID, list[list[int]]]:
    """Return [[unit, quantity] ...] of the households goods were carried over to or from."""
    changes: dict[UUID, dict[int, int]] = {}
    for household, unit, quantity in fetch(
        REGISTRY,
        """SELECT household, unit, sum(quantity)::bigint FROM (
               SELECT target_id AS household, unit, quantity
               FROM carried JOIN carry_order USING (change_id, cycle_id) WHERE cycle_id = %s
               UNION ALL SELECT source_id, unit, -quantity
               FROM carried JOIN carry_order USING (change_id, cycle_id) WHERE cycle_id = %s) side
           GROUP BY household, unit""",
        (cycle_id, cycle_id),
    ):
        changes.setdefault(household, {})[unit] = quantity
    for household, unit, quantity in fetch(
        REGISTRY,
        """SELECT household_id, unit, quantity FROM benefit_line
           WHERE cycle_id = %s AND household_id = ANY(%s)""",
        (cycle_id, list(changes)),
    ):
        left = changes[household]
        left[unit] = left.get(unit, 0) + quantity
    return {
        household: [[unit, left[unit]] for unit in sorted(left) if left[unit] > 0]
        for household, left in changes.items()
    }


def _carry(goods: dict[UUID, list[list[int]]], cycle_id: UUID) -> list[tuple[UUID, UUID]]:
    """Add what was carried over to what was decided; return (household, area) that got something."""
    carried = carried_goods(cycle_id)
    goods.update(carried)
    return fetch(
        REGISTRY, "SELECT id, area_id FROM household WHERE id = ANY(%s) ORDER BY id",
        (list(carried),),
    )  # fmt: skip


def outcome_totals(cycle_id: UUID, *, areas: Sequence[UUID] | None = None) -> dict[int, int]:
    """Return how many households of these areas (None: all) have each outcome."""
    if areas is None:
        return dict(
            fetch(
                REGISTRY,
                "SELECT outcome, count(*) FROM decision WHERE cycle_id = %s GROUP BY outcome",
                (cycle_id,),
            )
        )
    return dict(
        fetch(
            REGISTRY,
            """SELECT outcome, count(*) FROM decision
               JOIN household ON household.id = decision.household_id
               WHERE cycle_id = %s AND household.area_id = ANY(%s) GROUP BY outcome""",
            (cycle_id, areas),
        )
    )


def outcomes_of(cycle_id: UUID, households: Sequence[UUID]) -> dict[UUID, int]:
    """Return the outcome of each of these households that the cycle decided."""
    return dict(
        fetch(
            REGISTRY,
            """SELECT household_id, outcome FROM decision
               WHERE cycle_id = %s AND household_id = ANY(%s)""",
            (cycle_id, list(households)),
        )
    )


def units() -> dict[int, tuple[str, Mapping[str, str]]]:
    """Return code and names of every unit by its number."""
    rows = fetch(REGISTRY, "SELECT number, code, names FROM unit ORDER BY number")
    return {number: (code, names) for number, code, names in rows}


def programme_area(programme: UUID) -> UUID | None:
    """Return the area of a programme, or None when there is no such programme."""
    rows = fetch(REGISTRY, "SELECT area_id FROM programme WHERE id = %s", (programme,))
    return rows[0][0] if rows else None


def last_cycle_until(programme: UUID) -> date | None:
    """Return the last day of a programme's last cycle, or None when it never had one."""
    [(until,)] = fetch(
        REGISTRY, "SELECT max(closes_on) FROM cycle WHERE programme_id = %s", (programme,)
    )
    found: date | None = until
    return found


def programmes() -> list[tuple[UUID, Mapping[str, str], UUID]]:
    """Return the programmes that have a published rule with their areas, by code."""
    return fetch(
        REGISTRY,
        """SELECT programme.id, programme.names, programme.area_id FROM programme
           WHERE EXISTS (SELECT 1 FROM rule WHERE rule.programme_id = programme.id)
           ORDER BY programme.code""",
    )


def goods_totals(
    cycle_id: UUID, *, areas: Sequence[UUID] | None = None
) -> list[tuple[int, str, Mapping[str, str], int]]:
    """Return (unit, code, names, quantity) that a cycle gives in these areas (None: in all)."""
    return fetch(
        REGISTRY,
        """SELECT unit.number, unit.code, unit.names, sum(benefit_line.quantity)::bigint
           FROM benefit_line JOIN unit ON unit.number = benefit_line.unit
           WHERE benefit_line.cycle_id = %s AND (%s::uuid[] IS NULL OR EXISTS (
               SELECT 1 FROM household WHERE household.id = benefit_line.household_id
                 AND household.area_id = ANY(%s::uuid[])))
           GROUP BY unit.number ORDER BY unit.number""",
        (cycle_id, areas, areas),
    )


def area_totals(cycle_id: UUID, *, areas: Sequence[UUID] | None = None) -> list[AreaTotal]:
    """Return outcome counts of each of these areas (None: all), by p-code."""
    rows = fetch(
        REGISTRY,
        """SELECT area.names, count(*) FILTER (WHERE outcome = 1),
                  count(*) FILTER (WHERE outcome = 2), count(*) FILTER (WHERE outcome = 3)
           FROM decision JOIN household ON household.id = decision.household_id
           JOIN area ON area.id = household.area_id
           WHERE decision.cycle_id = %s
             AND (%s::uuid[] IS NULL OR area.id = ANY(%s::uuid[]))
           GROUP BY area.id ORDER BY area.pcode""",
        (cycle_id, areas, areas),
    )
    return [AreaTotal(*row) for row in rows]


def reported_totals(cycle_id: UUID) -> list[tuple[UUID, Mapping[str, str], date, str, int]]:
    """Return (point, point names, day, name, count) as the ledger reported them."""
    return fetch(
        REGISTRY,
        """SELECT point, point_names, day, name, count FROM cycle_total
           WHERE cycle_id = %s ORDER BY day, point, name""",
        (cycle_id,),
    )


def _cycle(row: tuple) -> CycleRow:
    values = list(row)
    values[7] = bytes(values[7])
    values[15] = None if values[15] is None else bytes(values[15])
    return CycleRow(*values)


def _decision(row: tuple) -> DecisionRow:
    cycle_id, household, outcome, clauses, frozen_row, lines = row
    given = tuple((line, unit, quantity) for line, unit, quantity in lines)
    return DecisionRow(cycle_id, household, outcome, tuple(clauses), frozen_row, given)
