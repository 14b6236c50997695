"""Writes of programmes, rules, cycles and decisions. Only use cases import this."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connections
from psycopg.types.json import Jsonb

from despensa.records.bulk import execute, fetch, widen_memory
from despensa.records.databases import REGISTRY

DRAFT, DECIDED, OPENING, OPEN, CLOSED = 1, 2, 3, 4, 5


class WrongState(RuntimeError):
    """The cycle is not in the state this step starts from."""


class RuleKnown(RuntimeError):
    """The same rule was published before."""


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


def add_units(units: Sequence[tuple[int, str, Mapping[str, str]]]) -> None:
    """Write units (number, code, names) that are not there yet."""
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


def add_programme(programme: UUID, *, code: str, names: Mapping[str, str], area: UUID) -> None:
    """Write a programme."""
    execute(
        REGISTRY,
        "INSERT INTO programme (id, code, names, area_id) VALUES (%s, %s, %s, %s)",
        (programme, code, Jsonb(dict(names)), area),
    )


def add_rule(
    rule: UUID, *, programme: UUID, text: str, digest: bytes, proposal: UUID, now: int
) -> int:
    """
    Write a published rule as the programme's next version and return that.

    Raises: RuleKnown when the same rule was published before.
    """
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
    """Write a draft cycle."""
    execute(
        REGISTRY,
        """INSERT INTO cycle (id, programme_id, rule_id, root_cycle, code, state, reference_date,
                              opens_on, closes_on, totals)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '{}')""",
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
        ),
    )


def stage_decisions(csv: Iterable[bytes]) -> None:
    """
    Take in the engine's CSV for `write_decisions` of the same transaction.

    Shape: see `ports.engine.Engine.copy_text`.
    """
    widen_memory(REGISTRY)
    with connections[REGISTRY].cursor() as cursor:
        cursor.execute(
            """CREATE TEMPORARY TABLE decided (household uuid, frozen_row int, outcome smallint,
                                               clauses text[], lines jsonb) ON COMMIT DROP"""
        )
        with cursor.copy("COPY decided FROM STDIN (FORMAT csv)") as copy:
            for part in csv:
                copy.write(part)


def write_decisions(cycle: UUID, root_cycle: UUID) -> int:
    """
    Write the decisions of a cycle that were staged and return how many.

    Raises: django.db.IntegrityError when a household already has this benefit in the root cycle.
    """
    with connections[REGISTRY].cursor() as cursor:
        cursor.execute(
            """INSERT INTO decision (cycle_id, household_id, outcome, clauses, frozen_row)
               SELECT %s, household, outcome, clauses, frozen_row FROM decided
               ORDER BY household""",
            (cycle,),
        )
        count: int = cursor.rowcount
        cursor.execute(
            """INSERT INTO benefit_line (root_cycle, household_id, line, cycle_id, unit, quantity)
               SELECT %s, decided.household, line.value ->> 0, %s, unit.number,
                      (line.value ->> 1)::bigint
               FROM decided CROSS JOIN LATERAL jsonb_array_elements(decided.lines) AS line (value)
               LEFT JOIN unit ON unit.code = line.value ->> 0
               ORDER BY decided.household""",
            (root_cycle, cycle),
        )
    return count


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
        raise WrongState("The cycle is not in the state this step starts from.")


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
