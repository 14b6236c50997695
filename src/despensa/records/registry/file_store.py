"""
Rows that a file's update replaces: as they are, as they become, and as they were.

What is replaced is kept beside, sealed as it was, until the import can be undone no more. Every
write takes a batch. Only use cases write.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from despensa.domain.ports.keeper import KeyedPerson
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.registry import token_store

_COLUMNS = (
    "birth_month", "birth_precision", "sex", "facts", "full_name", "name_parts", "address",
    "birth_day",
)  # fmt: skip
_LISTED = ", ".join(_COLUMNS)
# what a row says, as one hash: a later change of it shows
PERSON_WRITTEN = f"sha256(convert_to(ROW({_LISTED})::text, 'UTF8'))"
HOUSEHOLD_WRITTEN = "sha256(convert_to(facts::text, 'UTF8'))"
NUMBER_WRITTEN = "sha256(sealed)"
SEALED_TABLES = {False: "registrant_document", True: "registrant_phone"}


@dataclass(frozen=True, slots=True)
class SealedNumber:
    """A sealed document or phone, empty where the source took it back; `is_new` has no row yet."""

    row: UUID
    person: UUID
    is_phone: bool
    sealed: bytes = field(repr=False)
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person's row with the key that opens it, and their documents and phones."""

    id: UUID
    birth_month: date | None
    birth_precision: int
    sex: int | None
    facts: Mapping[str, Any]
    full_name: bytes | None
    name_parts: bytes | None
    address: bytes | None
    birth_day: bytes | None
    key: KeyedPerson = field(repr=False)
    numbers: tuple[SealedNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class HouseholdSays:
    """What a household's facts become, and what its source says now (see domain `said`)."""

    id: UUID
    origin_ref: bytes
    facts: Mapping[str, Any]
    said: bytes


def people_rows(people: Sequence[UUID]) -> dict[UUID, PersonRow]:
    """Return the rows of people who have not been erased."""
    numbers: dict[UUID, list[SealedNumber]] = {}
    for is_phone, table in SEALED_TABLES.items():
        for row, person, sealed in fetch(
            REGISTRY,
            f"""SELECT id, registrant_id, sealed FROM {table}
                WHERE registrant_id = ANY(%s) ORDER BY registrant_id, id""",
            (list(people),),
        ):
            number = SealedNumber(row, person, is_phone, bytes(sealed))
            numbers.setdefault(person, []).append(number)
    found = fetch(
        REGISTRY,
        f"""SELECT registrant.id, {_LISTED}, key.kek, key.wrapped
            FROM registrant JOIN person_key key ON key.person = registrant.id
            WHERE registrant.id = ANY(%s)""",
        (list(people),),
    )
    return {
        person: PersonRow(
            person, month, precision, sex, facts, _octets(name), _octets(parts), _octets(address),
            _octets(day), KeyedPerson(person.bytes, kek, bytes(wrapped)),
            tuple(numbers.get(person, ())),
        )
        for person, month, precision, sex, facts, name, parts, address, day, kek, wrapped in found
    }  # fmt: skip


def household_facts(households: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """Return the facts of households."""
    return dict(
        fetch(REGISTRY, "SELECT id, facts FROM household WHERE id = ANY(%s)", (list(households),))
    )


def replace_people(
    rows: Sequence[PersonRow],
    numbers: Sequence[SealedNumber],
    tokens: Sequence[tuple[int, UUID]],
    *,
    register_import: UUID,
) -> None:
    """Write what becomes of people, and keep what was so."""
    people = [row.id for row in rows]
    execute(
        REGISTRY,
        f"""INSERT INTO registrant_before (register_import, registrant, {_LISTED}, tokens, written)
            SELECT %s, id, {_LISTED},
                   coalesce(person_tokens.tokens, '{{}}'), ''
            FROM registrant LEFT JOIN person_tokens ON person_tokens.person = registrant.id
            WHERE registrant.id = ANY(%s)""",
        (register_import, people),
    )
    set_people(rows)
    token_store.replace(people, tokens)
    for is_phone, table in SEALED_TABLES.items():
        changed = [one for one in numbers if one.is_phone is is_phone]
        execute(
            REGISTRY,
            f"""INSERT INTO sealed_before
                    (register_import, row, registrant, is_phone, sealed, written)
                SELECT %s, given.id, given.registrant, %s, coalesce({table}.sealed, ''), ''
                FROM unnest(%s::uuid[], %s::uuid[]) AS given (id, registrant)
                LEFT JOIN {table} ON {table}.id = given.id""",
            (register_import, is_phone, [one.row for one in changed],
             [one.person for one in changed]),
        )  # fmt: skip
        set_numbers(table, [one for one in changed if not one.is_new])
        copy_rows(
            REGISTRY,
            table,
            ("id", "registrant_id", "sealed"),
            ((one.row, one.person, one.sealed) for one in changed if one.is_new),
        )
        _note("sealed_before", "row", table, NUMBER_WRITTEN, register_import, changed)
    _note("registrant_before", "registrant", "registrant", PERSON_WRITTEN, register_import, rows)


def replace_households(says: Sequence[HouseholdSays], *, register_import: UUID) -> None:
    """Write what becomes of households' facts and what their source says, and keep what was so."""
    execute(
        REGISTRY,
        """INSERT INTO household_before (register_import, household, facts, said, written)
           SELECT %s, household.id, household.facts, origin.said, ''
           FROM origin JOIN household ON household.id = origin.row
           WHERE origin.origin_ref = ANY(%s)""",
        (register_import, [one.origin_ref for one in says]),
    )
    set_households(says)
    _note("household_before", "household", "household", HOUSEHOLD_WRITTEN, register_import, says)


def set_households(says: Sequence[HouseholdSays]) -> None:
    """Write households' facts, and what their source says, over what they were."""
    execute(
        REGISTRY,
        """UPDATE household SET facts = given.facts::jsonb
           FROM unnest(%s::uuid[], %s::text[]) AS given (id, facts)
           WHERE household.id = given.id""",
        ([one.id for one in says], [json.dumps(dict(one.facts)) for one in says]),
    )
    execute(
        REGISTRY,
        """UPDATE origin SET said = given.said
           FROM unnest(%s::bytea[], %s::bytea[]) AS given (origin_ref, said)
           WHERE origin.origin_ref = given.origin_ref""",
        ([one.origin_ref for one in says], [one.said for one in says]),
    )


def set_people(rows: Sequence[PersonRow]) -> None:
    """Write rows of people over what they were."""
    execute(
        REGISTRY,
        f"""UPDATE registrant SET {", ".join(f"{name} = given.{name}" for name in _COLUMNS)}
            FROM (SELECT id, birth_month, birth_precision, sex, facts::jsonb AS facts, full_name,
                         name_parts, address, birth_day
                  FROM unnest(%s::uuid[], %s::date[], %s::smallint[], %s::smallint[], %s::text[],
                              %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[])
                       AS g (id, birth_month, birth_precision, sex, facts, full_name, name_parts,
                             address, birth_day)) given
            WHERE registrant.id = given.id""",
        (
            [row.id for row in rows],
            [row.birth_month for row in rows],
            [row.birth_precision for row in rows],
            [row.sex for row in rows],
            [json.dumps(dict(row.facts)) for row in rows],
            [row.full_name for row in rows],
            [row.name_parts for row in rows],
            [row.address for row in rows],
            [row.birth_day for row in rows],
        ),
    )


def set_numbers(table: str, numbers: Sequence[SealedNumber]) -> None:
    """Write documents or phones over what they were."""
    execute(
        REGISTRY,
        f"""UPDATE {table} SET sealed = given.sealed
            FROM unnest(%s::uuid[], %s::bytea[]) AS given (id, sealed)
            WHERE {table}.id = given.id""",
        ([one.row for one in numbers], [one.sealed for one in numbers]),
    )


def _note(
    before: str, key: str, table: str, written: str, register_import: UUID, rows: Sequence[Any]
) -> None:
    """Remember how the update left rows, so that a later change of them is seen."""
    ids = [one.row if isinstance(one, SealedNumber) else one.id for one in rows]
    execute(
        REGISTRY,
        f"""UPDATE {before} SET written = now.written
            FROM (SELECT id, {written} AS written FROM {table} WHERE id = ANY(%s)) now
            WHERE {before}.register_import = %s AND {before}.{key} = now.id""",
        (ids, register_import),
    )


def _octets(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
