"""Writes of the desk, inside the use case's transaction. Only use cases import this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.enrolment.introducer import Introducer, IntroducerKind, require_room
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY

_OWNER = {IntroducerKind.PERSON: "registrant_id", IntroducerKind.OFFICE: "institution_id"}


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer as it is kept; `reason` and `bring` are the numbers of the format."""

    id: UUID
    kind: int
    reason: int | None
    bring: Sequence[int]
    area: UUID
    staff: UUID
    at: int
    until: date
    receipt: bytes


def vouch(introducer: Introducer, row: UUID, *, allowed: int, erase_on: date) -> int:
    """
    Count one more household an introducer vouches for; return for how many that is.

    `row` is the id of an introducer who never vouched before.
    Locks: the introducer's row.
    Raises: IntroducerRefused above the limit; the table's constraint stands behind it.
    """
    owner = _OWNER[introducer.kind]
    execute(
        REGISTRY,
        f"""INSERT INTO introducer (id, {owner}, vouched, allowed) VALUES (%s, %s, 0, %s)
            ON CONFLICT ({owner}) DO NOTHING""",
        (row, introducer.id, allowed),
    )
    [(own, vouched)] = fetch(
        REGISTRY,
        f"SELECT id, vouched FROM introducer WHERE {owner} = %s FOR UPDATE",
        (introducer.id,),
    )
    require_room(vouched, allowed)
    execute(
        REGISTRY,
        "UPDATE introducer SET vouched = vouched + 1, allowed = %s WHERE id = %s",
        (allowed, own),
    )
    execute(
        REGISTRY,
        """INSERT INTO introducer_month AS month (introducer_id, erase_on, links) VALUES (%s, %s, 1)
           ON CONFLICT (introducer_id, erase_on) DO UPDATE SET links = month.links + 1""",
        (own, erase_on),
    )
    return vouched + 1


def add_introduction(person: UUID, *, sealed: bytes, erase_on: date) -> None:
    """Write the sealed link of a person who was vouched for."""
    execute(
        REGISTRY,
        "INSERT INTO introduction (person_id, sealed, erase_on) VALUES (%s, %s, %s)",
        (person, sealed, erase_on),
    )


def erase_introductions(today: date) -> int:
    """Destroy the links whose time is over, let their introducers vouch again; return how many."""
    gone = execute(REGISTRY, "DELETE FROM introduction WHERE erase_on <= %s", (today,))
    execute(
        REGISTRY,
        """WITH ended AS (
               DELETE FROM introducer_month WHERE erase_on <= %s RETURNING introducer_id, links
           ), summed AS (
               SELECT introducer_id, sum(links)::int AS links FROM ended GROUP BY introducer_id
           )
           UPDATE introducer SET vouched = vouched - summed.links
           FROM summed WHERE introducer.id = summed.introducer_id""",
        (today,),
    )
    return gone


def forget_person(person: UUID) -> bool:
    """
    Destroy a person's own link, and what says that they vouched; return whether there was a link.

    Links of whoever they vouched for name an id whose row is empty from now on.
    """
    execute(
        REGISTRY,
        """DELETE FROM introducer_month USING introducer
           WHERE introducer.id = introducer_month.introducer_id AND introducer.registrant_id = %s""",
        (person,),
    )
    execute(REGISTRY, "DELETE FROM introducer WHERE registrant_id = %s", (person,))
    return execute(REGISTRY, "DELETE FROM introduction WHERE person_id = %s", (person,)) == 1


def set_limits(area: UUID, *, person: int, office: int) -> None:
    """Write for how many households introducers of an area may vouch at a time."""
    execute(
        REGISTRY,
        """INSERT INTO introducer_limit (area_id, person, office) VALUES (%s, %s, %s)
           ON CONFLICT (area_id) DO UPDATE
           SET person = excluded.person, office = excluded.office""",
        (area, person, office),
    )


def answers_take_turns(answer: UUID) -> None:
    """
    Let the same answer, sent twice at once, wait for itself.

    Locks: the answer's id, until the transaction ends.
    """
    fetch(REGISTRY, "SELECT 1 FROM pg_advisory_xact_lock(hashtext(%s))", (f"answer/{answer}",))


def add_answer(answer: AnswerRow) -> None:
    """Write the answer to an enrolment that did not come about."""
    execute(
        REGISTRY,
        """INSERT INTO enrolment_answer
           (id, kind, reason, bring, area_id, staff, at, until_date, receipt)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            answer.id,
            answer.kind,
            answer.reason,
            list(answer.bring),
            answer.area,
            answer.staff,
            answer.at,
            answer.until,
            answer.receipt,
        ),
    )
