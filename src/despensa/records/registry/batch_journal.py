"""
The journal of a batch the register gained: which rows, sealed how.

Rows about a person are sealed whole under the person's key, facts inside first under the key of
their fact, so that either can be erased alone; a household's row under the workspace's key. Of a
person's key nothing is written but its hash. Source: docs/reference/formats.md, section 8.
"""

import hashlib
from collections.abc import Iterator

from despensa.domain.act import Acting
from despensa.domain.encoding import dcbor
from despensa.domain.ports.keeper import KeyedPerson, PersonVault, RowToSeal
from despensa.domain.transparency import journal, sealed_row
from despensa.domain.transparency.entry import Act, Entry, private_entry
from despensa.records.registry.store import RegistryBatch
from despensa.records.sealed_journal import workspace_key
from despensa.records.tables import TABLE_NUMBER

# table number, key of the row, whose key seals it (None: the workspace's), column values
_Plan = tuple[int, bytes, KeyedPerson | None, bytes]
HASH = "sha256"


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
    for row, sealed in zip(batch.households, facts, strict=True):
        body = {
            "area_id": row.area.bytes,
            "facts": sealed,
            "registered_on": row.registered_on.isoformat(),
        }
        yield TABLE_NUMBER["household"], row.id.bytes, None, dcbor.encode(body)


def _person_plans(batch: RegistryBatch, vault: PersonVault, version: int) -> Iterator[_Plan]:
    keys = {
        row.id: KeyedPerson(row.id.bytes, row.kek, row.wrapped_key) for row in batch.registrants
    }
    facts = vault.seal_facts(
        [(row.id.bytes, row.facts) for row in batch.registrants], catalogue_version=version
    )
    for row, sealed in zip(batch.registrants, facts, strict=True):
        body = {
            "birth_month": None if row.birth_month is None else row.birth_month.isoformat(),
            "birth_precision": row.birth_precision,
            "sex": row.sex,
            "facts": sealed,
            "full_name": row.full_name,
            "name_parts": row.name_parts,
            "address": row.address,
            "birth_day": row.birth_day,
        }
        yield TABLE_NUMBER["registrant"], row.id.bytes, keys[row.id], dcbor.encode(body)
    for table, items in (
        ("registrant_document", batch.documents),
        ("registrant_phone", batch.phones),
    ):
        for item in items:
            body = {"registrant_id": item.registrant.bytes, "sealed": item.sealed}
            key = item.registrant.bytes + item.id.bytes
            yield TABLE_NUMBER[table], key, keys[item.registrant], dcbor.encode(body)
    for member in batch.memberships:
        body = {
            "household_id": member.household.bytes,
            "registrant_id": member.registrant.bytes,
            "role": member.role,
            "from_date": member.from_date.isoformat(),
        }
        owner = keys[member.registrant]
        key = member.registrant.bytes + member.id.bytes
        yield TABLE_NUMBER["membership"], key, owner, dcbor.encode(body)
