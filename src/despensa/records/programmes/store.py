"""Writes of programmes, rules, cycles and decisions. Only use cases import this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connections
from psycopg.types.json import Jsonb

from despensa.domain.cycle_life import DISPUTE_DAYS
from despensa.records import journal_rows
from despensa.records.bulk import broken_rule, execute, fetch, widen_memory
from despensa.records.databases import REGISTRY

WITHDRAWN, DRAFT, DECIDED, OPENING, OPEN, CLOSED, SETTLED, FADING, FADED = range(9)
_STATE_NAMES = {
    0: "withdrawn",
    1: "a draft", 2: "decided", 3: "being opened", 4: "open", 5: "closed", 6: "settled",
    7: "fading", 8: "faded",
}  # fmt: skip


class WrongState(RuntimeError):
    """The cycle is not in the state this step starts from."""


class RuleKnown(RuntimeError):
    """The same rule was published before."""


class ProgrammeKnown(RuntimeError):
    """Another programme has this code."""


class UnitKnown(RuntimeError):
    """A unit has this number under another code, or this code under another number."""


class CycleKnown(RuntimeError):
    """Another cycle of the programme has this code."""


class BenefitGiven(RuntimeError):
    """A household has this benefit in the same root cycle already."""


class ProgrammeEnded(RuntimeError):
    """The programme has ended: no rule or cycle of it begins any more."""


class UnitUnknown(RuntimeError):
    """The rule gives a unit that no programme defined."""


@dataclass(frozen=True, slots=True)
class NewCycle:
    """A cycle on its way in; a root cycle has `root` equal to `id`."""

    id: UUID
    programme: UUID
    rule: UUID
    root: UUID
    code: str
    reference_date: date
    opens_on: date
    closes_on: date
    dispute_days: int = DISPUTE_DAYS


def add_units(units: Sequence[tuple[int, str, Mapping[str, str]]]) -> None:
    """
    Write units (number, code, names) that are not there yet.

    Raises: UnitKnown when number and code do not belong together.
    """
    execute(
        REGISTRY,
        """INSERT INTO unit (number, code, names)
           SELECT * FROM unnest(%s::int[], %s::text[], %s::jsonb[]) ON CONFLICT DO NOTHING""",
        (
            [number for number, _, _ in units],
            [code for _, code, _ in units],
            [Jsonb(dict(names)) for _, _, names in units],
        ),
    )
    numbers = dict(fetch(REGISTRY, "SELECT code, number FROM unit"))
    for number, code, _ in units:
        if numbers.get(code) != number:
            raise UnitKnown(
                f"The unit {code} cannot have the number {number}: one of the two is taken. "
                "Define the programme again; nothing was changed."
            )


def add_programme(programme: UUID, *, code: str, names: Mapping[str, str], area: UUID) -> None:
    """
    Write a programme.

    Raises: ProgrammeKnown when another has its code.
    """
    try:
        execute(
            REGISTRY,
            "INSERT INTO programme (id, code, names, area_id) VALUES (%s, %s, %s, %s)",
            (programme, code, Jsonb(dict(names)), area),
        )
    except IntegrityError as error:
        if not broken_rule(error).startswith("programme_code"):
            raise
        raise ProgrammeKnown(
            f"There is a programme called {code} already. Choose another code; nothing was changed."
        ) from error


def end_programme(programme: UUID, *, on: date, staff: UUID) -> None:
    """Write that a programme ends; the database refuses a second end. Locks: the programme."""
    _take_turns(programme)
    execute(
        REGISTRY,
        "INSERT INTO programme_end (programme_id, ended_on, staff) VALUES (%s, %s, %s)",
        (programme, on, staff),
    )


def require_going_on(programme: UUID) -> None:
    """Refuse to begin something of a programme that has ended. Raises: ProgrammeEnded."""
    _take_turns(programme)
    ended = fetch(
        REGISTRY, "SELECT ended_on FROM programme_end WHERE programme_id = %s", (programme,)
    )
    if ended:
        raise ProgrammeEnded(
            f"This programme ended on {ended[0][0]}: no rule or cycle of it begins any more. "
            "Define a new programme; nothing was changed."
        )


def _take_turns(programme: UUID) -> None:
    """Let what ends a programme and what begins in it wait for each other."""
    fetch(
        REGISTRY,
        "SELECT pg_advisory_xact_lock(hashtextextended('programme' || %s::text, 0))",
        (programme,),
    )


def add_rule(
    rule: UUID, *, programme: UUID, text: str, digest: bytes, proposal: UUID, now: int
) -> int:
    """
    Write a published rule as the programme's next version and return that.

    Raises: RuleKnown when the same rule was published before; ProgrammeEnded.
    """
    require_going_on(programme)
    try:
        [(version,)] = fetch(
            REGISTRY,
            """INSERT INTO rule (id, programme_id, version, text, hash, proposal, published_at)
               SELECT %s, %s, coalesce(max(version), 0) + 1, %s, %s, %s, %s
               FROM rule WHERE programme_id = %s RETURNING version""",
            (rule, programme, text, digest, proposal, now, programme),
        )
    except IntegrityError as error:
        raise RuleKnown("This rule is published already: nothing was changed.") from error
    return int(version)


def add_cycle(cycle: NewCycle) -> None:
    """
    Write a draft cycle.

    Raises: CycleKnown when the programme has another of this code; ProgrammeEnded.
    """
    require_going_on(cycle.programme)
    try:
        execute(
            REGISTRY,
            """INSERT INTO cycle (id, programme_id, rule_id, root_cycle, code, state,
                                  reference_date, opens_on, closes_on, dispute_days, totals)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '{}')""",
            (
                cycle.id,
                cycle.programme,
                cycle.rule,
                cycle.root,
                cycle.code,
                DRAFT,
                cycle.reference_date,
                cycle.opens_on,
                cycle.closes_on,
                cycle.dispute_days,
            ),
        )
    except IntegrityError as error:
        if broken_rule(error) != "cycle_code_once":
            raise
        raise CycleKnown(
            f"This programme has a cycle called {cycle.code} already. Choose another name; "
            "nothing was changed."
        ) from error


def journal_of(cycle: NewCycle) -> list[bytes]:
    """Return the journal row of a drafted cycle."""
    columns: dict[int | str, Any] = {
        "programme_id": cycle.programme.bytes,
        "rule_id": cycle.rule.bytes,
        "root_cycle": cycle.root.bytes,
        "code": cycle.code,
        "reference_date": cycle.reference_date.isoformat(),
        "opens_on": cycle.opens_on.isoformat(),
        "closes_on": cycle.closes_on.isoformat(),
        "dispute_days": cycle.dispute_days,
    }
    return journal_rows.inserted("cycle", [(cycle.id.bytes, columns)])


def begin_decisions() -> None:
    """Make room for decisions on their way in, until the end of the transaction."""
    widen_memory(REGISTRY)
    execute(
        REGISTRY,
        """CREATE TEMPORARY TABLE decided (household uuid, frozen_row int, outcome smallint,
                                           clauses text[], lines jsonb) ON COMMIT DROP""",
    )


def stage_decisions(csv: bytes) -> None:
    """
    Take in a part of the engine's CSV for `write_decisions` of the same transaction.

    Shape: whole lines; see `ports.engine.Engine.copy_text`.
    """
    with (
        connections[REGISTRY].cursor() as cursor,
        connections[REGISTRY].wrap_database_errors,
        cursor.copy("COPY decided FROM STDIN (FORMAT csv)") as copy,
    ):
        copy.write(csv)


def write_decisions(cycle: UUID, root_cycle: UUID) -> int:
    """
    Write the decisions of a root cycle that were staged and return how many.

    Raises: BenefitGiven; UnitUnknown.
    """
    try:
        count = write_outcomes(cycle)
        execute(
            REGISTRY,
            """INSERT INTO benefit_line (root_cycle, household_id, line, cycle_id, unit, quantity)
               SELECT %s, decided.household, line.value ->> 0, %s, unit.number,
                      (line.value ->> 1)::bigint
               FROM decided CROSS JOIN LATERAL jsonb_array_elements(decided.lines) AS line (value)
               LEFT JOIN unit ON unit.code = line.value ->> 0
               ORDER BY decided.household""",
            (root_cycle, cycle),
        )
    except IntegrityError as error:
        refuse_lines(error)
        raise
    return count


def write_outcomes(cycle: UUID) -> int:
    """Write the outcomes that were staged, without what they give, and return how many."""
    return execute(
        REGISTRY,
        """INSERT INTO decision (cycle_id, household_id, outcome, clauses, frozen_row)
           SELECT %s, household, outcome, clauses, frozen_row FROM decided ORDER BY household""",
        (cycle,),
    )


def refuse_lines(error: IntegrityError) -> None:
    """
    Say in a sentence which rule of the books the lines of a cycle broke.

    Raises: BenefitGiven; UnitUnknown; nothing for another rule.
    """
    if broken_rule(error) == "unit":
        raise UnitUnknown(
            "The rule gives something that no programme defined as a unit. Define it with "
            "despensa programme define, or mend the rule; nothing was decided."
        ) from error
    if broken_rule(error) == "benefit_line_pkey":
        raise BenefitGiven(
            "A household has this benefit in this cycle or the one it follows already; nothing "
            "was decided. A second benefit is a cycle of its own, with another line in its rule."
        ) from error


def move(cycle: UUID, *, from_state: int, to_state: int, changes: Mapping[str, Any]) -> None:
    """
    Move a cycle forward and set `changes` (columns of our own code).

    Raises: WrongState when it is not in `from_state`.
    """
    columns = "".join(f", {column} = %s" for column in changes)
    changed = execute(
        REGISTRY,
        f"UPDATE cycle SET state = %s{columns} WHERE id = %s AND state = %s",
        (to_state, *changes.values(), cycle, from_state),
    )
    if changed != 1:
        found = fetch(REGISTRY, "SELECT code, state FROM cycle WHERE id = %s", (cycle,))
        if not found:
            raise WrongState("There is no such cycle. See: despensa cycle list.")
        [(code, state)] = found
        raise WrongState(
            f"The cycle {code} is {_STATE_NAMES[state]}, and this step starts from one that is "
            f"{_STATE_NAMES[from_state]}: nothing was changed. See: despensa cycle list."
        )


def require_current(cycle: UUID) -> None:
    """
    Refuse a cycle that was decided with households whose import was undone since.

    Raises: WrongState. Locks: the cycle, so that such an undo comes before or waits.
    """
    rows = fetch(
        REGISTRY,
        """SELECT cycle.code, EXISTS (SELECT 1 FROM stage WHERE stage.subject = cycle.id
                                      AND stage.stage = 'outdated')
           FROM cycle WHERE cycle.id = %s FOR UPDATE OF cycle""",
        (cycle,),
    )
    if rows and rows[0][1]:
        raise WrongState(
            f"An import whose households the cycle {rows[0][0]} counted was undone after it was "
            "decided: nothing was changed. Draft a new cycle and decide that one."
        )


def set_totals(
    rows: Sequence[tuple[UUID, UUID, Mapping[str, str], date, str, int]],
) -> None:
    """Add counts the ledger reported: (cycle, point, point names, day, name, count)."""
    execute(
        REGISTRY,
        """INSERT INTO cycle_total (cycle_id, point, point_names, day, name, count)
           SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::jsonb[], %s::date[], %s::text[],
                                %s::bigint[])
           ON CONFLICT (cycle_id, point, day, name)
           DO UPDATE SET count = cycle_total.count + excluded.count""",
        (
            [row[0] for row in rows],
            [row[1] for row in rows],
            [Jsonb(dict(row[2])) for row in rows],
            *([row[at] for row in rows] for at in (3, 4, 5)),
        ),
    )
