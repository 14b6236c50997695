"""Reads of grievances for doors and use cases; what a household said stays sealed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from despensa.domain.appeal import Answer, Ground, Reason
from despensa.domain.cycle_life import disputed_until
from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.reach import Reach
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.keyset import Turn, newest_first, page_sql
from despensa.records.within import within

# whose creator and approver decide with them what a cycle gives
DECIDING = ("open_cycle",)
_PLACE = ("cycle.programme_id", "household.area_id")


@dataclass(frozen=True, slots=True)
class AppealView:
    """One appeal without its words; `has_text` says whether there are any still."""

    id: UUID
    cycle: UUID
    cycle_code: str
    programme: UUID
    household: UUID
    area: UUID
    person: UUID | None
    ground: Ground
    has_text: bool
    digest: bytes = field(repr=False)
    taken_down_by: UUID
    taken_down_at: int
    last_day: date
    answer_until: date
    brought_receipt: bytes = field(repr=False)
    answer: Answer | None
    reason: Reason | None
    answered_by: UUID | None
    answered_at: int | None
    answer_receipt: bytes | None = field(repr=False)
    child: UUID | None
    proposal: UUID | None
    proposal_state: int | None

    @property
    def is_open(self) -> bool:
        """Return whether it waits for its answer."""
        return self.answer is None


@dataclass(frozen=True, slots=True)
class Decision:
    """What an appeal is about: the cycle's programme and days, the household's area."""

    programme: UUID
    area: UUID
    closes_on: date
    closed_on: date | None
    dispute_days: int
    is_decided: bool
    has_open_appeal: bool

    @property
    def last_day(self) -> date:
        """Return the last day to appeal: what papers promise, or later if it closed later."""
        return disputed_until(self.closes_on, self.closed_on, days=self.dispute_days)


_APPEAL = """
    SELECT grievance.id, grievance.cycle_id, cycle.code, cycle.programme_id,
           grievance.household_id, household.area_id, grievance.person_id, grievance.ground,
           grievance.text IS NOT NULL, grievance.digest, grievance.taken_down_by,
           grievance.taken_down_at, grievance.last_day, grievance.answer_until,
           grievance.brought_receipt, grievance.answer, grievance.reason, grievance.answered_by,
           grievance.answered_at, grievance.answer_receipt, grievance.child,
           grievance.proposal, proposal.state
    FROM grievance JOIN cycle ON cycle.id = grievance.cycle_id
    JOIN household ON household.id = grievance.household_id
    LEFT JOIN proposal ON proposal.id = grievance.proposal
