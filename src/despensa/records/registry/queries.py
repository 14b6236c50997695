"""Reads of the register. Sealed columns come out sealed: only the keeper opens them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.reach import Reach
from despensa.records.bulk import fetch, run_prepared
from despensa.records.databases import REGISTRY
from despensa.records.keyset import Turn, newest_first, page_sql
from despensa.records.registry.given_way import GAVE_WAY

# what a household of a file became (models.ImportPair)
ADDED, UPDATED, SAME, LEFT = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """One household without its members."""

    id: UUID
    area: UUID
    area_names: Mapping[str, str]
    registered_on: date


@dataclass(frozen=True, slots=True)
class MemberView:
    """One current member or collector, identity still sealed."""

    id: UUID
    household: UUID
    roles: tuple[int, ...]
    sex: int | None
    birth_month: date | None
    birth_precision: int
    key: KeyedPerson = field(repr=False)
    full_name: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LookView:
    """One look at a record: when, who, what for, which columns."""

    at: int
    staff: UUID
    purpose: int
    fields: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ColumnMapView:
    """What the columns of a source were said to mean, by whom and when."""

    headings: bytes
    fields: Mapping[str, str]
    staff: UUID
    at: int


@dataclass(frozen=True, slots=True)
class ImportView:
    """One register file on its way in."""

    id: UUID
    kind: str
    file_name: str
    state: int
    counts: Mapping[str, int]
    proposal: UUID | None
    staff: UUID
    staged_at: int


@dataclass(frozen=True, slots=True)
class ImportPairView:
    """One household of a file: what the file did, and by which operation of the history."""

    register_import: UUID
    place: int
    household: UUID
    effect: int
    change: UUID | None


def language_of(household: UUID) -> str:
    """Return the language a household wants to be written to in, empty when nobody asked it."""
    rows = fetch(REGISTRY, "SELECT facts ->> 'language' FROM household WHERE id = %s", (household,))
    return str(rows[0][0] or "") if rows else ""


def area_names(areas: Sequence[UUID]) -> dict[UUID, Mapping[str, str]]:
    """Return the names of areas by language."""
    return dict(fetch(REGISTRY, "SELECT id, names FROM area WHERE id = ANY(%s)", (list(areas),)))


def root_area() -> UUID | None:
    """Return the workspace's own area, or None before it was founded."""
    rows = fetch(REGISTRY, "SELECT id FROM area WHERE parent_id IS NULL ORDER BY pcode LIMIT 1")
    return rows[0][0] if rows else None


def area_by_pcode(pcode: str) -> UUID | None:
    """Return an area by its p-code, or None."""
    rows = fetch(REGISTRY, "SELECT id FROM area WHERE pcode = %s", (pcode,))
    return rows[0][0] if rows else None


def homes_with_tokens(tokens: Sequence[int], limit: int, *, reach: Reach) -> list[UUID]:
    """
    Return the current households in reach of people with any of the tokens, best first.

    A record that gave way to another of the same person leads to that one's household.

    Shape: one household per person found; the best has most of the tokens. Who fits best is asked
    from the tokens' index alone; homes are looked up for those few, for all only when too few of
    them are in reach.
    """
    homes: list[UUID] = []
    asked = 0
    best: int | None = _BEST_ASKED
    while len(homes) < limit:
        people = [
            person for (person,) in run_prepared(REGISTRY, _RANKED, (list(tokens), asked, best))
        ]
        homes += [home for (home,) in run_prepared(
            REGISTRY, _HOMES, (people, reach.areas, reach.areas, limit - len(homes))
        )]  # fmt: skip
        if best is None or len(people) < best:
            break
        asked, best = best, None
    return homes


