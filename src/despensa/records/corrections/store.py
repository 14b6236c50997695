"""Writes of corrections, inside the use case's transaction. Only use cases import this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.correction.slot import Change, Channel, Field, Reason, Slot, State
from despensa.domain.ports.keeper import Access, KeyedPerson, PersonVault, Purpose
from despensa.domain.sealing import Column, Sealed, ToSeal
from despensa.domain.transparency.journal import Op
from despensa.records.bulk import execute, fetch
from despensa.records.corrections.queries import StoredChange
from despensa.records.corrections.sealed_record import COLUMNS, SealedRecord
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import Plan

_FACTS = frozenset({Field.PERSON_FACT, Field.HOUSEHOLD_FACT})


@dataclass(frozen=True, slots=True)
class NewCorrection:
    """A request as it is written first."""

    id: UUID
    person: UUID
    household: UUID
    channel: Channel
    reason: Reason
    answer_until: date
    digest: bytes
    needs_two: bool
    proposal: UUID | None
    undoes: UUID | None


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request was answered."""

    state: State
    receipt: bytes
    refused_for: int | None = None


def sealed_changes(
    changes: Sequence[Change],
    key: KeyedPerson,
    *,
    acting: Acting,
    vault: PersonVault,
    catalogue_version: int,
) -> list[tuple[UUID, Change, bytes]]:
    """Return a new id and the sealed [before, after] of each change; facts under their own key."""
    ids = acting.new_ids(len(changes))
    plan = [
        ToSeal(Column.CORRECTION, row.bytes, 1, _pair(change, row, vault, catalogue_version))
        for row, change in zip(ids, changes, strict=True)
    ]
    [sealed] = vault.seal([(key, plan)])
    return list(zip(ids, changes, sealed, strict=True))


def opened_changes(
    stored: Sequence[StoredChange], values: Sequence[Any], vault: PersonVault
) -> list[Change]:
    """Return the changes the keeper opened; a fact that is kept no longer comes back as None."""
    return [
        Change(one.slot, *(_fact(one, side, vault) for side in pair))
        if one.slot.field in _FACTS
        else Change(one.slot, *pair)
        for one, pair in zip(stored, values, strict=True)
    ]


def look_at(record: SealedRecord, *, case: UUID, acting: Acting) -> Access:
    """Return the entry of a look at a record and a correction, to be written before it is opened."""
    assert acting.staff is not None, "a record is opened by a person"
    return Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.CORRECT_RECORD,
        persons=(record.person.bytes,),
        fields=(*COLUMNS, Column.CORRECTION),
        case=case.bytes,
    )


def opened(
    record: SealedRecord, stored: Sequence[StoredChange], access: Access, vault: PersonVault
) -> tuple[dict[Slot, Any], list[Change]]:
    """Return what a record says, and what a correction changes. Raises: AccessRefused."""
    values = record.values()
    [found] = vault.unseal(access, [(record.key, [*values, *to_open(stored)])])
    return record.opened(found[: len(values)]), opened_changes(stored, found[len(values) :], vault)


def to_open(stored: Sequence[StoredChange]) -> list[Sealed]:
    """Return the sealed values of changes as the keeper is asked for them."""
    return [Sealed(Column.CORRECTION, one.id.bytes, one.sealed) for one in stored]


def add(
    correction: NewCorrection,
    changes: Sequence[tuple[UUID, Change, bytes]],
    *,
    acting: Acting,
    receipt: bytes,
) -> None:
    """Write a request that waits, with the receipt that it was asked."""
    execute(
        REGISTRY,
        """INSERT INTO correction
           (id, person_id, household_id, channel, reason, staff, at, answer_until, digest,
            needs_two, proposal, undoes_id, state, asked_receipt)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            correction.id, correction.person, correction.household, int(correction.channel),
            int(correction.reason), acting.staff, acting.at, correction.answer_until,
            correction.digest, correction.needs_two, correction.proposal, correction.undoes,
            int(State.WAITING), receipt,
        ),
    )  # fmt: skip
    for row, change, sealed in changes:
        execute(
            REGISTRY,
            """INSERT INTO correction_change (id, correction_id, field, key, sealed)
               VALUES (%s, %s, %s, %s, %s)""",
            (row, correction.id, int(change.slot.field), change.slot.key, sealed),
        )


def journal_of(
    correction: NewCorrection, changes: Sequence[tuple[UUID, Change, bytes]]
) -> list[Plan]:
    """Return the journal's rows of a request."""
    person = correction.person
    plans: list[Plan] = [
        (
            "correction",
            Op.INSERT,
            correction.id,
            person,
            {
                "person_id": person.bytes,
                "household_id": correction.household.bytes,
                "channel": int(correction.channel),
                "reason": int(correction.reason),
                "proposal": None if correction.proposal is None else correction.proposal.bytes,
                "undoes_id": None if correction.undoes is None else correction.undoes.bytes,
            },
        )
    ]
    plans += [
        (
            "correction_change",
            Op.INSERT,
            row,
            person,
            {
                "correction_id": correction.id.bytes,
                "field": int(change.slot.field),
                "key": change.slot.key,
                "sealed": sealed,
            },
        )
        for row, change, sealed in changes
    ]
    return plans


def lock_waiting(correction: UUID) -> bool:
    """Return whether a request waits for an answer. Locks: its row."""
    rows = fetch(
        REGISTRY,
        "SELECT 1 FROM correction WHERE id = %s AND state = %s FOR UPDATE",
        (correction, int(State.WAITING)),
    )
    return bool(rows)


def answer(correction: UUID, answered: Answer, *, acting: Acting) -> None:
    """Write how a request was answered."""
    execute(
        REGISTRY,
        """UPDATE correction SET state = %s, decided_at = %s, decided_by = %s, refused_for = %s,
               answer_receipt = %s WHERE id = %s""",
        (
            int(answered.state), acting.at, acting.staff, answered.refused_for, answered.receipt,
            correction,
        ),
    )  # fmt: skip


def journal_of_answer(
    correction: UUID, person: UUID, state: State, refused_for: int | None = None
) -> Plan:
    """Return the journal's row of an answer."""
    return (
        "correction",
        Op.UPDATE,
        correction,
        person,
        {"state": int(state), "refused_for": refused_for},
    )


def _pair(change: Change, row: UUID, vault: PersonVault, catalogue_version: int) -> list[Any]:
    sides = [change.before, change.after]
    if change.slot.field not in _FACTS:
        return sides
    named = [{} if side is None else {change.slot.key: side} for side in sides]
    return vault.seal_facts(
        [(row.bytes, facts) for facts in named], catalogue_version=catalogue_version
    )


def _fact(stored: StoredChange, side: Any, vault: PersonVault) -> Any:
    [facts] = vault.open_facts([(stored.id.bytes, side)])
    return facts.get(stored.slot.key)
