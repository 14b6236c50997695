"""
Undoing what a file did to households: what stands in the way, and what they were.

Only use cases import this.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.household.operation import Kind, Order, Reason
from despensa.domain.household.refusal import ChangeRefused
from despensa.domain.household.situation import Change
from despensa.domain.household.undo import decide_undo
from despensa.domain.import_undo import Obstacle, UndoRefused
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.registration.said import unpack
from despensa.domain.sealing import Column, Sealed, value_version
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, Entry
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.households import queries, store
from despensa.records.households.change_journal import Plan, change_plans, entry_of, keys_of
from despensa.records.households.file_update import each_alone, household_plans, person_plans
from despensa.records.registry import file_store, taken_back, token_store
from despensa.records.registry.file_rows import PeopleUpdate
from despensa.records.registry.file_store import PersonRow

_HOUSEHOLDS_AT_ONCE = 1_250
_NUMBER_COLUMN = {False: Column.DOCUMENT, True: Column.PHONE}
_OUTDATED = "outdated"


def obstacle(register_import: UUID) -> UndoRefused | None:
    """Return what stands in the way of undoing an import that was taken in, or None."""
    cycles = fetch(
        REGISTRY,
        """SELECT cycle.code, count(*) FROM import_pair pair
           JOIN register_import file ON file.id = pair.register_import
           JOIN decision ON decision.household_id = pair.household_id
           JOIN cycle ON cycle.id = decision.cycle_id AND cycle.state >= 3
           JOIN stage ON stage.subject = cycle.id AND stage.stage = 'opening'
                AND stage.done_at >= file.committed_at
           WHERE pair.register_import = %s AND pair.effect IN (1, 2)
           GROUP BY cycle.id ORDER BY count(*) DESC LIMIT 1""",
        (register_import,),
    )
    if cycles:
        return UndoRefused(Obstacle.CYCLE_OPENED, name=cycles[0][0], count=cycles[0][1])
    [(count, first)] = fetch(
        REGISTRY,
        """SELECT count(*), min(card.household_id::text) FROM import_pair pair
           JOIN card ON card.household_id = pair.household_id
           WHERE pair.register_import = %s AND pair.effect = 1""",
        (register_import,),
    )
    if count:
        return UndoRefused(Obstacle.CARDS_MADE, count=count, name=first[:8])
    [(count, first)] = fetch(
        REGISTRY,
        """SELECT count(*), min(pair.household_id::text) FROM import_pair pair
           JOIN household_standing standing USING (household_id)
           LEFT JOIN household_change_part part ON part.change_id = pair.change
                AND part.household_id = pair.household_id
           WHERE pair.register_import = %s AND standing.version > coalesce(part.version, 0)
             AND (pair.effect = 2 OR pair.effect = 1 AND EXISTS (
                 SELECT 1 FROM household_change_part own
                 JOIN household_change later ON later.id = own.change_id
                 WHERE own.household_id = pair.household_id AND later.kind <> 11
                   AND NOT EXISTS (SELECT 1 FROM household_change undo
                                   WHERE undo.undoes_id = later.id)))""",
        (register_import,),
    )
    if count:
        return UndoRefused(Obstacle.CHANGED_LATER, count=count, name=first[:8])
    count, where = taken_back.roles_elsewhere(register_import)
    if count:
        return UndoRefused(Obstacle.COLLECTS_ELSEWHERE, count=count, name=str(where)[:8])
    count = taken_back.corrected(register_import)
    return UndoRefused(Obstacle.CORRECTED_LATER, count=count) if count else None


def mark_outdated(register_import: UUID, *, now: int) -> None:
    """
    Let cycles that were decided with these households, and not opened, open no more.

    Locks: those cycles, so that an opening comes before or is refused.
    """
    execute(
        REGISTRY,
        """INSERT INTO stage (subject, stage, chunk, done_at)
           SELECT cycle.id, %s, 0, %s FROM cycle
           WHERE cycle.state = 2 AND cycle.id IN (
               SELECT decision.cycle_id FROM import_pair pair
               JOIN decision ON decision.household_id = pair.household_id
               WHERE pair.register_import = %s AND pair.effect IN (1, 2))
           ON CONFLICT DO NOTHING""",
        (_OUTDATED, now, register_import),
    )


def lock_cycles(register_import: UUID) -> None:
    """Let cycles that counted these households wait. Locks: their rows, in one order."""
    execute(
        REGISTRY,
        """SELECT 1 FROM cycle WHERE id IN (
               SELECT decision.cycle_id FROM import_pair pair
               JOIN decision ON decision.household_id = pair.household_id
               WHERE pair.register_import = %s AND pair.effect IN (1, 2))
           ORDER BY id FOR UPDATE""",
        (register_import,),
    )


def take_back(
    register_import: UUID, *, act: Act, acting: Acting, vault: PersonVault
) -> Iterator[Entry]:
    """Empty everything an import added, a slice at a time; yield the entries of the journal."""
    homes = taken_back.added(register_import)
    for start in range(0, len(homes), _HOUSEHOLDS_AT_ONCE):
        part = homes[start : start + _HOUSEHOLDS_AT_ONCE]
        emptied = [
            *taken_back.empty_people(taken_back.people_of(part)),
            *taken_back.empty_households(part),
        ]
        ended = _end(part)
        plans: list[Plan] = [(table, op, key, None, columns) for table, op, key, columns in emptied]
        plans += [
            (
                "household_standing",
                journal.Op.UPDATE,
                household,
                None,
                {"version": version, "ended_on": ended_on.isoformat()},
            )
            for household, version, ended_on in ended
        ]
        for chunk in journal.chunks(plans):
            yield entry_of(chunk, act=act, acting=acting, vault=vault, keys={})


def _end(households: Sequence[UUID]) -> list[tuple[UUID, int, date]]:
    """Let nobody ever have lived in households; return each with its version and last day."""
    return fetch(
        REGISTRY,
        """INSERT INTO household_standing (household_id, version, ended_on)
           SELECT id, 1, registered_on FROM household WHERE id = ANY(%s)
           ON CONFLICT (household_id) DO UPDATE
           SET version = household_standing.version + 1, ended_on = excluded.ended_on
           RETURNING household_id, version, ended_on""",
        (list(households),),
    )


def restore(
    register_import: UUID, *, catalogue_version: int, act: Act, acting: Acting, vault: PersonVault
) -> Iterator[Entry]:
    """
    Let what an import updated be what it was, a slice at a time; yield the entries of the journal.

    Raises: UndoRefused when a household was changed meanwhile.
    """
    before = taken_back.updated(register_import)
    for start in range(0, len(before), _HOUSEHOLDS_AT_ONCE):
        part = before[start : start + _HOUSEHOLDS_AT_ONCE]
        changes = _undone(part, acting)
        assert acting.staff is not None, "an import is undone for somebody"
        store.write_all(
            [(change, change.order.id.bytes) for change in changes],
            staff=acting.staff,
            at=acting.at,
        )
        said = [(unpack(one.said), unpack(one.said_now)) for one in part]
        added = [
            now.people[ref].person
            for then, now in said
            for ref in now.people.keys() - then.people.keys()
        ]
        people = [one.person for then, _ in said for one in then.people.values()]
        update = _as_before(register_import, people, vault)
        taken_back.set_facts(part)
        keys = keys_of(people)
        says = [
            file_store.HouseholdSays(one.household, one.origin_ref, one.facts, one.said)
            for one in part
        ]
        plans: list[Plan] = [
            *(plan for change in changes for plan in change_plans(change, {})),
            *person_plans(update, vault, catalogue_version),
            *household_plans(says, vault, catalogue_version),
            *(
                (table, op, key, None, columns)
                for table, op, key, columns in taken_back.empty_people(added)
            ),
        ]
        for chunk in journal.chunks(plans):
            yield entry_of(chunk, act=act, acting=acting, vault=vault, keys=keys)


def _undone(before: Sequence[taken_back.Before], acting: Acting) -> list[Change]:
    done = queries.operations([one.change for one in before])
    alone = each_alone(queries.situation_of([one.household for one in before]))
    changes = []
    for one in before:
        situation = alone[one.household]
        order = Order(
            id=acting.new_id(),
            kind=Kind.UNDO,
            reason=Reason.ENTRY_MISTAKE,
            day=acting.day,
            household=one.household,
            expected_version=situation.households[one.household].version,
            undoes=one.change,
        )
        try:
            changes.append(decide_undo(order, done[one.change][1], situation, is_file_undone=True))
        except ChangeRefused as refused:
            raise UndoRefused(
                Obstacle.CHANGED_LATER, count=1, name=str(one.household)[:8]
            ) from refused
    return changes


def _as_before(register_import: UUID, people: Sequence[UUID], vault: PersonVault) -> PeopleUpdate:
    """Write people as they were, sealed anew under their next version, and return their rows."""
    before = taken_back.people_before(register_import, people)
    now = file_store.people_rows(list(before))
    work = [_to_renew(before[person].row, now[person]) for person in before]
    renewed = vault.renew(
        [(before[person].row.key, items) for person, items in zip(before, work, strict=True)]
    )
    rows, numbers = [], []
    for person, items, values in zip(before, work, renewed, strict=True):
        sealed = {
            (item.column, item.row): value for (item, _), value in zip(items, values, strict=True)
        }
        row, own = before[person].row, person.bytes
        rows.append(
            replace(
                row,
                full_name=sealed.get((Column.FULL_NAME, own)),
                name_parts=sealed.get((Column.NAME_PARTS, own)),
                address=sealed.get((Column.ADDRESS, own)),
                birth_day=sealed.get((Column.BIRTH_DAY, own)),
            )
        )
        numbers += [
            replace(
                number,
                sealed=sealed.get(
                    (_NUMBER_COLUMN[number.is_phone], number.row.bytes), taken_back.NOTHING
                ),
            )
            for number in row.numbers
        ]
    tokens = [(token, person) for person, one in before.items() for token in one.tokens]
    file_store.set_people(rows)
    token_store.replace(list(before), tokens)
    for is_phone, table in file_store.SEALED_TABLES.items():
        file_store.set_numbers(table, [one for one in numbers if one.is_phone is is_phone])
    return PeopleUpdate(rows, numbers, tokens)


def _to_renew(before: PersonRow, now: PersonRow) -> list[tuple[Sealed, int]]:
    """Return the values to seal anew, each with the version after the one it has now."""
    versions = {item.column: value_version(item.data) for item in taken_back.sealed_columns(now)}
    numbers = {number.row: number.sealed for number in now.numbers if number.sealed}
    own = [
        (item, max(versions.get(item.column, 0), value_version(item.data)) + 1)
        for item in taken_back.sealed_columns(before)
    ]
    return own + [
        (
            Sealed(_NUMBER_COLUMN[number.is_phone], number.row.bytes, number.sealed),
            value_version(numbers.get(number.row, number.sealed)) + 1,
        )
        for number in before.numbers
        if number.sealed
    ]
