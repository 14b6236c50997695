"""
The journal of a batch the register gained: which rows, sealed how.

Rows about a person are sealed whole under the person's key, facts inside first under the key of
their fact, so that either can be erased alone. Source: docs/reference/formats.md, section 8.
"""

from collections.abc import Iterator

from despensa.domain.act import Acting
from despensa.domain.encoding import dcbor
from despensa.domain.ports.keeper import KeyedPerson, PersonVault, RowToSeal
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, Entry, private_entry
from despensa.records.registry.store import RegistryBatch
from despensa.records.tables import TABLE_NUMBER

# table number, primary key, whose key seals the row (None: nobody's), column values
_Plan = tuple[int, bytes, KeyedPerson | None, bytes]


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
    for start in range(0, len(plans), journal.CHUNK_ROWS_MAX):
        chunk = plans[start : start + journal.CHUNK_ROWS_MAX]
        entry = acting.new_id()
        personal = [
            RowToSeal(owner, index, body)
            for index, (_, _, owner, body) in enumerate(chunk)
            if owner is not None
        ]
        bodies = dict(
            zip(
                (row.index for row in personal),
                vault.seal_rows(entry.bytes, personal),
                strict=True,
            )
        )
        rows = journal.encode_rows(
            journal.Row(
                table,
                journal.Op.INSERT,
                key,
                journal.Seal.NONE if owner is None else journal.Seal.PERSON,
                bodies.get(index, body),
            )
            for index, (table, key, owner, body) in enumerate(chunk)
        )
        yield private_entry(act, entry=entry, salt=acting.new_salt(), rows=rows)


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
            yield TABLE_NUMBER[table], item.id.bytes, keys[item.registrant], dcbor.encode(body)
    for member in batch.memberships:
        body = {
            "household_id": member.household.bytes,
            "registrant_id": member.registrant.bytes,
            "role": member.role,
            "from_date": member.from_date.isoformat(),
        }
        owner = keys[member.registrant]
        yield TABLE_NUMBER["membership"], member.id.bytes, owner, dcbor.encode(body)
