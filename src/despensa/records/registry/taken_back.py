"""
Taking back what an import added, and what it had said: rows emptied, keys destroyed.

Households and people are never deleted: their rows stay empty, so that whatever refers to them stays
valid, as after an erasure. Only use cases import this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from despensa.domain.import_undo import UndoTotals
from despensa.domain.sealing import Column, Sealed
from despensa.domain.transparency import journal
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.registry import file_store, token_store
from despensa.records.registry.file_store import PersonRow, SealedNumber

COMMITTED, UNDONE = 2, 4
_ADDED = "pair.register_import = %(import)s AND pair.effect = 1"
NOTHING = b""
# table, operation, primary key, columns: a row of the journal that no person's key seals
Emptied = tuple[str, journal.Op, UUID, dict[int | str, object]]
_SEALED = ("full_name", "name_parts", "address", "birth_day")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A file that was taken in, or waits, or was undone."""

    id: UUID
    state: int
    area: UUID
    file_sha256: bytes
    committed_at: int | None


@dataclass(frozen=True, slots=True)
class Before:
    """What a household was before a file updated it."""

    household: UUID
    change: UUID
    facts: dict[str, Any]
    said: bytes
    said_now: bytes
    origin_ref: bytes


@dataclass(frozen=True, slots=True)
class PersonBefore:
    """What a person was before a file updated them: the row, the numbers, what found them."""

    row: PersonRow
    tokens: tuple[int, ...]


def taken_in(register_import: UUID, *, is_locked: bool = False) -> TakenIn | None:
    """Return a file, or None. Locks: its row, if asked."""
    rows = fetch(
        REGISTRY,
        f"""SELECT id, state, area_id, file_sha256, committed_at FROM register_import
            WHERE id = %s {"FOR UPDATE" if is_locked else ""}""",
        (register_import,),
    )
    if not rows:
        return None
    found, state, area, digest, committed_at = rows[0]
    return TakenIn(found, state, area, bytes(digest), committed_at)


def totals(register_import: UUID) -> UndoTotals:
    """Return what undoing an import would take back."""
    [row] = fetch(
        REGISTRY,
        """SELECT count(*) FILTER (WHERE effect = 1), count(*) FILTER (WHERE effect = 2)
           FROM import_pair WHERE register_import = %s""",
        (register_import,),
    )
    [(people,)] = fetch(
        REGISTRY,
        f"""SELECT count(DISTINCT role.registrant_id) FROM import_pair pair
            JOIN membership role ON role.household_id = pair.household_id WHERE {_ADDED}""",
        {"import": register_import},
    )
    return UndoTotals(row[0], people, row[1])


def lock_households(register_import: UUID) -> None:
    """Let operations on the households of an import wait. Locks: their rows, in one order."""
    execute(
        REGISTRY,
        """SELECT 1 FROM household WHERE id IN (
               SELECT household_id FROM import_pair
               WHERE register_import = %s AND effect IN (1, 2))
           ORDER BY id FOR UPDATE""",
        (register_import,),
    )


def corrected(register_import: UUID) -> int:
    """
    Return how many people or households of an import were corrected since.

    What it updated is held against the hash kept then. What it added was written by one
    transaction: a row that another one wrote over bears that one's number. A later file that was
    undone wrote over rows as well; its households are left out.
    """
    [(count,)] = fetch(
        REGISTRY,
        f"""WITH added AS (
                SELECT household_id AS id FROM import_pair pair WHERE {_ADDED}
            ), untouched AS (
                SELECT id FROM added WHERE NOT EXISTS (
                    SELECT 1 FROM household_change later
                    WHERE later.household_id = added.id AND later.kind = 20)
            ), people AS (
                SELECT DISTINCT registrant_id AS id FROM membership
                JOIN untouched ON untouched.id = membership.household_id
            ), touched AS (
                SELECT registrant.id AS about, registrant.xmin::text AS version, 1 AS part
                FROM registrant JOIN people USING (id)
                UNION ALL SELECT household.id, household.xmin::text, 2
                FROM household JOIN untouched USING (id)
                UNION ALL SELECT registrant_id, number.xmin::text, 3
                FROM registrant_document number JOIN people ON people.id = number.registrant_id
                UNION ALL SELECT registrant_id, number.xmin::text, 4
                FROM registrant_phone number JOIN people ON people.id = number.registrant_id
            ), own AS (
                SELECT part, mode() WITHIN GROUP (ORDER BY version) AS version
                FROM touched GROUP BY part
            ), later AS (
                SELECT about FROM touched JOIN own USING (part)
                WHERE touched.version <> own.version
                UNION SELECT before.registrant
                FROM registrant_before before JOIN registrant ON registrant.id = before.registrant
                WHERE before.register_import = %(import)s
                  AND before.written <> {_of("registrant", file_store.PERSON_WRITTEN)}
                UNION SELECT before.household
                FROM household_before before JOIN household ON household.id = before.household
                WHERE before.register_import = %(import)s
                  AND before.written <> {_of("household", file_store.HOUSEHOLD_WRITTEN)}
                UNION SELECT before.registrant
                FROM sealed_before before JOIN registrant_document number ON number.id = before.row
                WHERE before.register_import = %(import)s AND before.written <> sha256(number.sealed)
                UNION SELECT before.registrant
                FROM sealed_before before JOIN registrant_phone number ON number.id = before.row
                WHERE before.register_import = %(import)s AND before.written <> sha256(number.sealed)
            ) SELECT count(*) FROM later""",
        {"import": register_import},
    )
    return int(count)


