"""
Reads of pairs that may be one person. Values stay sealed; lists hold no name and no number of anybody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from despensa.domain.duplicate import Record, Source, Strength, Verdict
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.reach import Reach
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.registry.given_way import GAVE_WAY


@dataclass(frozen=True, slots=True)
class Decided:
    """
    The latest decision of a pair; `number` 0 and no verdict before the first.

    Holds: an operation that was undone leaves no verdict.
    """

    number: int
    verdict: Verdict | None
    at: int | None
    staff: UUID | None
    change: UUID | None
    money_waits_until: date | None


@dataclass(frozen=True, slots=True)
class WaitingPair:
    """A pair that waits for somebody to look at it: where its people live, never who they are."""

    id: UUID
    strength: Strength
    found_at: int
    areas: tuple[Mapping[str, str], Mapping[str, str]]
    one_household: bool
    decided: Decided


@dataclass(frozen=True, slots=True)
class PairView:
    """One pair; `reasons` sealed under the key of the first person."""

    id: UUID
    first: UUID
    second: UUID
    strength: Strength
    source: Source
    reasons: bytes = field(repr=False)
    found_at: int
    decided: Decided


@dataclass(frozen=True, slots=True)
class RecordView:
    """One of the two people: what stands in the clear, and what only the keeper opens."""

    id: UUID
    home: UUID | None
    area: UUID
    area_names: Mapping[str, str]
    since: date
    role: int | None
    people_at_home: int
    sex: int | None
    birth_month: date | None
    birth_precision: int
    key: KeyedPerson | None = field(repr=False)
    full_name: bytes | None = field(repr=False)
    name_parts: bytes | None = field(repr=False)
    address: bytes | None = field(repr=False)
    birth_day: bytes | None = field(repr=False)
    documents: Sequence[tuple[UUID, bytes]] = field(default=(), repr=False)
    phones: Sequence[tuple[UUID, bytes]] = field(default=(), repr=False)

    @property
    def record(self) -> Record:
        """Return what decides which of two records is kept."""
        return Record(self.id, self.home, self.since)


# the latest decision; "the same" counts as none once its operation was undone
_LATEST = """
    LEFT JOIN LATERAL (
        SELECT decision.number, decision.at, decision.staff, decision.money_waits_until,
               CASE WHEN undo.id IS NULL THEN decision.verdict END AS verdict,
               CASE WHEN undo.id IS NULL THEN decision.change_id END AS change_id
        FROM duplicate_decision decision
        LEFT JOIN household_change undo ON undo.undoes_id = decision.change_id
        WHERE decision.pair_id = pair.id ORDER BY decision.number DESC LIMIT 1) latest ON true
"""
_WAITING = f"""
    FROM duplicate_pair pair
    JOIN membership one ON one.registrant_id = pair.person_a_id AND one.until_date IS NULL
         AND one.role IN (1, 2)
    JOIN membership two ON two.registrant_id = pair.person_b_id AND two.until_date IS NULL
         AND two.role IN (1, 2)
    JOIN household here ON here.id = one.household_id
    JOIN household there ON there.id = two.household_id
    JOIN area area_one ON area_one.id = here.area_id
    JOIN area area_two ON area_two.id = there.area_id
    {_LATEST}
    WHERE (latest.verdict IS NULL OR latest.verdict = 3)
      AND (%(areas)s::uuid[] IS NULL
           OR here.area_id = ANY(%(areas)s::uuid[]) AND there.area_id = ANY(%(areas)s::uuid[]))
