"""
A person's record as it lies in the books, what it says once opened, and writing what changed.

The record's version is a hash of everything stored, so that whoever changed it meanwhile, and in
whatever way, is noticed. Source: docs/explanation/design.md, section 5.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from despensa.domain.act import Acting
from despensa.domain.correction.slot import Change, Field, Record, Slot
from despensa.domain.matching.search_text import name_parts, person_texts
from despensa.domain.ports.keeper import KeyedPerson, PersonVault
from despensa.domain.sealing import Column, Sealed, ToSeal, value_version
from despensa.domain.transparency.journal import Op
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import Columns, Plan
from despensa.records.registry import token_store

# the sealed column and the table's column of the fields that have one
_SEALED = {
    Field.FULL_NAME: (Column.FULL_NAME, "full_name"),
    Field.NAME_PARTS: (Column.NAME_PARTS, "name_parts"),
    Field.ADDRESS: (Column.ADDRESS, "address"),
}
_NUMBERS = {
    Field.DOCUMENT: (Column.DOCUMENT, "registrant_document"),
    Field.PHONE: (Column.PHONE, "registrant_phone"),
}
COLUMNS = (
    Column.FULL_NAME, Column.NAME_PARTS, Column.ADDRESS, Column.BIRTH_DAY, Column.DOCUMENT,
    Column.PHONE,
)  # fmt: skip
NOTHING = b""
_YEAR, _MONTH, _DAY = 1, 2, 3


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A person of a household as stored; `stored` are the sealed values by place."""

    person: UUID
    household: UUID
    area: UUID
    key: KeyedPerson = field(repr=False)
    birth_month: date | None
    birth_precision: int
    sex: int | None
    facts: Mapping[str, Any] = field(repr=False)
    household_facts: Mapping[str, Any] = field(repr=False)
    stored: Mapping[Slot, bytes] = field(repr=False)
    birth_day: bytes | None = field(repr=False)

    @property
    def version(self) -> str:
        """Return a hash of all that is stored: another one means that somebody changed it."""
        content = (
            self.birth_month, self.birth_precision, self.sex, sorted(self.facts.items()),
            sorted(self.household_facts.items()), sorted(self.stored.items()), self.birth_day,
        )  # fmt: skip
        return hashlib.sha256(repr(content).encode()).hexdigest()[:32]

    def values(self) -> list[Sealed]:
        """Return what the keeper is asked to open, the places in order, then the birth day."""
        row = self.person.bytes
        values = [
            Sealed(_SEALED[slot.field][0], row, data)
            if slot.field in _SEALED
            else Sealed(_NUMBERS[slot.field][0], bytes.fromhex(slot.key), data)
            for slot, data in sorted(self.stored.items())
        ]
        if self.birth_day is not None:
            values.append(Sealed(Column.BIRTH_DAY, row, self.birth_day))
        return values

    def opened(self, values: Sequence[Any]) -> dict[Slot, Any]:
        """Return what the record says; `values` are those of `values()`, opened."""
        record = dict(zip(sorted(self.stored), values, strict=False))
        day = values[len(self.stored)] if self.birth_day is not None else None
        record[Slot(Field.BIRTH)] = _birth(self.birth_month, self.birth_precision, day)
        record[Slot(Field.SEX)] = self.sex
        record |= {Slot(Field.PERSON_FACT, name): value for name, value in self.facts.items()}
        record |= {
            Slot(Field.HOUSEHOLD_FACT, name): value for name, value in self.household_facts.items()
        }
        return record


def lock(person: UUID, household: UUID) -> None:
    """Let corrections of one household take turns. Locks: the rows of household and person."""
    fetch(REGISTRY, "SELECT 1 FROM household WHERE id = %s FOR UPDATE", (household,))
    fetch(REGISTRY, "SELECT 1 FROM registrant WHERE id = %s FOR UPDATE", (person,))
    fetch(REGISTRY, "SELECT 1 FROM person_key WHERE person = %s FOR UPDATE", (person,))


def sealed_record(person: UUID, household: UUID) -> SealedRecord | None:
    """Return the record of somebody who lives in a household or collects for it, or None."""
    rows = fetch(
        REGISTRY,
        """SELECT household.area_id, person_key.kek, person_key.wrapped, registrant.birth_month,
                  registrant.birth_precision, registrant.sex, registrant.facts, household.facts,
                  registrant.full_name, registrant.name_parts, registrant.address,
                  registrant.birth_day
           FROM registrant JOIN person_key ON person_key.person = registrant.id
           JOIN household ON household.id = %s
           WHERE registrant.id = %s AND EXISTS (
               SELECT 1 FROM membership WHERE registrant_id = registrant.id
                 AND household_id = household.id AND until_date IS NULL)""",
        (household, person),
    )
    if not rows:
        return None
    area, kek, wrapped, month, precision, sex, facts, household_facts, *sealed = rows[0]
    name, parts, address, day = (None if one is None else bytes(one) for one in sealed)
    named = ((Field.FULL_NAME, name), (Field.NAME_PARTS, parts), (Field.ADDRESS, address))
    stored = {Slot(kind): data for kind, data in named if data is not None}
    for kind, (_, table) in _NUMBERS.items():
        stored |= {
            Slot(kind, row.hex): bytes(data)
            for row, data in fetch(
                REGISTRY,
                f"SELECT id, sealed FROM {table} WHERE registrant_id = %s AND sealed <> ''",
                (person,),
            )
        }
    return SealedRecord(
        person, household, area, KeyedPerson(person.bytes, kek, bytes(wrapped)), month, precision,
        sex, facts, household_facts, stored, day,
    )  # fmt: skip


