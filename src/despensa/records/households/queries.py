"""
Reads of households' histories: what is so, what was so on a day, what was done and undone.

Names stay sealed; whoever shows them has opened the household first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from despensa.domain.household.membership import MemberRole, Membership
from despensa.domain.household.operation import Kind, Order, Reason
from despensa.domain.household.situation import Duty, HouseholdNow, Move, Share, Situation
from despensa.domain.household.undo import Done
from despensa.domain.lease import CollectorCheckKind, CollectorRole
from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.sealing import Column, Sealed
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY

PERSON_LIMIT, INSTITUTION_LIMIT = 5, 300


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """An institution whose office may collect."""

    id: UUID
    kind: int
    names: Mapping[str, str]
    office: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """A role that an operation began, ended, took back or let go on."""

    row: Membership
    effect: int


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One operation a household took part in; `version` is the household's right after."""

    id: UUID
    kind: Kind
    reason: Reason
    day: date
    household: UUID
    staff: UUID
    at: int
    version: int
    undoes: UUID | None
    is_undone: bool
    area_after: UUID | None
    lines: tuple[TimelineLine, ...] = field(default=())
    others: tuple[UUID, ...] = ()


_ROWS = """
    SELECT id, household_id, registrant_id, role, from_date, until_date, false FROM membership
    WHERE {membership}
    UNION ALL
    SELECT id, household_id, institution_id, role, from_date, until_date, true
    FROM institution_duty WHERE {duty}
"""
_NOW = """
    SELECT household.id, coalesce(standing.version, 0), household.area_id,
           household.registered_on, standing.area_since, standing.ended_on
    FROM household LEFT JOIN household_standing standing ON standing.household_id = household.id
    WHERE household.id = ANY(%s)
"""
# the area on a day is where the first later move came from, if any was not undone
_AREA_BEFORE = """
    SELECT DISTINCT ON (part.household_id) part.household_id, part.area_before_id AS area
    FROM household_change_part part JOIN household_change change ON change.id = part.change_id
    WHERE part.area_before_id IS NOT NULL AND change.kind IN (3, 20) AND change.day > {day}
      AND NOT EXISTS (SELECT 1 FROM household_change undo WHERE undo.undoes_id = change.id)
    ORDER BY part.household_id, part.version
"""


def situation(order: Order) -> Situation:
    """Return what is known before an operation (see `Situation`)."""
    named = [order.household, *([] if order.other is None else [order.other])]
    people = [*order.people, *_named(order.head, order.collector, order.other_head, order.kept)]
    if order.kind in {Kind.DEATH, Kind.SAME_PERSON}:
        named += [home for (home,) in fetch(
            REGISTRY,
            """SELECT DISTINCT household_id FROM membership
               WHERE registrant_id = ANY(%s) AND until_date IS NULL""",
            (list(order.people),),
        )]  # fmt: skip
    return _situation(named, people, collector=order.collector)


def situation_of_person(person: UUID, order: Order) -> Situation:
    """Return what is known before somebody is erased: every household they ever had a role in."""
    homes = [home for (home,) in fetch(
        REGISTRY,
        "SELECT DISTINCT household_id FROM membership WHERE registrant_id = %s ORDER BY 1",
        (person,),
    )]  # fmt: skip
    named = [order.household, *(home for home in homes if home != order.household)]
    return _situation(named, _named(order.head, order.collector), collector=order.collector)


def erased(people: Sequence[UUID]) -> set[UUID]:
    """Return which of these people were erased."""
    rows = fetch(REGISTRY, "SELECT person FROM erasure WHERE person = ANY(%s)", (list(people),))
    return {person for (person,) in rows}


def unknown(holders: Sequence[UUID]) -> set[UUID]:
    """Return which of these are neither people of the register nor institutions."""
    known = fetch(
        REGISTRY,
        """SELECT id FROM registrant WHERE id = ANY(%(ids)s)
           UNION ALL SELECT id FROM institution WHERE id = ANY(%(ids)s)""",
        {"ids": list(holders)},
    )
    return set(holders) - {one for (one,) in known}


def dead(people: Sequence[UUID]) -> set[UUID]:
    """Return which of these people died by an operation that was not undone."""
    # a death may name a new head as well: whose home goes on in another role is not who died
    rows = fetch(
        REGISTRY,
        """SELECT home.registrant_id FROM membership home
           JOIN household_change change ON change.household_id = home.household_id
                AND change.kind = 5
           JOIN household_change_line line ON line.change_id = change.id
                AND line.role_row = home.id AND line.effect = 2
           WHERE home.registrant_id = ANY(%s) AND home.role IN (1, 2)
             AND NOT EXISTS (SELECT 1 FROM household_change undo WHERE undo.undoes_id = change.id)
             AND NOT EXISTS (SELECT 1 FROM membership still WHERE still.begun_by = change.id
                             AND still.registrant_id = home.registrant_id AND still.role IN (1, 2))""",
        (list(people),),
    )
    return {person for (person,) in rows}


