"""
The register as its journal tells it: the rows an intruder changed or deleted, byte for byte.

The keeper has opened the rows; here they are applied in the order in which they were written.
Person keys are never journalled, so they come from a backup; each is held against the hash the
journal keeps of it. Source: docs/reference/formats.md, section 8.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from despensa.domain.encoding import dcbor
from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.transparency.journal import Op, Row
from despensa.records.registry import batch_store
from despensa.records.registry.batch_journal import HASH, key_hash
from despensa.records.tables import TABLE_NUMBER

_ID_LENGTH = 16
_TABLES = (
    "household", "registrant", "registrant_document", "registrant_phone", "membership",
    "person_key",
)  # fmt: skip
_NAMES = {TABLE_NUMBER[table]: table for table in _TABLES}
_Columns = dict[str, Any]


class KeyNotTheOne(RuntimeError):
    """A person's key is another than the one that was journalled."""


def rebuilt(rows: Iterable[Row], people: Mapping[bytes, KeyedPerson]) -> batch_store.RegistryBatch:
    """
    Return the register the rows add up to, in the form in which it is written.

    `rows` are opened, oldest first; of other tables' rows nothing is taken. Search tokens and
    origins are no part of it: they are made from what is in it. Who was erased comes back empty.
    Raises: KeyNotTheOne.
    """
    tables: dict[str, dict[bytes, _Columns]] = {table: {} for table in _TABLES}
    for row in rows:
        table = _NAMES.get(row.table)
        if table is not None:
            _apply(tables[table], row)
    for person, columns in tables["person_key"].items():
        owner = people.get(person)
        if owner is not None and key_hash(owner.kek, owner.wrapped) != columns[HASH]:
            raise KeyNotTheOne(
                f"The key of person {UUID(bytes=person)} is not the one of the journal. Bring the "
                "person keys back from a backup that was made before they were changed."
            )
    return batch_store.RegistryBatch(
        households=[_household(key, row) for key, row in tables["household"].items()],
        registrants=[
            _registrant(key, row, people.get(key)) for key, row in tables["registrant"].items()
        ],
        documents=[_sealed(key, row) for key, row in tables["registrant_document"].items()],
        phones=[_sealed(key, row) for key, row in tables["registrant_phone"].items()],
        memberships=[_membership(key, row) for key, row in tables["membership"].items()],
        tokens=(),
        origins=(),
    )


def _apply(table: dict[bytes, _Columns], row: Row) -> None:
    # a row about a person is keyed by the person and, where it is another, its own id
    key = row.key[-_ID_LENGTH:]
    if row.op == Op.DELETE:
        table.pop(key, None)
    elif row.op == Op.INSERT:
        table[key] = dcbor.decode(row.body)
    else:
        # of an erased person only the rows that emptied theirs can be read: they are whole
        table.setdefault(key, {}).update(dcbor.decode(row.body))


def _household(key: bytes, row: _Columns) -> batch_store.HouseholdRow:
    return batch_store.HouseholdRow(
        UUID(bytes=key),
        UUID(bytes=row["area_id"]),
        row["facts"],
        date.fromisoformat(row["registered_on"]),
    )


def _registrant(key: bytes, row: _Columns, owner: KeyedPerson | None) -> batch_store.RegistrantRow:
    month = row["birth_month"]
    return batch_store.RegistrantRow(
        id=UUID(bytes=key),
        birth_month=None if month is None else date.fromisoformat(month),
        birth_precision=row["birth_precision"],
        sex=row["sex"],
        facts=row["facts"],
        full_name=row["full_name"],
        name_parts=row["name_parts"],
        address=row["address"],
        birth_day=row["birth_day"],
        kek=0 if owner is None else owner.kek,
        wrapped_key=b"" if owner is None else owner.wrapped,
    )


def _sealed(key: bytes, row: _Columns) -> batch_store.SealedRow:
    return batch_store.SealedRow(UUID(bytes=key), UUID(bytes=row["registrant_id"]), row["sealed"])


def _membership(key: bytes, row: _Columns) -> batch_store.MembershipRow:
    return batch_store.MembershipRow(
        UUID(bytes=key),
        UUID(bytes=row["household_id"]),
        UUID(bytes=row["registrant_id"]),
        row["role"],
        date.fromisoformat(row["from_date"]),
        None if row.get("until_date") is None else date.fromisoformat(row["until_date"]),
    )
