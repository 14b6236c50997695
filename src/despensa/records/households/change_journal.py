"""
The journal of one operation: which roles began and ended, sealed to the people they are about.

What is about a household or an institution is sealed to the workspace.
Source: docs/reference/formats.md, section 8.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.household.membership import Membership
from despensa.domain.household.situation import Change
from despensa.domain.ports.keeper import KeyedPerson, PersonVault, RowToSeal
from despensa.domain.transparency import journal, sealed_row
from despensa.domain.transparency.entry import Act, Entry, private_entry
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.sealed_journal import workspace_key
from despensa.records.tables import TABLE_NUMBER

# table, operation, primary key, whose key seals the row (None: the workspace's), column values
Columns = dict[int | str, object]
Plan = tuple[str, journal.Op, UUID, UUID | None, Columns]


def keys_of(people: Sequence[UUID]) -> dict[UUID, KeyedPerson]:
    """Return the wrapped keys of people who have not been erased."""
    rows = fetch(
        REGISTRY, "SELECT person, kek, wrapped FROM person_key WHERE person = ANY(%s)",
        (list(people),),
    )  # fmt: skip
    return {person: KeyedPerson(person.bytes, kek, bytes(wrapped)) for person, kek, wrapped in rows}


def change_entry(
    change: Change,
    *,
    act: Act,
    acting: Acting,
    vault: PersonVault,
    keys: Mapping[UUID, KeyedPerson],
    besides: Sequence[Plan] = (),
) -> Entry:
    """
    Return the entry of an operation: rows about a person sealed to that person.

    Rows of somebody without a key are sealed to the workspace; `besides` are further rows.
    """
    plans = [*change_plans(change, keys), *besides]
    return entry_of(plans, act=act, acting=acting, vault=vault, keys=keys)


def change_plans(change: Change, keys: Mapping[UUID, KeyedPerson]) -> list[Plan]:
    """Return the rows of an operation; `keys` are of people it concerns."""
    return [*_own_plans(change, keys), *_role_plans(change)]


def entry_of(
    plans: Sequence[Plan],
    *,
    act: Act,
    acting: Acting,
    vault: PersonVault,
    keys: Mapping[UUID, KeyedPerson],
) -> Entry:
    """Return the entry of these rows, each sealed to its owner, else to the workspace."""
    entry = acting.new_id()
    bodies = [journal.encode_columns(columns) for *_, columns in plans]
    owners = [None if owner is None else keys.get(owner) for _, _, _, owner, _ in plans]
    personal = [
        RowToSeal(owner, index, body)
        for index, (owner, body) in enumerate(zip(owners, bodies, strict=True))
        if owner is not None
    ]
    sealed = dict(
        zip((row.index for row in personal), vault.seal_rows(entry.bytes, personal), strict=True)
    )
    chunk_key, sealed_key = vault.journal_key(entry.bytes)
    for index, (owner, body) in enumerate(zip(owners, bodies, strict=True)):
        if owner is None:
            sealed[index] = sealed_row.seal_under_chunk(
                body, chunk_key=chunk_key, entry=entry.bytes, index=index
            )
    rows = journal.encode_rows(
        journal.Row(
            TABLE_NUMBER[table],
            op,
            _row_key(key, owner),
            journal.Seal.WORKSPACE if owner is None else journal.Seal.PERSON,
            sealed[index],
        )
        for index, ((table, op, key, *_), owner) in enumerate(zip(plans, owners, strict=True))
    )
    return private_entry(
        act,
        entry=entry,
        salt=acting.new_salt(),
        rows=rows,
        chunk_keys=[workspace_key(acting, sealed_key)],
    )


def _row_key(key: UUID, owner: KeyedPerson | None) -> bytes:
    """Return the person's id before the row's own, where the row is not the person's."""
    if owner is None or owner.person == key.bytes:
        return key.bytes
    return owner.person + key.bytes


def _own_plans(change: Change, keys: Mapping[UUID, KeyedPerson]) -> list[Plan]:
    """Return the rows about the operation and its households; why is sealed to somebody there."""
    order = change.order
    somebody = min(keys, default=None, key=lambda person: person.bytes)
    insert, update = journal.Op.INSERT, journal.Op.UPDATE
    plans: list[Plan] = [
        (
            "household_change",
            insert,
            order.id,
            somebody,
            {
                "kind": int(order.kind),
                "reason": int(order.reason),
                "day": order.day.isoformat(),
                "household_id": order.household.bytes,
                "undoes_id": None if order.undoes is None else order.undoes.bytes,
            },
        )
    ]
    for household in change.households:
        if household.id == change.founded:
            founded: Columns = {
                "area_id": household.area.bytes,
                "registered_on": household.founded_on.isoformat(),
            }
            plans.append(("household", insert, household.id, None, founded))
        standing: Columns = {
            "version": household.version,
            "area_since": _day(household.area_since),
            "ended_on": _day(household.ended_on),
        }
        plans.append(("household_standing", update, household.id, None, standing))
    if change.moved is not None:
        moved: Columns = {"area_id": change.moved.after.bytes}
        plans.append(("household", update, change.moved.household, None, moved))
    return plans


def _role_plans(change: Change) -> list[Plan]:
    plans: list[Plan] = [
        (
            _table(row),
            journal.Op.UPDATE,
            row.id,
            _owner(row),
            {"until_date": _day(row.until_day)},
        )
        for row in (*change.ended, *change.voided, *change.reopened)
    ]
    for row in change.begun:
        holder = "institution_id" if row.is_institution else "registrant_id"
        columns: Columns = {
            "household_id": row.household.bytes,
            holder: row.holder.bytes,
            "role": int(row.role),
            "from_date": row.from_day.isoformat(),
            "begun_by": change.order.id.bytes,
        }
        plans.append((_table(row), journal.Op.INSERT, row.id, _owner(row), columns))
    return plans


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _table(row: Membership) -> str:
    return "institution_duty" if row.is_institution else "membership"


def _owner(row: Membership) -> UUID | None:
    return None if row.is_institution else row.holder
