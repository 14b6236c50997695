"""
The journal of a batch the register gained: which rows, sealed how.

Rows about a person are sealed whole under the person's key, facts inside first under the key of
their fact, so that either can be erased alone; a household's row under the workspace's key. Of a
person's key nothing is written but its hash. Source: docs/reference/formats.md, section 8.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import KeyedPerson, PersonVault, RowToSeal
from despensa.domain.transparency import journal, sealed_row
from despensa.domain.transparency.entry import Act, Entry, private_entry
from despensa.records.registry.batch_store import RegistrantRow, RegistryBatch
from despensa.records.sealed_journal import workspace_key
from despensa.records.tables import TABLE_NUMBER

# table number, key of the row, whose key seals it (None: the workspace's), column values
_Plan = tuple[int, bytes, KeyedPerson | None, bytes]
HASH = "sha256"
_REGISTRANT = (
    "birth_month", "birth_precision", "sex", "facts", "full_name", "name_parts", "address",
    "birth_day",
)  # fmt: skip


def batch_entries(
    batch: RegistryBatch,
    *,
    act: Act,
    acting: Acting,
    vault: PersonVault,
    catalogue_version: int,
) -> Iterator[Entry]:
    """Yield one entry per chunk of the batch's journal rows: those about a person sealed to them."""
    plans = [
        *_household_plans(batch, vault, catalogue_version),
        *_person_plans(batch, vault, catalogue_version),
    ]
    for chunk in journal.chunks(plans):
        yield _entry(chunk, act=act, acting=acting, vault=vault)
    # a person's key is never journalled: its hash says which one it was, if it comes back
    for hashes in journal.chunks(_key_hashes(batch)):
        yield private_entry(act, entry=acting.new_id(), salt=acting.new_salt(), rows=hashes)


def _entry(chunk: list[_Plan], *, act: Act, acting: Acting, vault: PersonVault) -> Entry:
    entry = acting.new_id()
    personal = [
        RowToSeal(owner, index, body)
        for index, (_, _, owner, body) in enumerate(chunk)
        if owner is not None
    ]
    bodies = dict(
        zip((row.index for row in personal), vault.seal_rows(entry.bytes, personal), strict=True)
    )
    chunk_keys = []
    if len(personal) < len(chunk):
        key, sealed_key = vault.journal_key(entry.bytes)
        chunk_keys.append(workspace_key(acting, sealed_key))
        for index, (_, _, owner, body) in enumerate(chunk):
            if owner is None:
                bodies[index] = sealed_row.seal_under_chunk(
                    body, chunk_key=key, entry=entry.bytes, index=index
                )
    rows = journal.encode_rows(
        journal.Row(
            table,
            journal.Op.INSERT,
            row_key,
            journal.Seal.WORKSPACE if owner is None else journal.Seal.PERSON,
            bodies[index],
        )
        for index, (table, row_key, owner, _) in enumerate(chunk)
    )
    return private_entry(act, entry=entry, salt=acting.new_salt(), rows=rows, chunk_keys=chunk_keys)


def _key_hashes(batch: RegistryBatch) -> list[bytes]:
    table = TABLE_NUMBER["person_key"]
    bodies = journal.encode_table(
        (HASH,), ((key_hash(row.kek, row.wrapped_key),) for row in batch.registrants)
    )
    return journal.encode_rows(
        journal.Row(table, journal.Op.INSERT, row.id.bytes, journal.Seal.NONE, body)
        for row, body in zip(batch.registrants, bodies, strict=True)
    )


def key_hash(kek: int, wrapped: bytes) -> bytes:
    """
    Return what the journal says of a person's wrapped key.

    Source: docs/reference/formats.md, section 8.
    """
    return hashlib.sha256(kek.to_bytes(4, "big") + wrapped).digest()


def _household_plans(batch: RegistryBatch, vault: PersonVault, version: int) -> Iterator[_Plan]:
    facts = vault.seal_facts(
        [(row.id.bytes, row.facts) for row in batch.households], catalogue_version=version
    )
    bodies = journal.encode_table(
        ("area_id", "facts", "registered_on"),
        (
            (row.area.bytes, journal.encode_sealed_facts(sealed), _day(row.registered_on))
            for row, sealed in zip(batch.households, facts, strict=True)
        ),
    )
    table = TABLE_NUMBER["household"]
    for row, body in zip(batch.households, bodies, strict=True):
        yield table, row.id.bytes, None, body


def _person_plans(batch: RegistryBatch, vault: PersonVault, version: int) -> Iterator[_Plan]:
    """Return the rows about people, those of one person together: the key is opened once."""
    people = {
        row.id: KeyedPerson(row.id.bytes, row.kek, row.wrapped_key) for row in batch.registrants
    }
    plans: dict[UUID, list[_Plan]] = {person: [] for person in people}
    facts = vault.seal_facts(
        [(row.id.bytes, row.facts) for row in batch.registrants], catalogue_version=version
    )
    table = TABLE_NUMBER["registrant"]
    bodies = journal.encode_table(_REGISTRANT, map(_registrant_columns, batch.registrants, facts))
    for row, body in zip(batch.registrants, bodies, strict=True):
        plans[row.id].append((table, row.id.bytes, people[row.id], body))
    for name, items in (
        ("registrant_document", batch.documents),
        ("registrant_phone", batch.phones),
    ):
        table = TABLE_NUMBER[name]
        bodies = journal.encode_table(
            ("registrant_id", "sealed"), ((item.registrant.bytes, item.sealed) for item in items)
        )
        for item, body in zip(items, bodies, strict=True):
            key = item.registrant.bytes + item.id.bytes
            plans[item.registrant].append((table, key, people[item.registrant], body))
    table = TABLE_NUMBER["membership"]
    bodies = journal.encode_table(
        ("household_id", "registrant_id", "role", "from_date"),
        (
            (item.household.bytes, item.registrant.bytes, item.role, _day(item.from_date))
            for item in batch.memberships
        ),
    )
    for member, body in zip(batch.memberships, bodies, strict=True):
        key = member.registrant.bytes + member.id.bytes
        plans[member.registrant].append((table, key, people[member.registrant], body))
    return chain.from_iterable(plans.values())


def _registrant_columns(
    row: RegistrantRow, facts: Mapping[str, Sequence[Any]]
) -> tuple[int | bytes | None, ...]:
    return (
        None if row.birth_month is None else _day(row.birth_month),
        row.birth_precision,
        row.sex,
        journal.encode_sealed_facts(facts),
        row.full_name,
        row.name_parts,
        row.address,
        row.birth_day,
    )


def _day(day: date) -> journal.Encoded:
    return journal.encode_text(day.isoformat())