def erasure_receipt(proposal: UUID) -> bytes | None:
    """Return the signed receipt of the erasure that a proposal asked for, or None before it."""
    rows = fetch(REGISTRY, "SELECT receipt FROM erasure WHERE proposal = %s", (proposal,))
    return bytes(rows[0][0]) if rows else None


def cards_to_forget() -> list[tuple[UUID, list[str]]]:
    """Return (person, dead cards) of erasures whose cards' links may still lie with the keeper."""
    return fetch(
        REGISTRY,
        """SELECT erasure.person, coalesce(array_agg(card.number::text ORDER BY card.number)
                                           FILTER (WHERE card.number IS NOT NULL), '{}')
           FROM erasure LEFT JOIN card ON card.state = 5 AND card.household_id IN (
               SELECT household_id FROM membership WHERE registrant_id = erasure.person)
           WHERE NOT EXISTS (SELECT 1 FROM stage WHERE stage.subject = erasure.person
                             AND stage.stage = 'links_forgotten')
           GROUP BY erasure.person ORDER BY erasure.person""",
    )


def situation_of(households: Sequence[UUID]) -> Situation:
    """Return households as they stand, with every home their people ever had."""
    return _situation(households, (), collector=None)


def operation(change: UUID) -> tuple[bytes, Done] | None:
    """Return the digest of an order that was carried out and what it did, or None."""
    return operations([change]).get(change)


def operations(changes: Sequence[UUID]) -> dict[UUID, tuple[bytes, Done]]:
    """Return the digests of orders that were carried out and what they did, by operation."""
    found = fetch(
        REGISTRY,
        """SELECT change.id, change.kind, change.household_id, change.day, change.digest,
                  EXISTS (SELECT 1 FROM household_change undo WHERE undo.undoes_id = change.id)
           FROM household_change change WHERE change.id = ANY(%s)""",
        (list(changes),),
    )
    # what another writes meanwhile is not looked at by half
    wanted = [change for change, *_ in found]
    lines: dict[UUID, list[tuple[UUID, int]]] = {change: [] for change in wanted}
    for change, row, effect in fetch(
        REGISTRY,
        """SELECT change_id, role_row, effect FROM household_change_line
           WHERE change_id = ANY(%s)""",
        (wanted,),
    ):
        lines[change].append((row, effect))
    parts: dict[UUID, list[tuple[Any, ...]]] = {change: [] for change in wanted}
    for change, *part in fetch(
        REGISTRY,
        """SELECT change_id, household_id, version, area_before_id, area_after_id, before_since
           FROM household_change_part WHERE change_id = ANY(%s)""",
        (wanted,),
    ):
        parts[change].append(tuple(part))
    shares = {
        change: Share(*share)
        for change, *share in fetch(
            REGISTRY,
            """SELECT DISTINCT ON (change_id) change_id, source_id, target_id, numerator, denominator
               FROM carry_order WHERE change_id = ANY(%s) ORDER BY change_id""",
            (wanted,),
        )
    }
    return {
        change: (
            bytes(digest),
            Done(
                id=change,
                kind=Kind(kind),
                household=household,
                day=day,
                begun=frozenset(row for row, effect in lines[change] if effect == 1),
                ended=frozenset(row for row, effect in lines[change] if effect == 2),
                versions={home: version for home, version, *_ in parts[change]},
                moved=next(
                    (
                        Move(home, before, now, since)
                        for home, _, before, now, since in parts[change]
                        if before is not None
                    ),
                    None,
                ),
                share=shares.get(change),
                is_undone=is_undone,
            ),
        )
        for change, kind, household, day, digest, is_undone in found
    }


def standing(household: UUID) -> HouseholdNow | None:
    """Return a household as it stands, or None."""
    return _households([household]).get(household)


def rows_on(households: Sequence[UUID], day: date) -> list[Membership]:
    """Return every role that is held in these households on a day."""
    valid = "household_id = ANY(%s) AND from_date <= %s AND (until_date IS NULL OR until_date > %s)"
    statement = _ROWS.format(membership=valid, duty=valid)
    given = (list(households), day, day)
    return [_row(row) for row in fetch(REGISTRY, statement, (*given, *given))]


def area_on(household: UUID, day: date) -> UUID | None:
    """Return where a household lived on a day, or None when there is no such household."""
    rows = fetch(
        REGISTRY,
        f"""SELECT coalesce(earlier.area, household.area_id)
            FROM household LEFT JOIN ({_AREA_BEFORE.format(day="%s")}) earlier
                 ON earlier.household_id = household.id
            WHERE household.id = %s""",
        (day, household),
    )
    return rows[0][0] if rows else None