def write(
    changes: Sequence[Change],
    record: SealedRecord,
    after: Record,
    *,
    acting: Acting,
    vault: PersonVault,
    catalogue_version: int,
) -> list[Plan]:
    """
    Write what changed and the person's search tokens; return the journal's rows of it.

    `after` is the whole record once it is changed.
    """
    plans: list[Plan] = []
    columns: Columns = {}
    for change in changes:
        kind = change.slot.field
        if kind in _SEALED:
            columns |= _set_sealed(change, record, vault)
        elif kind in _NUMBERS:
            plans.append(_set_number(change, record, acting, vault))
        elif kind is Field.SEX:
            columns["sex"] = change.after
            execute(
                REGISTRY,
                "UPDATE registrant SET sex = %s WHERE id = %s",
                (change.after, record.person),
            )
        elif kind is Field.BIRTH:
            columns |= _set_birth(change.after, record, acting, vault)
    facts = _set_facts(changes, record, vault, catalogue_version)
    if "registrant" in facts:
        columns["facts"] = facts["registrant"]
    if columns:
        plans.append(("registrant", Op.UPDATE, record.person, record.person, columns))
    if "household" in facts:
        told: Columns = {"facts": facts["household"]}
        plans.append(("household", Op.UPDATE, record.household, None, told))
    _set_tokens(record.person, after, vault)
    return plans


def _set_sealed(change: Change, record: SealedRecord, vault: PersonVault) -> Columns:
    code, column = _SEALED[change.slot.field]
    before = record.stored.get(change.slot)
    sealed = None
    if change.after is not None:
        version = 1 if before is None else value_version(before) + 1
        plan = ToSeal(code, record.person.bytes, version, change.after)
        [[sealed]] = vault.seal([(record.key, [plan])])
    execute(
        REGISTRY,
        f"UPDATE registrant SET {column} = %s WHERE id = %s",
        (sealed, record.person),
    )
    return {column: sealed}


def _set_number(change: Change, record: SealedRecord, acting: Acting, vault: PersonVault) -> Plan:
    """Write a document or phone; of one that is taken away an empty row stays."""
    code, table = _NUMBERS[change.slot.field]
    row, before = UUID(hex=change.slot.key), record.stored.get(change.slot)
    sealed = NOTHING
    if change.after is not None:
        # a row that was emptied once has lost its version: the time is above any of them
        version = acting.at if before is None else value_version(before) + 1
        [[sealed]] = vault.seal([(record.key, [ToSeal(code, row.bytes, version, change.after)])])
    execute(
        REGISTRY,
        f"""INSERT INTO {table} (id, registrant_id, sealed) VALUES (%s, %s, %s)
            ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed""",
        (row, record.person, sealed),
    )
    columns: Columns = {"registrant_id": record.person.bytes, "sealed": sealed}
    return table, Op.INSERT if before is None else Op.UPDATE, row, record.person, columns


def _set_birth(
    value: Sequence[int], record: SealedRecord, acting: Acting, vault: PersonVault
) -> Columns:
    month = date(value[0], value[1] if len(value) >= _MONTH else 1, 1) if value else None
    sealed = None
    if len(value) == _DAY:
        version = acting.at if record.birth_day is None else value_version(record.birth_day) + 1
        plan = ToSeal(Column.BIRTH_DAY, record.person.bytes, version, value[2])
        [[sealed]] = vault.seal([(record.key, [plan])])
    execute(
        REGISTRY,
        """UPDATE registrant SET birth_month = %s, birth_precision = %s, birth_day = %s
           WHERE id = %s""",
        (month, len(value), sealed, record.person),
    )
    return {
        "birth_month": None if month is None else month.isoformat(),
        "birth_precision": len(value),
        "birth_day": sealed,
    }


def _set_facts(
    changes: Sequence[Change], record: SealedRecord, vault: PersonVault, catalogue_version: int
) -> dict[str, Any]:
    """Write changed facts; return those of each table whole, each value under its fact's key."""
    told = {}
    for kind, table, row, known in (
        (Field.PERSON_FACT, "registrant", record.person, record.facts),
        (Field.HOUSEHOLD_FACT, "household", record.household, record.household_facts),
    ):
        changed = {c.slot.key: c.after for c in changes if c.slot.field is kind}
        if not changed:
            continue
        facts = {
            name: value for name, value in (dict(known) | changed).items() if value is not None
        }
        execute(REGISTRY, f"UPDATE {table} SET facts = %s WHERE id = %s", (Jsonb(facts), row))
        [told[table]] = vault.seal_facts([(row.bytes, facts)], catalogue_version=catalogue_version)
    return told


def _set_tokens(person: UUID, after: Record, vault: PersonVault) -> None:
    parts = after.get(Slot(Field.NAME_PARTS))
    birth = after.get(Slot(Field.BIRTH)) or []
    numbers: dict[Field, list[Any]] = {Field.DOCUMENT: [], Field.PHONE: []}
    for slot, value in sorted(after.items(), key=lambda item: item[0]):
        if slot.field in numbers and value is not None:
            numbers[slot.field].append(value)
    texts = person_texts(
        name_parts(
            after[Slot(Field.FULL_NAME)],
            given=None if parts is None else " ".join(parts[2]),
            surname_1=None if parts is None else parts[0],
            surname_2=None if parts is None else parts[1],
        ),
        birth_year=birth[0] if birth else None,
        documents=[(kind, country, number) for kind, country, number in numbers[Field.DOCUMENT]],
        phones=numbers[Field.PHONE],
    )
    tokens = set(vault.search_tokens(texts))
    token_store.replace([person], [(token, person) for token in tokens])


def _birth(month: date | None, precision: int, day: int | None) -> list[int]:
    if month is None:
        return []
    known = [month.year, month.month, day or 1]
    return known[: _MONTH if precision == _DAY and day is None else precision]
