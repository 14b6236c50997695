"""Reads of the desk. No query here joins an introducer to whoever they vouched for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.enrolment.introducer import (
    DEFAULT_LIMITS,
    Introducer,
    IntroducerKind,
    Limits,
)
from despensa.domain.reach import Reach
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


@dataclass(frozen=True, slots=True)
class OfficeView:
    """A named office that may vouch: for how many it does, and may."""

    id: UUID
    kind: int
    names: Mapping[str, str]
    office: Mapping[str, str]
    area: UUID
    vouched: int
    allowed: int


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer that was given, with the paper that was signed."""

    id: UUID
    kind: int
    reason: int | None
    bring: tuple[int, ...]
    area: UUID
    staff: UUID
    at: int
    until: date
    receipt: bytes


@dataclass(frozen=True, slots=True)
class DeskDay:
    """What one member of staff did at the desk on a day, and how many answers all gave."""

    rows_alone: int
    refused: int
    appointed: int


def limits_in(area: UUID) -> Limits:
    """Return the limits of the nearest area around one that has any, else the default."""
    rows = fetch(
        REGISTRY,
        """WITH RECURSIVE line AS (
               SELECT id, parent_id, 0 AS depth FROM area WHERE id = %s
               UNION ALL SELECT area.id, area.parent_id, line.depth + 1
               FROM area JOIN line ON area.id = line.parent_id
           )
           SELECT own.person, own.office FROM line JOIN introducer_limit own ON own.area_id = line.id
           ORDER BY line.depth LIMIT 1""",
        (area,),
    )
    return Limits(*rows[0]) if rows else DEFAULT_LIMITS


def may_vouch(introducer: Introducer) -> bool:
    """Return whether somebody is there to vouch: a registrant not erased, or an institution."""
    if introducer.kind is IntroducerKind.OFFICE:
        return bool(fetch(REGISTRY, "SELECT 1 FROM institution WHERE id = %s", (introducer.id,)))
    return bool(fetch(REGISTRY, "SELECT 1 FROM person_key WHERE person = %s", (introducer.id,)))


def collector_of_card(number: str, *, reach: Reach) -> UUID | None:
    """Return who holds a card: the head, else who collects first, of its household in reach."""
    rows = fetch(
        REGISTRY,
        """SELECT membership.registrant_id FROM card
           JOIN household ON household.id = card.household_id
           JOIN membership ON membership.household_id = household.id
             AND membership.until_date IS NULL AND membership.role IN (1, 3)
           WHERE card.number = %s AND card.state IN (2, 3)
             AND (%s::uuid[] IS NULL OR household.area_id = ANY(%s::uuid[]))
           ORDER BY membership.role LIMIT 1""",
        (number, reach.areas, reach.areas),
    )
    return rows[0][0] if rows else None


def offices(*, reach: Reach) -> list[OfficeView]:
    """Return the named offices of areas in reach, by kind and id."""
    rows = fetch(
        REGISTRY,
        """SELECT office.id, office.kind, office.names, office.office, office.area_id,
                  coalesce(introducer.vouched, 0), coalesce(introducer.allowed, 0)
           FROM institution office
           LEFT JOIN introducer ON introducer.institution_id = office.id
           WHERE %s::uuid[] IS NULL OR office.area_id = ANY(%s::uuid[])
           ORDER BY office.kind, office.id""",
        (reach.areas, reach.areas),
    )
    return [OfficeView(*row) for row in rows]


def limits() -> dict[UUID, Limits]:
    """Return the limits that were set, by area."""
    rows = fetch(REGISTRY, "SELECT area_id, person, office FROM introducer_limit ORDER BY area_id")
    return {area: Limits(person, office) for area, person, office in rows}


def answer(answer_id: UUID, *, reach: Reach) -> AnswerView | None:
    """Return an answer; None when there is none, or none in reach."""
    rows = fetch(
        REGISTRY,
        """SELECT id, kind, reason, bring, area_id, staff, at, until_date, receipt
           FROM enrolment_answer
           WHERE id = %s AND (%s::uuid[] IS NULL OR area_id = ANY(%s::uuid[]))""",
        (answer_id, reach.areas, reach.areas),
    )
    if not rows:
        return None
    own, kind, reason, bring, area, staff, at, until, receipt = rows[0]
    return AnswerView(own, kind, reason, tuple(bring), area, staff, at, until, bytes(receipt))


def desk_day(staff: UUID, *, day: date, since: int, reach: Reach) -> DeskDay:
    """Return what was written alone on a day, and the answers in reach since its beginning."""
    [(rows_alone, refused, appointed)] = fetch(
        REGISTRY,
        """SELECT
             (SELECT coalesce(sum(rows), 0)::int FROM rows_taken_alone
              WHERE day = %s AND staff = %s),
             count(*) FILTER (WHERE kind = 3), count(*) FILTER (WHERE kind = 5)
           FROM enrolment_answer
           WHERE at >= %s AND (%s::uuid[] IS NULL OR area_id = ANY(%s::uuid[]))""",
        (day, staff, since, reach.areas, reach.areas),
    )
    return DeskDay(rows_alone, refused, appointed)
