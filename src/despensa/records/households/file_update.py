"""
Households that follow their source: a slice of a file's known households, at once.

What is so is loaded for all of them, each is decided by itself (`domain.file_update`,
`domain.household.change`), and everything is written together: one operation of the history each,
the people's rows, and what is needed to undo it. Only use cases import this.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.file_update import following_order
from despensa.domain.household.change import decide
from despensa.domain.household.membership import Membership
from despensa.domain.household.refusal import ChangeRefused
from despensa.domain.household.situation import Change, Situation
from despensa.domain.ports.keeper import KeyedPerson, PersonVault
from despensa.domain.registration.draft import PersonDraft, Role
from despensa.domain.registration.follow import Following, follow
from despensa.domain.registration.said import HouseholdSaid, Spoken
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, Entry
from despensa.records.households import queries, store
from despensa.records.households.change_journal import (
    Plan,
    change_plans,
    entry_of,
    keys_of,
)
from despensa.records.registry import batch_store, file_store
from despensa.records.registry.batch_journal import batch_entries
from despensa.records.registry.file_rows import PeopleUpdate, Stated, people_update
from despensa.records.registry.household_rows import newcomer_batch

_SEALED_TABLE = file_store.SEALED_TABLES


@dataclass(frozen=True, slots=True)
class Known:
    """
    A household of a file that came from the same record before, and says something new.

    `area` is where the file puts it, None where it names no place.
    """

    household: UUID
    spoken: Spoken
    before: HouseholdSaid
    area: UUID | None


@dataclass(frozen=True, slots=True)
class Order:
    """What an import updates in: its id, day and catalogue, and where it may reach (None: all)."""

    register_import: UUID
    day: date
    catalogue_version: int
    areas: Collection[UUID] | None


@dataclass(frozen=True, slots=True)
class Followed:
    """
    What became of known households that say something new.

    `operations` are by household; one that is not in it was left as it is.
    """

    operations: dict[UUID, UUID] = field(default_factory=dict)
    people: int = 0
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    """One household's step: what the source says new, and the change it becomes."""

    known: Known
    following: Following
    change: Change


def follow_source(
    known: Sequence[Known], order: Order, *, act: Act, acting: Acting, vault: PersonVault
) -> Followed:
    """
    Let households follow their source; return what was done, its journal not yet appended.

    Left as it is: a household out of reach, one in which nobody lives any more, one that the file
    would leave without anybody to collect. Locks: the households.
    """
    if not known:
        return Followed()
    ids = [one.household for one in known]
    store.lock(ids)
    situation = queries.situation_of(ids)
    erased = queries.erased([p.person for one in known for p in one.before.people.values()])
    steps = list(_steps(known, situation, erased, order, acting))
    if not steps:
        return Followed()
    added = _newcomers(steps, acting, vault)
    batch_store.write_batch(added, register_import=order.register_import)
    stated = _stated(steps, erased)
    now = file_store.people_rows([one.person for one in stated])
    update = people_update(
        [one for one in stated if one.person in now], now, acting=acting, vault=vault
    )
    file_store.replace_people(
        update.rows, update.numbers, update.tokens, register_import=order.register_import
    )
    says = _says(steps)
    file_store.replace_households(says, register_import=order.register_import)
    assert acting.staff is not None, "a file is taken in for somebody"
    store.write_all(
        [(step.change, _digest(step)) for step in steps], staff=acting.staff, at=acting.at
    )
    keys = _keys(steps, added)
    plans = [
        *(plan for step in steps for plan in change_plans(step.change, _those(step, keys))),
        *person_plans(update, vault, order.catalogue_version),
        *household_plans(says, vault, order.catalogue_version),
    ]
    return Followed(
        operations={step.known.household: step.change.order.id for step in steps},
        people=len(added.registrants),
        entries=(
            *batch_entries(
                added,
                act=act,
                acting=acting,
                vault=vault,
                catalogue_version=order.catalogue_version,
            ),
            *(
                entry_of(chunk, act=act, acting=acting, vault=vault, keys=keys)
                for chunk in journal.chunks(plans)
            ),
        ),
    )


def _steps(
    known: Sequence[Known],
    situation: Situation,
    erased: Collection[UUID],
    order: Order,
    acting: Acting,
) -> Iterator[_Step]:
    own = each_alone(situation)
    fresh = iter(acting.new_ids(sum(len(one.spoken.draft.persons) for one in known)))
    for one in known:
        new_ids = list(islice(fresh, len(one.spoken.draft.persons)))
        home = situation.households[one.household]
        if home.ended_on is not None or (order.areas is not None and home.area not in order.areas):
            continue
        following = follow(one.before, one.spoken, new_ids)
        mine = own[one.household]
        wanted = following_order(
            following,
            one.household,
            mine,
            operation=acting.new_id(),
            area=one.area if following.place_differs else None,
            day=order.day,
            erased=erased,
        )
        try:
            change = decide(wanted, mine, today=order.day, new_id=acting.new_id)
        except ChangeRefused:
            continue
        yield _Step(one, following, change)