def timeline(household: UUID) -> list[TimelineRow]:
    """Return the operations a household took part in, newest first."""
    rows = fetch(
        REGISTRY,
        """SELECT change.id, change.kind, change.reason, change.day, change.household_id,
                  change.staff, change.at, part.version, change.undoes_id,
                  EXISTS (SELECT 1 FROM household_change undo WHERE undo.undoes_id = change.id),
                  part.area_after_id,
                  ARRAY(SELECT other.household_id FROM household_change_part other
                        WHERE other.change_id = change.id AND other.household_id <> %s
                        ORDER BY other.household_id)
           FROM household_change_part part
           JOIN household_change change ON change.id = part.change_id
           WHERE part.household_id = %s ORDER BY part.version DESC""",
        (household, household),
    )
    lines = _lines([row[0] for row in rows])
    return [
        TimelineRow(
            change, Kind(kind), Reason(reason), day, home, staff, at, version, undoes, is_undone,
            area, tuple(lines.get(change, ())), tuple(others),
        )
        for change, kind, reason, day, home, staff, at, version, undoes, is_undone, area, others
        in rows
    ]  # fmt: skip


def sealed_names(household: UUID) -> list[tuple[KeyedPerson, bytes]]:
    """Return everybody who ever had a role in a household: key and sealed name, by id."""
    rows = fetch(
        REGISTRY,
        """SELECT person.id, key.kek, key.wrapped, person.full_name
           FROM registrant person JOIN person_key key ON key.person = person.id
           WHERE person.full_name IS NOT NULL AND person.id IN (
               SELECT registrant_id FROM membership WHERE household_id = %(household)s
               UNION SELECT role.registrant_id FROM household_change_part part
                     JOIN household_change_line line ON line.change_id = part.change_id
                     JOIN membership role ON role.id = line.role_row
                     WHERE part.household_id = %(household)s)
           ORDER BY person.id""",
        {"household": household},
    )
    return [
        (KeyedPerson(person.bytes, kek, bytes(wrapped)), bytes(name))
        for person, kek, wrapped, name in rows
    ]


def check_of(programme: UUID) -> CollectorCheckKind:
    """Return what the programme asks of who collects, as it is published."""
    rows = fetch(
        REGISTRY, "SELECT confirmed_by FROM collector_limit WHERE programme_id = %s", (programme,)
    )
    return CollectorCheckKind(rows[0][0]) if rows else CollectorCheckKind.NONE


def collectors_of(
    households: Sequence[UUID], day: date
) -> dict[bytes, list[tuple[int, KeyedPerson, Sealed]]]:
    """
    Return who collects for households on a day, by household16: (role in a lease, key, name).

    The head collects where no person is the primary collector; an institution has no name here.
    """
    rows = fetch(
        REGISTRY,
        """SELECT DISTINCT ON (role.household_id, role.registrant_id)
                  role.household_id, role.role, person.id, key.kek, key.wrapped, person.full_name
           FROM membership role
           JOIN registrant person ON person.id = role.registrant_id
           JOIN person_key key ON key.person = person.id
           WHERE role.household_id = ANY(%(households)s) AND person.full_name IS NOT NULL
             AND role.from_date <= %(day)s AND (role.until_date IS NULL OR role.until_date > %(day)s)
             AND (role.role IN (3, 4) OR (role.role = 1 AND NOT EXISTS (
                 SELECT 1 FROM membership other
                 WHERE other.household_id = role.household_id AND other.role = 3
                   AND other.from_date <= %(day)s
                   AND (other.until_date IS NULL OR other.until_date > %(day)s))))
           ORDER BY role.household_id, role.registrant_id, role.role""",
        {"households": list(households), "day": day},
    )
    found: dict[bytes, list[tuple[int, KeyedPerson, Sealed]]] = {}
    for household, role, person, kek, wrapped, name in rows:
        kind = (
            CollectorRole.ALTERNATE
            if role == MemberRole.ALTERNATE_COLLECTOR
            else CollectorRole.PRIMARY
        )
        key = KeyedPerson(person.bytes, kek, bytes(wrapped))
        sealed = Sealed(Column.FULL_NAME, person.bytes, bytes(name))
        found.setdefault(household.bytes, []).append((int(kind), key, sealed))
    return found


def institutions() -> list[InstitutionRow]:
    """Return the institutions whose offices may collect, by id."""
    rows = fetch(REGISTRY, "SELECT id, kind, names, office FROM institution ORDER BY id")
    return [InstitutionRow(*row) for row in rows]