def _of(table: str, written: str) -> str:
    """Return the hash of a row where its columns' names alone are not plain."""
    return f"(SELECT {written} FROM (SELECT {table}.*) own)"


def roles_elsewhere(register_import: UUID) -> tuple[int, UUID | None]:
    """Return how many people an import added have a role in other households, and one of those."""
    [(count, where)] = fetch(
        REGISTRY,
        f"""WITH added AS (SELECT household_id FROM import_pair pair WHERE {_ADDED})
            SELECT count(DISTINCT other.registrant_id), min(other.household_id::text)
            FROM membership own JOIN membership other USING (registrant_id)
            WHERE own.household_id IN (TABLE added)
              AND other.household_id NOT IN (TABLE added)""",
        {"import": register_import},
    )
    return count, None if where is None else UUID(where)


def added(register_import: UUID) -> list[UUID]:
    """Return the households an import added, in the order of the file."""
    rows = fetch(
        REGISTRY,
        f"SELECT household_id FROM import_pair pair WHERE {_ADDED} ORDER BY place",
        {"import": register_import},
    )
    return [household for (household,) in rows]


def updated(register_import: UUID) -> list[Before]:
    """Return what the households an import updated were before."""
    rows = fetch(
        REGISTRY,
        """SELECT pair.household_id, pair.change, before.facts, before.said, origin.said,
                  origin.origin_ref
           FROM import_pair pair
           JOIN household_before before ON before.register_import = pair.register_import
                AND before.household = pair.household_id
           JOIN origin ON origin.row = pair.household_id
           WHERE pair.register_import = %s AND pair.effect = 2 ORDER BY pair.place""",
        (register_import,),
    )
    return [
        Before(household, change, facts, bytes(said), bytes(now), bytes(ref))
        for household, change, facts, said, now, ref in rows
    ]


def people_before(register_import: UUID, people: Sequence[UUID]) -> dict[UUID, PersonBefore]:
    """Return what people were before a file updated them; their key is the one they have."""
    numbers: dict[UUID, list[SealedNumber]] = {}
    for row, person, is_phone, sealed in fetch(
        REGISTRY,
        """SELECT row, registrant, is_phone, sealed FROM sealed_before
           WHERE register_import = %s AND registrant = ANY(%s)""",
        (register_import, list(people)),
    ):
        number = SealedNumber(row, person, is_phone, bytes(sealed))
        numbers.setdefault(person, []).append(number)
    now = file_store.people_rows(people)
    found = {}
    for person, month, precision, sex, facts, name, parts, address, day, tokens in fetch(
        REGISTRY,
        """SELECT registrant, birth_month, birth_precision, sex, facts, full_name, name_parts,
                  address, birth_day, tokens
           FROM registrant_before WHERE register_import = %s AND registrant = ANY(%s)""",
        (register_import, list(people)),
    ):
        if person in now:
            row = PersonRow(
                person, month, precision, sex, facts, _octets(name), _octets(parts),
                _octets(address), _octets(day), now[person].key, tuple(numbers.get(person, ())),
            )  # fmt: skip
            found[person] = PersonBefore(row, tuple(tokens))
    return found


def facts_before(register_import: UUID, household: UUID) -> dict[str, Any] | None:
    """Return a household's facts before a file updated it, None where it did not."""
    rows = fetch(
        REGISTRY,
        "SELECT facts FROM household_before WHERE register_import = %s AND household = %s",
        (register_import, household),
    )
    return rows[0][0] if rows else None