_BEST_ASKED = 64
# tokens as an array of unknown length: the plan is made once, for few, and walks the index
_RANKED = """
    SELECT person FROM search_token WHERE token = ANY(%s::bigint[])
    GROUP BY person ORDER BY count(*) DESC, person OFFSET %s::bigint LIMIT %s::bigint
"""
_HOMES = f"""
    WITH RECURSIVE led (place, now) AS (
        SELECT place, person FROM unnest(%s::uuid[]) WITH ORDINALITY AS ranked (person, place)
        UNION
        SELECT led.place, way.kept FROM led JOIN ({GAVE_WAY}) way ON way.later = led.now)
    SELECT membership.household_id
    FROM led
    JOIN membership ON membership.registrant_id = led.now
      AND membership.until_date IS NULL AND membership.role IN (1, 2)
    JOIN household ON household.id = membership.household_id
    WHERE (%s::uuid[] IS NULL OR household.area_id = ANY(%s::uuid[]))
    ORDER BY led.place LIMIT %s::bigint
"""


def household(household_id: UUID, *, reach: Reach) -> HouseholdView | None:
    """Return one household; None when there is none, or none in reach."""
    rows = fetch(
        REGISTRY,
        """SELECT household.id, area.id, area.names, household.registered_on
           FROM household JOIN area ON area.id = household.area_id
           WHERE household.id = %s AND (%s::uuid[] IS NULL OR area.id = ANY(%s::uuid[]))""",
        (household_id, reach.areas, reach.areas),
    )
    return HouseholdView(*rows[0]) if rows else None


def members(households: Sequence[UUID]) -> list[MemberView]:
    """Return the current people of households, heads first, then by age, oldest first."""
    return [
        _member(row)
        for row in fetch(
            REGISTRY,
            f"""{_MEMBER} WHERE membership.household_id = ANY(%s) AND membership.until_date IS NULL
                GROUP BY registrant.id, membership.household_id, person_key.person
                ORDER BY membership.household_id, min(membership.role),
                         registrant.birth_month NULLS LAST, registrant.id""",
            (list(households),),
        )
    ]


def shown_first(households: Sequence[UUID]) -> dict[UUID, MemberView]:
    """
    Return whom each household is shown under: its head, without one the first of its members.

    Nobody else's row is read where there is a head.
    """
    rows = run_prepared(
        REGISTRY,
        f"""{_MEMBER} WHERE membership.household_id = ANY(%s::uuid[])
              AND membership.until_date IS NULL AND membership.role = 1
            GROUP BY registrant.id, membership.household_id, person_key.person""",
        (list(households),),
    )
    heads = {member.household: member for member in map(_member, rows)}
    headless = [household for household in households if household not in heads]
    if headless:
        heads |= {member.household: member for member in reversed(members(headless))}
    return heads


_MEMBER = """
    SELECT registrant.id, membership.household_id,
           array_agg(membership.role ORDER BY membership.role), registrant.sex,
           registrant.birth_month, registrant.birth_precision, person_key.kek, person_key.wrapped,
           registrant.full_name
    FROM membership JOIN registrant ON registrant.id = membership.registrant_id
    JOIN person_key ON person_key.person = registrant.id
"""


def _member(row: tuple) -> MemberView:
    person, house, roles, sex, month, precision, kek, wrapped, name = row
    key = KeyedPerson(person.bytes, kek, bytes(wrapped))
    return MemberView(person, house, tuple(roles), sex, month, precision, key, bytes(name))


def looks(people: Sequence[UUID], limit: int, before: int | None = None) -> list[LookView]:
    """Return who looked at any of these people, newest first; one line a journal entry."""
    rows = fetch(
        REGISTRY,
        """SELECT entry, at, staff, purpose, max(fields) FROM access_entry
           WHERE person = ANY(%s) AND (%s::bigint IS NULL OR at < %s)
           GROUP BY entry, at, staff, purpose ORDER BY at DESC, entry LIMIT %s""",
        (list(people), before, before, limit),
    )
    return [LookView(at, staff, purpose, tuple(fields)) for _, at, staff, purpose, fields in rows]