def institutions_of(household: UUID) -> list[tuple[InstitutionRow, int]]:
    """Return the institutions that collect for a household now, with their role."""
    rows = fetch(
        REGISTRY,
        """SELECT institution.id, institution.kind, institution.names, institution.office, duty.role
           FROM institution_duty duty JOIN institution ON institution.id = duty.institution_id
           WHERE duty.household_id = %s AND duty.until_date IS NULL ORDER BY duty.role""",
        (household,),
    )
    return [(InstitutionRow(*row[:4]), row[4]) for row in rows]


def areas() -> list[tuple[UUID, Mapping[str, str]]]:
    """Return every area with its names, by p-code; the root first."""
    return fetch(REGISTRY, "SELECT id, names FROM area ORDER BY level, pcode")


def area_by_pcode(pcode: str) -> UUID | None:
    """Return an area by its p-code, or None."""
    rows = fetch(REGISTRY, "SELECT id FROM area WHERE pcode = %s", (pcode,))
    return rows[0][0] if rows else None


def _situation(
    named: Sequence[UUID], people: Sequence[UUID], *, collector: UUID | None
) -> Situation:
    homes = list(dict.fromkeys(named))
    statement = _ROWS.format(
        membership="""registrant_id = ANY(%s) OR household_id = ANY(%s) OR registrant_id IN (
            SELECT registrant_id FROM membership WHERE household_id = ANY(%s))""",
        duty="household_id = ANY(%s)",
    )
    rows = [_row(row) for row in fetch(REGISTRY, statement, (list(people), homes, homes, homes))]
    return Situation(
        households=_households(homes),
        memberships={row.id: row for row in rows},
        duties={} if collector is None else _duties(collector, homes[0]),
    )


def _households(households: Sequence[UUID]) -> dict[UUID, HouseholdNow]:
    rows = fetch(REGISTRY, _NOW, (list(households),))
    return {row[0]: HouseholdNow(*row) for row in rows}


def _duties(collector: UUID, household: UUID) -> dict[UUID, Duty]:
    """Return what a collector does elsewhere, against the tightest limit that holds for it."""
    rows = fetch(
        REGISTRY,
        """WITH RECURSIVE above AS (
               SELECT area.id, area.parent_id FROM area JOIN household ON household.area_id = area.id
               WHERE household.id = %(household)s
               UNION ALL SELECT area.id, area.parent_id FROM area JOIN above
                         ON area.id = above.parent_id
           ), duty AS (
               SELECT household_id, false AS is_institution FROM membership
               WHERE registrant_id = %(collector)s AND role IN (3, 4) AND until_date IS NULL
                 AND household_id NOT IN (SELECT home.household_id FROM membership home
                     WHERE home.registrant_id = %(collector)s AND home.role IN (1, 2)
                       AND home.until_date IS NULL)
               UNION SELECT household_id, true FROM institution_duty
               WHERE institution_id = %(collector)s AND until_date IS NULL
           ), allowed AS (
               SELECT coalesce(min(bound.person), %(person)s) AS person,
                      coalesce(min(bound.institution), %(institution)s) AS institution
               FROM programme JOIN above ON above.id = programme.area_id
               LEFT JOIN collector_limit bound ON bound.programme_id = programme.id
           )
           SELECT count(*) FILTER (WHERE duty.household_id <> %(household)s),
                  CASE WHEN EXISTS (SELECT 1 FROM institution WHERE id = %(collector)s)
                       THEN allowed.institution ELSE allowed.person END
           FROM allowed LEFT JOIN duty ON true GROUP BY allowed.institution, allowed.person""",
        {
            "collector": collector,
            "household": household,
            "person": PERSON_LIMIT,
            "institution": INSTITUTION_LIMIT,
        },
    )
    return {collector: Duty(*rows[0])}


def _lines(changes: Sequence[UUID]) -> dict[UUID, list[TimelineLine]]:
    rows = fetch(
        REGISTRY,
        """SELECT line.change_id, line.effect, row.id, row.household_id, row.holder, row.role,
                  row.from_date, row.until_date, line.is_institution
           FROM household_change_line line JOIN (
               SELECT id, household_id, registrant_id AS holder, role, from_date, until_date
               FROM membership
               UNION ALL SELECT id, household_id, institution_id, role, from_date, until_date
               FROM institution_duty) row ON row.id = line.role_row
           WHERE line.change_id = ANY(%s)
           ORDER BY line.effect DESC, row.household_id, row.role, row.holder""",
        (list(changes),),
    )
    found: dict[UUID, list[TimelineLine]] = {}
    for change, effect, *row in rows:
        found.setdefault(change, []).append(TimelineLine(_row(tuple(row)), effect))
    return found


def _row(row: tuple) -> Membership:
    row_id, household, holder, role, from_day, until_day, is_institution = row
    return Membership(
        row_id, household, holder, MemberRole(role), from_day, until_day, is_institution
    )


def _named(*people: UUID | None) -> list[UUID]:
    return [person for person in people if person is not None]