def sealed_columns(row: PersonRow) -> list[Sealed]:
    """Return the sealed values of a person's own row."""
    columns = (Column.FULL_NAME, Column.NAME_PARTS, Column.ADDRESS, Column.BIRTH_DAY)
    values = (row.full_name, row.name_parts, row.address, row.birth_day)
    return [
        Sealed(column, row.id.bytes, value)
        for column, value in zip(columns, values, strict=True)
        if value
    ]


def empty_people(people: Sequence[UUID]) -> list[Emptied]:
    """Destroy what is known of people whom an import had brought; return the journal's rows."""
    given = (list(people),)
    token_store.take_away(people)
    execute(REGISTRY, "DELETE FROM person_key WHERE person = ANY(%s)", given)
    execute(
        REGISTRY,
        """UPDATE registrant SET birth_month = NULL, birth_precision = 0, sex = NULL, facts = '{}',
               full_name = NULL, name_parts = NULL, address = NULL, birth_day = NULL
           WHERE id = ANY(%s)""",
        given,
    )
    update, emptied = journal.Op.UPDATE, list[Emptied]()
    for person in people:
        emptied.append(("person_key", journal.Op.DELETE, person, {}))
        columns: dict[int | str, object] = {
            **dict.fromkeys((*_SEALED, "birth_month", "sex")), "birth_precision": 0, "facts": {},
        }  # fmt: skip
        emptied.append(("registrant", update, person, columns))
    for table in file_store.SEALED_TABLES.values():
        for row, person in fetch(
            REGISTRY,
            f"UPDATE {table} SET sealed = '' WHERE registrant_id = ANY(%s) RETURNING id, registrant_id",
            given,
        ):
            emptied.append((table, update, row, {"registrant_id": person.bytes, "sealed": NOTHING}))
    emptied += [
        (
            "membership",
            update,
            row,
            {
                "household_id": household.bytes,
                "registrant_id": person.bytes,
                "role": role,
                "from_date": from_day.isoformat(),
                "until_date": until.isoformat(),
            },
        )
        for row, household, person, role, from_day, until in fetch(
            REGISTRY,
            """UPDATE membership SET until_date = from_date WHERE registrant_id = ANY(%s)
               RETURNING id, household_id, registrant_id, role, from_date, until_date""",
            given,
        )
    ]
    return emptied


def people_of(households: Sequence[UUID]) -> list[UUID]:
    """Return everybody who ever had a role in households."""
    rows = fetch(
        REGISTRY,
        "SELECT DISTINCT registrant_id FROM membership WHERE household_id = ANY(%s) ORDER BY 1",
        (list(households),),
    )
    return [person for (person,) in rows]


def empty_households(households: Sequence[UUID]) -> list[Emptied]:
    """Empty households that an import had added; return the journal's rows."""
    execute(REGISTRY, "UPDATE household SET facts = '{}' WHERE id = ANY(%s)", (list(households),))
    return [("household", journal.Op.UPDATE, household, {"facts": {}}) for household in households]


def set_facts(before: Sequence[Before]) -> None:
    """Give households the facts they had before a file, and let their source have said what it had."""
    file_store.set_households(
        [
            file_store.HouseholdSays(one.household, one.origin_ref, one.facts, one.said)
            for one in before
        ]
    )


def finish(register_import: UUID, *, now: int) -> None:
    """Mark an import as undone; its records may come again, and what it kept for this goes."""
    execute(
        REGISTRY,
        f"""DELETE FROM origin USING import_pair pair
            WHERE {_ADDED} AND origin.row = pair.household_id""",
        {"import": register_import},
    )
    forget([register_import])
    execute(
        REGISTRY,
        "UPDATE register_import SET state = %s, undone_at = %s WHERE id = %s",
        (UNDONE, now, register_import),
    )


def counted_by(cycle: UUID) -> list[UUID]:
    """Return the imports that can be undone no more once a cycle opens, and kept what they replaced."""
    rows = fetch(
        REGISTRY,
        """SELECT kept.register_import FROM (
               SELECT register_import FROM household_before UNION
               SELECT register_import FROM registrant_before UNION
               SELECT register_import FROM sealed_before) kept
           WHERE EXISTS (
               SELECT 1 FROM import_pair pair
               JOIN decision ON decision.household_id = pair.household_id
                    AND decision.cycle_id = %s
               WHERE pair.register_import = kept.register_import AND pair.effect IN (1, 2))
           ORDER BY kept.register_import""",
        (cycle,),
    )
    return [register_import for (register_import,) in rows]


def forget(imports: Sequence[UUID]) -> None:
    """Destroy what was kept for undoing imports."""
    for table in ("household_before", "registrant_before", "sealed_before"):
        execute(REGISTRY, f"DELETE FROM {table} WHERE register_import = ANY(%s)", (list(imports),))


def _octets(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
