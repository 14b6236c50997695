"""
Open one household of a file that was taken in: what it was before, beside what the file made of it.

1 find the pair and its people, still sealed · 2 record whose record is opened, by whom · 3 let the
keeper open it. One household at a time; a file learns nothing before it was taken in.
Source: docs/explanation/design.md, section 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.household.membership import Membership
from despensa.domain.ports.keeper import Access, PersonVault, Purpose
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, Sealed
from despensa.records.databases import REGISTRY
from despensa.records.households import queries as households
from despensa.records.registry import file_store, queries, store, taken_back
from despensa.records.registry.file_store import PersonRow
from despensa.records.staff import queries as staff

_OPENED = (
    Column.FULL_NAME, Column.DOCUMENT, Column.PHONE, Column.ADDRESS, Column.BIRTH_DAY,
)  # fmt: skip
_NUMBER_COLUMN = {False: Column.DOCUMENT, True: Column.PHONE}


class NoSuchImportPair(LookupError):
    """There is no such household of a file that was taken in."""


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A person's record in the open."""

    name: str
    sex: int | None
    birth_month: date | None
    birth_precision: int
    birth_day: int | None
    roles: tuple[int, ...]
    address: str
    documents: tuple[str, ...]
    phones: tuple[str, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PersonPair:
    """A person before the file and after it; None where they were not there."""

    person: UUID
    before: PersonShown | None
    after: PersonShown | None


@dataclass(frozen=True, slots=True)
class OpenedPair:
    """
    One household of a file: what it became, and its people.

    `facts_before` and `area_before` are those of now where the file changed nothing, or where what
    was before is kept no more.
    """

    pair: queries.ImportPairView
    household: queries.HouseholdView
    area_before: UUID
    facts_before: Mapping[str, Any]
    facts: Mapping[str, Any]
    people: tuple[PersonPair, ...] = field(repr=False)
    is_before_kept: bool


def open_import_pair(
    register_import: UUID, place: int, *, acting: Acting, vault: PersonVault
) -> OpenedPair:
    """
    Return one household of a file, opened.

    Raises: NoSuchImportPair, also for one out of this person's reach; AccessRefused when the quota of
        the person or the office is used up.
    """
    if acting.staff is None:
        raise ValueError("a pair is opened by a person")
    reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
    pair = queries.import_pair(register_import, place, reach=reach)
    household = None if pair is None else queries.household(pair.household, reach=reach)
    if pair is None or household is None:
        raise NoSuchImportPair("There is no such household of an import that was taken in.")
    people = taken_back.people_of([pair.household])
    now = file_store.people_rows(people)
    before = {
        person: one.row
        for person, one in taken_back.people_before(register_import, list(now)).items()
    }
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.CORRECT_RECORD,
        persons=tuple(person.bytes for person in now),
        fields=_OPENED,
    )
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    rows = [*now.values(), *before.values()]
    opened = vault.unseal(access, [(row.key, _sealed(row)) for row in rows])
    shown = [_shown(row, values) for row, values in zip(rows, opened, strict=True)]
    after = dict(zip(now, shown[: len(now)], strict=True))
    then = after | dict(zip(before, shown[len(now) :], strict=True))
    was, roles = _roles(pair)
    facts = file_store.household_facts([pair.household])[pair.household]
    facts_before = taken_back.facts_before(register_import, pair.household)
    return OpenedPair(
        pair=pair,
        household=household,
        area_before=_area_before(pair, household.area),
        facts_before=facts if facts_before is None else facts_before,
        facts=facts,
        people=tuple(
            PersonPair(
                person,
                _with_roles(then[person], was.get(person, ())),
                _with_roles(after[person], roles.get(person, ())),
            )
            for person in sorted(now, key=lambda one: _place(one, roles, was))
        ),
        is_before_kept=facts_before is not None or pair.effect != queries.UPDATED,
    )


def _roles(
    pair: queries.ImportPairView,
) -> tuple[dict[UUID, tuple[int, ...]], dict[UUID, tuple[int, ...]]]:
    """Return everybody's roles in the household before the file, and now."""
    rows = [
        row
        for row in households.situation_of([pair.household]).memberships.values()
        if row.household == pair.household and not row.is_institution
    ]
    current = [row for row in rows if row.is_current]
    if pair.effect == queries.ADDED:
        return {}, _by_person(current)
    if pair.change is None:
        return _by_person(current), _by_person(current)
    _, done = households.operations([pair.change])[pair.change]
    was = [
        row for row in rows if row.id in done.ended or (row.is_current and row.id not in done.begun)
    ]
    return _by_person(was), _by_person(current)


def _by_person(rows: Sequence[Membership]) -> dict[UUID, tuple[int, ...]]:
    found: dict[UUID, list[int]] = {}
    for row in rows:
        found.setdefault(row.holder, []).append(int(row.role))
    return {person: tuple(sorted(roles)) for person, roles in found.items()}


def _area_before(pair: queries.ImportPairView, area: UUID) -> UUID:
    if pair.change is None:
        return area
    _, done = households.operations([pair.change])[pair.change]
    return area if done.moved is None else done.moved.before


def _with_roles(shown: PersonShown, roles: tuple[int, ...]) -> PersonShown | None:
    """Return a person as they belong to the household, None where they have no role in it."""
    if not roles:
        return None
    return PersonShown(
        shown.name, shown.sex, shown.birth_month, shown.birth_precision, shown.birth_day, roles,
        shown.address, shown.documents, shown.phones, shown.facts,
    )  # fmt: skip


def _place(
    person: UUID, now: Mapping[UUID, tuple[int, ...]], was: Mapping[UUID, tuple[int, ...]]
) -> tuple[tuple[int, ...], bytes]:
    return now.get(person) or was.get(person) or (9,), person.bytes


def _sealed(row: PersonRow) -> list[Sealed]:
    own = [item for item in taken_back.sealed_columns(row) if item.column in _OPENED]
    return own + [
        Sealed(_NUMBER_COLUMN[number.is_phone], number.row.bytes, number.sealed)
        for number in row.numbers
        if number.sealed
    ]


def _shown(row: PersonRow, values: Sequence[Any]) -> PersonShown:
    opened = list(zip((item.column for item in _sealed(row)), values, strict=True))
    one = dict(opened)
    return PersonShown(
        name=one.get(Column.FULL_NAME, ""),
        sex=row.sex,
        birth_month=row.birth_month,
        birth_precision=row.birth_precision,
        birth_day=one.get(Column.BIRTH_DAY),
        roles=(),
        address=one.get(Column.ADDRESS, ""),
        documents=tuple(value[2] for column, value in opened if column is Column.DOCUMENT),
        phones=tuple(value for column, value in opened if column is Column.PHONE),
        facts=row.facts,
    )