def head_count(households: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many current members each household has; collectors from outside are none."""
    return dict(
        fetch(
            REGISTRY,
            """SELECT household_id, count(*) FROM membership
               WHERE household_id = ANY(%s) AND until_date IS NULL AND role IN (1, 2)
               GROUP BY household_id""",
            (list(households),),
        )
    )


def area_of(households: Sequence[UUID]) -> dict[UUID, Mapping[str, str]]:
    """Return the names of each household's area."""
    return dict(
        fetch(
            REGISTRY,
            """SELECT household.id, area.names FROM household
               JOIN area ON area.id = household.area_id WHERE household.id = ANY(%s)""",
            (list(households),),
        )
    )


def imports(limit: int = 50, *, reach: Reach, turn: Turn | None = None) -> list[ImportView]:
    """Return the register files in reach, newest first, of the page that begins at `turn`."""
    page, values, order = page_sql("staged_at", "id", turn)
    rows = fetch(
        REGISTRY,
        f"{_IMPORT} WHERE {_IN_REACH} AND {page} ORDER BY {order} LIMIT %s",
        (reach.areas, reach.areas, *values, limit),
    )
    return newest_first([ImportView(*row) for row in rows], turn)


def register_import(import_id: UUID, *, reach: Reach | None) -> ImportView | None:
    """Return one register file; None when there is none, or none in reach (None: wherever)."""
    areas = None if reach is None else reach.areas
    rows = fetch(REGISTRY, f"{_IMPORT} WHERE id = %s AND {_IN_REACH}", (import_id, areas, areas))
    return ImportView(*rows[0]) if rows else None


def import_pair(register_import: UUID, place: int, *, reach: Reach) -> ImportPairView | None:
    """Return one household of a file that was taken in, in reach; None when there is none."""
    rows = fetch(
        REGISTRY,
        f"""SELECT pair.register_import, pair.place, pair.household_id, pair.effect, pair.change
            FROM import_pair pair JOIN register_import ON register_import.id = pair.register_import
            WHERE pair.register_import = %s AND pair.place = %s AND register_import.state = 2
              AND {_IN_REACH}""",
        (register_import, place, reach.areas, reach.areas),
    )
    return ImportPairView(*rows[0]) if rows else None


def pair_counts(register_import: UUID) -> dict[int, tuple[int, int]]:
    """Return of each effect how many households of a file it had, and the first one's place."""
    rows = fetch(
        REGISTRY,
        """SELECT effect, count(*), min(place) FROM import_pair
           WHERE register_import = %s GROUP BY effect ORDER BY effect""",
        (register_import,),
    )
    return {effect: (count, first) for effect, count, first in rows}


def neighbours(register_import: UUID, place: int, effect: int) -> tuple[int | None, int | None]:
    """Return the places before and after one in a file, among households of the same effect."""
    [row] = fetch(
        REGISTRY,
        """SELECT (SELECT max(place) FROM import_pair WHERE register_import = %(import)s
                   AND effect = %(effect)s AND place < %(place)s),
                  (SELECT min(place) FROM import_pair WHERE register_import = %(import)s
                   AND effect = %(effect)s AND place > %(place)s)""",
        {"import": register_import, "effect": effect, "place": place},
    )
    return row[0], row[1]


_IMPORT = """
    SELECT id, kind, file_name, state, counts, proposal, staff, staged_at FROM register_import
"""
_IN_REACH = "(%s::uuid[] IS NULL OR area_id = ANY(%s::uuid[]))"


def column_maps(source: str) -> list[ColumnMapView]:
    """Return the column maps of a source, the latest first."""
    rows = fetch(
        REGISTRY,
        "SELECT headings, fields, staff, at FROM column_map WHERE source = %s ORDER BY at DESC",
        (source,),
    )
    return [ColumnMapView(bytes(headings), *rest) for headings, *rest in rows]
