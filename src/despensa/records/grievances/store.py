"""Writes of grievances, inside the use case's transaction. Only use cases import this."""

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.appeal import Answer, Ground, Reason
from despensa.domain.transparency.journal import Op
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import Columns, Plan

NOTHING = b""


class Deed(IntEnum):
    """What somebody did to a cycle."""

    DRAFTED = 1
    DECIDED = 2


@dataclass(frozen=True, slots=True)
class NewAppeal:
    """An appeal as it is written first; `text` is sealed under the key of `person`."""

    id: UUID
    cycle: UUID
    household: UUID
    person: UUID | None
    ground: Ground
    text: bytes | None
    digest: bytes
    last_day: date
    answer_until: date


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it is written; `child` is the id of the child cycle, if one follows."""

    answer: Answer
    reason: Reason | None
    child: UUID | None
    receipt: bytes
    has_waited: bool = False


def hold_cycle(cycle: UUID) -> None:
    """Let the withdrawal of a cycle come before an appeal, or wait. Locks: the cycle's row."""
    fetch(REGISTRY, "SELECT 1 FROM cycle WHERE id = %s FOR KEY SHARE", (cycle,))


def add(appeal: NewAppeal, *, acting: Acting, receipt: bytes) -> None:
    """Write an appeal that waits for its answer. Raises: IntegrityError for a second open one."""
    execute(
        REGISTRY,
        """INSERT INTO grievance
           (id, cycle_id, household_id, person_id, ground, text, digest, taken_down_by,
            taken_down_at, last_day, answer_until, brought_receipt, has_waited)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, false)""",
        (
            appeal.id, appeal.cycle, appeal.household, appeal.person, int(appeal.ground),
            appeal.text, appeal.digest, acting.staff, acting.at, appeal.last_day,
            appeal.answer_until, receipt,
        ),
    )  # fmt: skip


def journal_of(appeal: NewAppeal) -> Plan:
    """Return the journal's row of an appeal; of the text it has the hash of the sealed bytes."""
    columns: Columns = {
        "cycle_id": appeal.cycle.bytes,
        "household_id": appeal.household.bytes,
        "person_id": None if appeal.person is None else appeal.person.bytes,
        "ground": int(appeal.ground),
        "last_day": appeal.last_day.isoformat(),
        "answer_until": appeal.answer_until.isoformat(),
        "text_sha256": None if appeal.text is None else hashlib.sha256(appeal.text).digest(),
    }
    return "grievance", Op.INSERT, appeal.id, appeal.person, columns


def lock(appeal: UUID) -> None:
    """Let answers to one appeal wait for each other. Locks: its row."""
    fetch(REGISTRY, "SELECT 1 FROM grievance WHERE id = %s FOR UPDATE", (appeal,))


def answer(appeal: UUID, given: Given, *, acting: Acting) -> None:
    """Write the answer to an open appeal."""
    execute(
        REGISTRY,
        """UPDATE grievance SET answer = %s, reason = %s, answered_by = %s, answered_at = %s,
               answer_receipt = %s, child = %s, has_waited = %s WHERE id = %s AND answer IS NULL""",
        (
            int(given.answer), None if given.reason is None else int(given.reason), acting.staff,
            acting.at, given.receipt, given.child, given.has_waited, appeal,
        ),
    )  # fmt: skip


def journal_of_answer(
    appeal: UUID,
    person: UUID | None,
    given: Answer,
    reason: Reason | None,
    *,
    child: UUID | None,
    has_waited: bool,
) -> Plan:
    """Return the journal's row of an answer; it says where a wait stood for another person."""
    columns: Columns = {
        "answer": int(given),
        "reason": None if reason is None else int(reason),
        "child": None if child is None else child.bytes,
    }
    if has_waited:
        columns["has_waited"] = True
    return "grievance", Op.UPDATE, appeal, person, columns


def set_proposal(appeal: UUID, proposal: UUID) -> None:
    """Write which proposal asks two people to open the child cycle of an upheld appeal."""
    execute(REGISTRY, "UPDATE grievance SET proposal = %s WHERE id = %s", (proposal, appeal))


def forget_text(answered_before: int) -> list[tuple[UUID, UUID | None]]:
    """Erase the words of appeals answered before an instant; return which, and whose."""
    return fetch(
        REGISTRY,
        """UPDATE grievance SET text = NULL, digest = %s
           WHERE text IS NOT NULL AND answered_at < %s RETURNING id, person_id""",
        (NOTHING, answered_before),
    )


def forget_text_of(person: UUID) -> list[Plan]:
    """Erase what was said under somebody's key, answered or not; return the journal's rows."""
    rows = fetch(
        REGISTRY,
        """UPDATE grievance SET text = NULL, digest = %s
           WHERE text IS NOT NULL AND person_id = %s RETURNING id""",
        (NOTHING, person),
    )
    return [journal_of_forgetting(appeal, None) for (appeal,) in rows]


def journal_of_forgetting(appeal: UUID, person: UUID | None) -> Plan:
    """Return the journal's row that an appeal has no words any more."""
    return "grievance", Op.UPDATE, appeal, person, {"text_sha256": None}


def note_decider(cycle: UUID, staff: UUID | None, deed: Deed) -> None:
    """Remember who drafted or decided a cycle; the system itself is nobody."""
    if staff is not None:
        execute(
            REGISTRY,
            """INSERT INTO cycle_decider (cycle_id, staff, deed) VALUES (%s, %s, %s)
               ON CONFLICT DO NOTHING""",
            (cycle, staff, int(deed)),
        )
