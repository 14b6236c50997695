"""
Open a person's whole record to correct it: every field, after the look is written down.

Source: docs/explanation/design.md, section 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.correction.decide import CorrectionRefused, Why
from despensa.domain.correction.slot import Slot, value_on
from despensa.domain.ports.keeper import Access, PersonVault, Purpose
from despensa.domain.role import Permission
from despensa.domain.sealing import Column
from despensa.records.corrections import queries, sealed_record, store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import keys_of
from despensa.records.registry import store as registry
from despensa.records.staff import queries as staff


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """What is recorded about a person, and the version a correction names."""

    person: UUID
    household: UUID
    version: str
    values: Mapping[Slot, Any]


def open_record(
    person: UUID,
    household: UUID,
    *,
    as_of: int | None = None,
    acting: Acting,
    vault: PersonVault,
) -> OpenedRecord:
    """
    Return a person's record; with `as_of` what it said at that instant, corrections taken back.

    Raises: CorrectionRefused for somebody out of this person's reach; AccessRefused.
    """
    if acting.staff is None:
        raise ValueError("a record is opened by a person")
    reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
    record = sealed_record.sealed_record(person, household)
    if record is None or not reach.holds(record.area):
        raise CorrectionRefused(Why.NO_SUCH_PERSON)
    later = [] if as_of is None else queries.later_changes(person, household, as_of)
    # who was erased takes their part of a household's history along
    keys = keys_of(sorted({owner for owner, _ in later}))
    later = [(owner, change) for owner, change in later if owner in keys]
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.CORRECT_RECORD,
        persons=tuple(dict.fromkeys([person.bytes, *(owner.bytes for owner in keys)])),
        fields=(*sealed_record.COLUMNS, Column.CORRECTION),
    )
    with transaction.atomic(using=REGISTRY):
        registry.record_look(access, acting=acting)
    values = record.values()
    opened, *past = vault.unseal(
        access,
        [
            (record.key, values),
            *((keys[owner], store.to_open([change])) for owner, change in later),
        ],
    )
    said = record.opened(opened)
    stored = [change for _, change in later]
    changes = store.opened_changes(stored, [pair for [pair] in past], vault)
    for slot in {change.slot for change in changes}:
        said[slot] = value_on(said.get(slot), [one for one in changes if one.slot == slot])
    return OpenedRecord(person, household, record.version, said)