"""


def waiting(limit: int, *, reach: Reach) -> list[WaitingPair]:
    """
    Return pairs in reach that wait for a decision: asked ones last, the surest first.

    A pair is in reach when both people are. People who live nowhere any more wait for nothing.
    """
    rows = fetch(
        REGISTRY,
        f"""SELECT pair.id, pair.strength, pair.found_at, area_one.names, area_two.names,
                   here.id = there.id, latest.number, latest.verdict, latest.at, latest.staff,
                   latest.change_id, latest.money_waits_until
            {_WAITING}
            ORDER BY coalesce(latest.verdict, 0), pair.strength DESC, pair.found_at, pair.id
            LIMIT %(limit)s""",
        {"areas": reach.areas, "limit": limit},
    )
    return [
        WaitingPair(row[0], Strength(row[1]), row[2], (row[3], row[4]), row[5], _decided(row[6:]))
        for row in rows
    ]


def count_waiting(*, reach: Reach) -> int:
    """Return how many pairs in reach wait for a decision."""
    [(count,)] = fetch(REGISTRY, f"SELECT count(*) {_WAITING}", {"areas": reach.areas})
    return int(count)


def waiting_about(people: Sequence[UUID], *, reach: Reach) -> list[UUID]:
    """Return the pairs in reach that wait for a decision and are about one of these people."""
    rows = fetch(
        REGISTRY,
        f"""SELECT pair.id {_WAITING}
              AND (pair.person_a_id = ANY(%(people)s) OR pair.person_b_id = ANY(%(people)s))
            ORDER BY pair.found_at, pair.id""",
        {"areas": reach.areas, "people": list(people)},
    )
    return [pair_id for (pair_id,) in rows]


def pair(pair_id: UUID) -> PairView | None:
    """Return one pair with its latest decision, or None."""
    rows = fetch(
        REGISTRY,
        f"""SELECT pair.id, pair.person_a_id, pair.person_b_id, pair.strength, pair.source,
                   pair.reasons, pair.found_at, latest.number, latest.verdict, latest.at,
                   latest.staff, latest.change_id, latest.money_waits_until
            FROM duplicate_pair pair {_LATEST} WHERE pair.id = %s""",
        (pair_id,),
    )
    if not rows:
        return None
    [(found, first, second, strength, source, reasons, found_at, *decided)] = rows
    return PairView(
        found, first, second, Strength(strength), Source(source), bytes(reasons), found_at,
        _decided(decided),
    )  # fmt: skip


def records(people: Sequence[UUID]) -> dict[UUID, RecordView]:
    """Return people as they stand in the books, sealed; somebody without a home at their last one."""
    rows = fetch(
        REGISTRY,
        """SELECT person.id, home.household_id, area.id, area.names,
                  (SELECT min(every.from_date) FROM membership every
                   WHERE every.registrant_id = person.id),
                  home.role,
                  (SELECT count(*) FROM membership beside
                   WHERE beside.household_id = home.household_id AND beside.until_date IS NULL
                     AND beside.role IN (1, 2)),
                  person.sex, person.birth_month, person.birth_precision, key.kek, key.wrapped,
                  person.full_name, person.name_parts, person.address, person.birth_day
           FROM registrant person
           LEFT JOIN person_key key ON key.person = person.id
           LEFT JOIN membership home ON home.registrant_id = person.id
                AND home.until_date IS NULL AND home.role IN (1, 2)
           LEFT JOIN LATERAL (
               SELECT household_id FROM membership WHERE registrant_id = person.id
               ORDER BY until_date DESC NULLS FIRST, from_date DESC, id LIMIT 1) last ON true
           JOIN household ON household.id = coalesce(home.household_id, last.household_id)
           JOIN area ON area.id = household.area_id
           WHERE person.id = ANY(%s)""",
        (list(people),),
    )
    documents, phones = (
        _numbers("registrant_document", people),
        _numbers("registrant_phone", people),
    )
    return {
        person: RecordView(
            person, home, area, names, since, role, beside, sex, month, precision,
            None if kek is None else KeyedPerson(person.bytes, kek, bytes(wrapped)),
            _bytes(full_name),
            _bytes(name_parts), _bytes(address), _bytes(birth_day),
            documents.get(person, ()), phones.get(person, ()),
        )
        for (
            person, home, area, names, since, role, beside, sex, month, precision, kek, wrapped,
            full_name, name_parts, address, birth_day,
        ) in rows
    }  # fmt: skip


def known_pairs(people: Sequence[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return which of these pairs were found before, whatever was decided of them."""
    rows = fetch(
        REGISTRY,
        """SELECT pair.person_a_id, pair.person_b_id
           FROM unnest(%s::uuid[], %s::uuid[]) AS given (first, second)
           JOIN duplicate_pair pair ON pair.person_a_id = given.first
                AND pair.person_b_id = given.second""",
        ([first for first, _ in people], [second for _, second in people]),
    )
    return set(rows)


def sharing(
    people: Sequence[UUID], tokens: Sequence[int], limit: int
) -> list[tuple[UUID, list[int]]]:
    """
    Return who beside these people lives somewhere and shares most of these tokens, and which.

    What a record that gave way is known by counts for the one that goes on.
    """
    return fetch(
        REGISTRY,
        f"""WITH RECURSIVE led (found, now) AS (
                SELECT DISTINCT person, person FROM search_token WHERE token = ANY(%(tokens)s)
                UNION
                SELECT led.found, way.kept FROM led JOIN ({GAVE_WAY}) way ON way.later = led.now)
           SELECT led.now, array_agg(DISTINCT known.token)
           FROM led
           JOIN search_token known ON known.person = led.found AND known.token = ANY(%(tokens)s)
           JOIN membership home ON home.registrant_id = led.now AND home.until_date IS NULL
                AND home.role IN (1, 2)
           WHERE led.now <> ALL(%(people)s)
           GROUP BY led.now ORDER BY count(DISTINCT known.token) DESC, led.now LIMIT %(limit)s""",
        {"tokens": list(tokens), "people": list(people), "limit": limit},
    )


def people_to_compare() -> int:
    """Return how many people live somewhere today: those a run compares with each other."""
    [(count,)] = fetch(
        REGISTRY,
        "SELECT count(*) FROM membership WHERE until_date IS NULL AND role IN (1, 2)",
    )
    return int(count)