def each_alone(situation: Situation) -> dict[UUID, Situation]:
    """Return the situation of each household alone, with every role of its people anywhere."""
    of_person: dict[UUID, list[UUID]] = {}
    rows_of: dict[UUID, set[UUID]] = {home: set() for home in situation.households}
    people_of: dict[UUID, set[UUID]] = {home: set() for home in situation.households}
    for key, row in situation.memberships.items():
        of_person.setdefault(row.holder, []).append(key)
        if row.household in rows_of:
            rows_of[row.household].add(key)
            people_of[row.household].add(row.holder)
    found = {}
    for home, household in situation.households.items():
        keys = rows_of[home].union(*(of_person[person] for person in people_of[home]))
        found[home] = Situation(
            {home: household}, {key: situation.memberships[key] for key in keys}
        )
    return found


def _newcomers(
    steps: Sequence[_Step], acting: Acting, vault: PersonVault
) -> batch_store.RegistryBatch:
    """Return the rows of people a file names for the first time; their roles are the history's."""
    new = [(step, named) for step in steps for named in step.following.named if named.is_new]
    batch, _ = newcomer_batch(
        [(named.person, named.draft) for _, named in new],
        acting=acting,
        vault=vault,
        addresses={named.person: _address(step, named.draft) for step, named in new},
    )
    return batch


def _stated(steps: Sequence[_Step], erased: Collection[UUID]) -> list[Stated]:
    return [
        Stated(named.person, named.draft, _address(step, named.draft))
        for step in steps
        for named in step.following.named
        if named.differs and not named.is_new and named.person not in erased
    ]


def _address(step: _Step, person: PersonDraft) -> str | None:
    return step.known.spoken.draft.address if Role.HEAD in person.roles else None


def _says(steps: Sequence[_Step]) -> list[file_store.HouseholdSays]:
    homes = file_store.household_facts([step.known.household for step in steps])
    return [
        file_store.HouseholdSays(
            step.known.household,
            step.known.spoken.refs[0],
            {**homes[step.known.household], **step.known.spoken.draft.facts}
            if step.following.facts_differ
            else homes[step.known.household],
            step.following.said.pack(),
        )
        for step in steps
    ]


def _keys(steps: Sequence[_Step], added: batch_store.RegistryBatch) -> dict[UUID, KeyedPerson]:
    """Return the keys of everybody a step concerns; who was erased has none."""
    concerned = {row.holder for step in steps for row in _rows(step)} | {
        named.person for step in steps for named in step.following.named
    }
    keys = keys_of(sorted(concerned, key=lambda person: person.bytes))
    keys |= {
        row.id: KeyedPerson(row.id.bytes, row.kek, row.wrapped_key) for row in added.registrants
    }
    return keys


def _rows(step: _Step) -> Iterator[Membership]:
    yield from (*step.change.begun, *step.change.ended)


def _those(step: _Step, keys: dict[UUID, KeyedPerson]) -> dict[UUID, KeyedPerson]:
    own = [named.person for named in step.following.named]
    return {person: keys[person] for person in own if person in keys}


def person_plans(update: PeopleUpdate, vault: PersonVault, version: int) -> list[Plan]:
    """Return the journal's rows of what became of people; `version` is the catalogue's."""
    facts = vault.seal_facts(
        [(row.id.bytes, row.facts) for row in update.rows], catalogue_version=version
    )
    plans: list[Plan] = [
        (
            "registrant",
            journal.Op.UPDATE,
            row.id,
            row.id,
            {
                "birth_month": None if row.birth_month is None else row.birth_month.isoformat(),
                "birth_precision": row.birth_precision,
                "sex": row.sex,
                "facts": sealed,
                "full_name": row.full_name,
                "name_parts": row.name_parts,
                "address": row.address,
                "birth_day": row.birth_day,
            },
        )
        for row, sealed in zip(update.rows, facts, strict=True)
    ]
    for number in update.numbers:
        op = journal.Op.INSERT if number.is_new else journal.Op.UPDATE
        columns: dict[int | str, object] = {
            "registrant_id": number.person.bytes,
            "sealed": number.sealed,
        }
        plans.append((_SEALED_TABLE[number.is_phone], op, number.row, number.person, columns))
    return plans


def household_plans(
    says: Sequence[file_store.HouseholdSays], vault: PersonVault, version: int
) -> list[Plan]:
    """Return the journal's rows of what became of households' facts."""
    facts = vault.seal_facts([(one.id.bytes, one.facts) for one in says], catalogue_version=version)
    return [
        ("household", journal.Op.UPDATE, one.id, None, {"facts": sealed})
        for one, sealed in zip(says, facts, strict=True)
    ]


def _digest(step: _Step) -> bytes:
    """Return the hash an operation's id stands for: this household's record as its source says it."""
    return hashlib.sha256(step.known.spoken.refs[0] + step.following.said.pack()).digest()