"""


def appeal(appeal_id: UUID) -> AppealView | None:
    """Return one appeal, or None."""
    rows = fetch(REGISTRY, f"{_APPEAL} WHERE grievance.id = %s", (appeal_id,))
    return _view(rows[0]) if rows else None


def waiting(limit: int, *, reach: Reach) -> list[AppealView]:
    """Return the appeals in reach that wait for an answer, those due first."""
    covered, values = within(reach, *_PLACE)
    rows = fetch(
        REGISTRY,
        f"""{_APPEAL} WHERE grievance.answer IS NULL AND {covered}
            ORDER BY grievance.answer_until, grievance.id LIMIT %s""",
        (*values, limit),
    )
    return [_view(row) for row in rows]


def count_waiting(reach: Reach) -> int:
    """Return how many appeals in reach wait for an answer."""
    covered, values = within(reach, *_PLACE)
    [(found,)] = fetch(
        REGISTRY,
        f"""SELECT count(*) FROM grievance JOIN cycle ON cycle.id = grievance.cycle_id
            JOIN household ON household.id = grievance.household_id
            WHERE grievance.answer IS NULL AND {covered}""",
        values,
    )
    return int(found)


def answered(limit: int, *, reach: Reach, turn: Turn | None = None) -> list[AppealView]:
    """Return the appeals in reach that were answered, newest first, from `turn` on."""
    covered, values = within(reach, *_PLACE)
    page, keys, order = page_sql("grievance.taken_down_at", "grievance.id", turn)
    rows = fetch(
        REGISTRY,
        f"""{_APPEAL} WHERE grievance.answer IS NOT NULL AND {covered} AND {page}
            ORDER BY {order} LIMIT %s""",
        (*values, *keys, limit),
    )
    return newest_first([_view(row) for row in rows], turn)


def of_household(household: UUID) -> list[AppealView]:
    """Return the appeals of a household, newest first."""
    rows = fetch(
        REGISTRY,
        f"""{_APPEAL} WHERE grievance.household_id = %s
            ORDER BY grievance.taken_down_at DESC, grievance.id""",
        (household,),
    )
    return [_view(row) for row in rows]


def decision(cycle: UUID, household: UUID) -> Decision | None:
    """Return what an appeal would be about, None where there is no such cycle or household."""
    rows = fetch(
        REGISTRY,
        """SELECT cycle.programme_id, household.area_id, cycle.closes_on, cycle.closed_on,
                  cycle.dispute_days,
                  EXISTS (SELECT 1 FROM decision WHERE decision.cycle_id = cycle.id
                          AND decision.household_id = household.id),
                  EXISTS (SELECT 1 FROM grievance WHERE grievance.cycle_id = cycle.id
                          AND grievance.household_id = household.id AND grievance.answer IS NULL)
           FROM cycle, household WHERE cycle.id = %s AND household.id = %s""",
        (cycle, household),
    )
    return Decision(*rows[0]) if rows else None


def speaker(household: UUID) -> tuple[UUID, KeyedPerson] | None:
    """
    Return whose key seals what a household says: its head, else who lives there or collects.

    None where nobody of it is in the register any more.
    """
    rows = fetch(
        REGISTRY,
        """SELECT membership.registrant_id, person_key.kek, person_key.wrapped
           FROM membership JOIN person_key ON person_key.person = membership.registrant_id
           WHERE membership.household_id = %s
           ORDER BY membership.until_date DESC NULLS FIRST, membership.role, membership.id
           LIMIT 1""",
        (household,),
    )
    if not rows:
        return None
    person, kek, wrapped = rows[0]
    return person, KeyedPerson(person.bytes, kek, bytes(wrapped))


def sealed_text(appeal_id: UUID) -> bytes | None:
    """Return the sealed words of an appeal, or None."""
    rows = fetch(REGISTRY, "SELECT text FROM grievance WHERE id = %s", (appeal_id,))
    return bytes(rows[0][0]) if rows and rows[0][0] is not None else None


def deciders(cycle: UUID) -> frozenset[UUID]:
    """Return who drafted, decided, proposed or approved a cycle, or the one it follows."""
    rows = fetch(
        REGISTRY,
        """SELECT cycle_decider.staff FROM cycle
           JOIN cycle_decider ON cycle_decider.cycle_id IN (cycle.id, cycle.root_cycle)
           WHERE cycle.id = %(cycle)s
           UNION
           SELECT unnest(ARRAY[proposal.creator, approval.approver])
           FROM cycle JOIN proposal ON proposal.programme = cycle.programme_id
           LEFT JOIN approval ON approval.proposal_id = proposal.id
           WHERE cycle.id = %(cycle)s AND proposal.action = ANY(%(actions)s)
             AND (position(uuid_send(cycle.id) IN proposal.canonical) > 0
                  OR position(uuid_send(cycle.root_cycle) IN proposal.canonical) > 0)""",
        {"cycle": cycle, "actions": list(DECIDING)},
    )
    return frozenset(staff for (staff,) in rows if staff is not None)


def without_remedy() -> list[AppealView]:
    """
    Return the upheld appeals whose child cycle is not decided, or gives and is not proposed.

    Of a cycle that was withdrawn none: nobody got anything of it, and the next one decides anew.
    """
    rows = fetch(
        REGISTRY,
        f"""{_APPEAL} WHERE grievance.answer = 1 AND grievance.proposal IS NULL
            AND cycle.state > 0 AND NOT EXISTS (
                SELECT 1 FROM cycle child WHERE child.id = grievance.child AND child.state >= 2
                AND NOT EXISTS (SELECT 1 FROM benefit_line line WHERE line.cycle_id = child.id))
            ORDER BY grievance.answered_at, grievance.id""",
    )
    return [_view(row) for row in rows]


def upheld_for(child: UUID) -> AppealView | None:
    """Return the upheld appeal from which a child cycle follows, or None."""
    rows = fetch(REGISTRY, f"{_APPEAL} WHERE grievance.child = %s", (child,))
    return _view(rows[0]) if rows else None


@contextmanager
def taking_turns(appeal_id: UUID) -> Iterator[None]:
    """Let the making of one appeal's child cycle wait for another that makes it already."""
    key = f"appeal {appeal_id}"
    fetch(REGISTRY, "SELECT pg_advisory_lock(hashtextextended(%s, 0))::text", (key,))
    try:
        yield
    finally:
        fetch(REGISTRY, "SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (key,))


def with_open_appeals(cycles: Sequence[UUID]) -> frozenset[UUID]:
    """Return those of these cycles against whose decisions an appeal waits for its answer."""
    rows = fetch(
        REGISTRY,
        "SELECT DISTINCT cycle_id FROM grievance WHERE answer IS NULL AND cycle_id = ANY(%s)",
        (list(cycles),),
    )
    return frozenset(cycle for (cycle,) in rows)


def _view(row: tuple) -> AppealView:
    values = list(row)
    values[7] = Ground(values[7])
    values[9], values[14] = bytes(values[9]), bytes(values[14])
    values[15] = None if values[15] is None else Answer(values[15])
    values[16] = None if values[16] is None else Reason(values[16])
    values[19] = None if values[19] is None else bytes(values[19])
    return AppealView(*values)