def replaced(people: Sequence[UUID]) -> set[UUID]:
    """Return which of these people's records gave way to another one of theirs, and do so still."""
    rows = fetch(
        REGISTRY, f"SELECT later FROM ({GAVE_WAY}) way WHERE later = ANY(%s)", (list(people),)
    )
    return {person for (person,) in rows}


def records_given_way(person: UUID) -> list[UUID]:
    """Return every other record of this person: those that gave way to it, one after another."""
    rows = fetch(
        REGISTRY,
        f"""WITH RECURSIVE every (record) AS (
                SELECT %s::uuid
                UNION
                SELECT way.later FROM every JOIN ({GAVE_WAY}) way ON way.kept = every.record)
            SELECT record FROM every WHERE record <> %s ORDER BY record""",
        (person, person),
    )
    return [record for (record,) in rows]


def was_made_one(people: Sequence[UUID], *, besides: UUID | None = None) -> bool:
    """Return whether another merge of one of these people's records stands."""
    return bool(
        fetch(
            REGISTRY,
            f"""SELECT 1 FROM ({GAVE_WAY}) way
                WHERE (later = ANY(%(people)s) OR kept = ANY(%(people)s))
                  AND change_id IS DISTINCT FROM %(besides)s LIMIT 1""",
            {"people": list(people), "besides": besides},
        )
    )


def made_one_by(change: UUID) -> tuple[list[UUID], int] | None:
    """Return the two people an operation put together and when, or None for another operation."""
    rows = fetch(
        REGISTRY,
        """SELECT pair.person_a_id, pair.person_b_id, decision.at
           FROM duplicate_decision decision JOIN duplicate_pair pair ON pair.id = decision.pair_id
           WHERE decision.change_id = %s""",
        (change,),
    )
    return ([rows[0][0], rows[0][1]], rows[0][2]) if rows else None


def money_waits(households: Sequence[UUID], *, on: date) -> dict[UUID, date]:
    """
    Return until when money waits for those of these households whose money waits on a day.

    Whoever pays asks this, and nothing else of a pair: food, and money of the earlier registration,
    never wait. Waiting are households where somebody lives whose registration is the later one of a
    pair that was asked about; not once it is decided, nor from the day itself on, decided or not; nor
    once an appeal of the household about money was upheld after the pair was asked about first.
    Source: docs/explanation/design.md, section 7.11.
    """
    rows = fetch(
        REGISTRY,
        f"""SELECT home.household_id, asked.money_waits_until,
                   (SELECT min(first.at) FROM duplicate_decision first
                    WHERE first.pair_id = asked.pair_id AND first.verdict = 3)
            FROM duplicate_decision asked
            JOIN duplicate_pair pair ON pair.id = asked.pair_id
            JOIN membership home ON home.registrant_id = asked.later_id
                 AND home.until_date IS NULL AND home.role IN (1, 2)
            {_LATEST}
            WHERE asked.verdict = 3 AND asked.money_waits_until > %(on)s
              AND (latest.verdict IS NULL OR latest.verdict = 3)
              AND home.household_id = ANY(%(households)s)""",
        {"on": on, "households": list(households)},
    )
    upheld = _upheld_about_money({household for household, *_ in rows})
    waits: dict[UUID, date] = {}
    for household, until, asked_at in rows:
        if upheld.get(household, -1) < asked_at:
            waits[household] = max(until, waits.get(household, until))
    return waits


def _upheld_about_money(households: Collection[UUID]) -> dict[UUID, int]:
    """Return when an appeal was last upheld for these households in a cycle that gives money."""
    rows = fetch(
        REGISTRY,
        """SELECT grievance.household_id, max(grievance.answered_at), rule.text
           FROM grievance JOIN cycle ON cycle.id = grievance.cycle_id
           JOIN rule ON rule.id = cycle.rule_id
           WHERE grievance.answer = 1 AND grievance.household_id = ANY(%s)
           GROUP BY grievance.household_id, rule.id""",
        (list(households),),
    )
    found: dict[UUID, int] = {}
    for household, at, text in rows:
        if any(line.kind == "amount" for line in parse_text(text).benefit):
            found[household] = max(at, found.get(household, at))
    return found


def _numbers(table: str, people: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, bytes]]]:
    found: dict[UUID, list[tuple[UUID, bytes]]] = {}
    for row, person, sealed in fetch(
        REGISTRY,
        f"SELECT id, registrant_id, sealed FROM {table} WHERE registrant_id = ANY(%s) ORDER BY id",
        (list(people),),
    ):
        if len(sealed):
            found.setdefault(person, []).append((row, bytes(sealed)))
    return found


def _bytes(value: memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


def _decided(row: Sequence) -> Decided:
    number, verdict, at, staff, change, money = row
    return Decided(
        number or 0, None if verdict is None else Verdict(verdict), at, staff, change, money
    )
