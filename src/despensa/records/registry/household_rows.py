"""
The rows of people who come to the register: sealed names, keys, memberships and search tokens.

The one place where drafts become rows, whether a file brings thousands, a desk one household, or
somebody is born into a household. Source: docs/reference/formats.md, sections 6 and 7.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from types import MappingProxyType
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.matching.search_text import SearchText, name_parts, person_texts
from despensa.domain.ports.keeper import KeyedPerson, PersonVault
from despensa.domain.registration.draft import HouseholdDraft, PersonDraft, Role
from despensa.domain.registration.said import NOTHING_SAID
from despensa.domain.sealing import Column, ToSeal
from despensa.records.registry import batch_store as batches

_COLLECTOR_ROLE = {Role.PRIMARY_COLLECTOR: 3, Role.ALTERNATE_COLLECTOR: 4}
_HEAD, _MEMBER = 1, 2


@dataclass(frozen=True, slots=True)
class NewHousehold:
    """One household the register gains: its draft, where its record came from, its area."""

    draft: HouseholdDraft
    origin_ref: bytes
    area: UUID


@dataclass(slots=True)
class _Draft:
    """One person with the ids and the key they get; no household yet for a single newcomer."""

    id: UUID
    household: UUID | None
    person: PersonDraft
    address: str | None
    key: KeyedPerson = field(repr=False)


def household_batch(
    new: Sequence[NewHousehold], *, acting: Acting, vault: PersonVault, today: date
) -> batches.RegistryBatch:
    """Return all rows of new households, sealed, with fresh ids and keys."""
    ids = acting.new_ids(len(new))
    people = _drafts([household.draft for household in new], ids, acting, vault)
    sealed = _sealed_rows(people, acting, vault)
    return batches.RegistryBatch(
        households=[
            batches.HouseholdRow(row, household.area, household.draft.facts, today)
            for household, row in zip(new, ids, strict=True)
        ],
        registrants=sealed.registrants,
        documents=sealed.documents,
        phones=sealed.phones,
        memberships=_memberships(people, acting, today),
        tokens=_tokens(people, vault),
        origins=[
            batches.OriginRow(household.origin_ref, row, NOTHING_SAID)
            for household, row in zip(new, ids, strict=True)
        ],
    )


def newcomer_batch(
    people: Sequence[tuple[UUID, PersonDraft]],
    *,
    acting: Acting,
    vault: PersonVault,
    addresses: Mapping[UUID, str | None] = MappingProxyType({}),
) -> tuple[batches.RegistryBatch, list[KeyedPerson]]:
    """Return the rows of new people without a household yet, and their keys, in order."""
    keys = vault.new_keys([person.bytes for person, _ in people])
    drafts = [
        _Draft(person, None, draft, addresses.get(person), key)
        for (person, draft), key in zip(people, keys, strict=True)
    ]
    sealed = _sealed_rows(drafts, acting, vault)
    batch = batches.RegistryBatch(
        households=[],
        registrants=sealed.registrants,
        documents=sealed.documents,
        phones=sealed.phones,
        memberships=[],
        tokens=_tokens(drafts, vault),
        origins=[],
    )
    return batch, keys


@dataclass(slots=True)
class _SealedRows:
    registrants: list[batches.RegistrantRow] = field(default_factory=list)
    documents: list[batches.SealedRow] = field(default_factory=list)
    phones: list[batches.SealedRow] = field(default_factory=list)


def _drafts(
    households: Sequence[HouseholdDraft], ids: Sequence[UUID], acting: Acting, vault: PersonVault
) -> list[_Draft]:
    persons = [
        (row, household, person)
        for household, row in zip(households, ids, strict=True)
        for person in household.persons
    ]
    people_ids = acting.new_ids(len(persons))
    keys = vault.new_keys([person.bytes for person in people_ids])
    return [
        _Draft(own, row, person, household.address if Role.HEAD in person.roles else None, key)
        for own, (row, household, person), key in zip(people_ids, persons, keys, strict=True)
    ]


def _sealed_rows(people: Sequence[_Draft], acting: Acting, vault: PersonVault) -> _SealedRows:
    """Return the rows that are sealed under a person's key, everything of one person at once."""
    numbers = sum(len(d.person.documents) + len(d.person.phones) for d in people)
    ids = iter(acting.new_ids(numbers))
    plans = [_values(draft, ids) for draft in people]
    sealed = vault.seal([(draft.key, plan) for draft, plan in zip(people, plans, strict=True)])
    rows = _SealedRows()
    for draft, plan, values in zip(people, plans, sealed, strict=True):
        by_column: dict[Column, bytes] = {}
        for item, value in zip(plan, values, strict=True):
            if item.column is Column.DOCUMENT:
                rows.documents.append(batches.SealedRow(UUID(bytes=item.row), draft.id, value))
            elif item.column is Column.PHONE:
                rows.phones.append(batches.SealedRow(UUID(bytes=item.row), draft.id, value))
            else:
                by_column[item.column] = value
        rows.registrants.append(_registrant(draft, by_column))
    return rows


def _registrant(draft: _Draft, sealed: Mapping[Column, bytes]) -> batches.RegistrantRow:
    birth = draft.person.birth
    return batches.RegistrantRow(
        id=draft.id,
        birth_month=None if birth.year is None else date(birth.year, birth.month or 1, 1),
        birth_precision=batches.PRECISION[birth.precision],
        sex=batches.SEX[draft.person.sex],
        facts=draft.person.facts,
        full_name=sealed[Column.FULL_NAME],
        name_parts=sealed.get(Column.NAME_PARTS),
        address=sealed.get(Column.ADDRESS),
        birth_day=sealed.get(Column.BIRTH_DAY),
        kek=draft.key.kek,
        wrapped_key=draft.key.wrapped,
    )


def _values(draft: _Draft, ids: Iterator[UUID]) -> list[ToSeal]:
    person, row = draft.person, draft.id.bytes
    values = [ToSeal(Column.FULL_NAME, row, 1, person.full_name)]
    if person.name_parts is not None:
        parts = person.name_parts
        written = [parts.surname_1, parts.surname_2, list(parts.given)]
        values.append(ToSeal(Column.NAME_PARTS, row, 1, written))
    if draft.address is not None:
        values.append(ToSeal(Column.ADDRESS, row, 1, draft.address))
    if person.birth.day is not None:
        values.append(ToSeal(Column.BIRTH_DAY, row, 1, person.birth.day))
    for doc in person.documents:
        number = [doc.kind, doc.country, doc.number]
        values.append(ToSeal(Column.DOCUMENT, next(ids).bytes, 1, number))
    values.extend(ToSeal(Column.PHONE, next(ids).bytes, 1, phone) for phone in person.phones)
    return values


def _memberships(
    people: Sequence[_Draft], acting: Acting, today: date
) -> list[batches.MembershipRow]:
    roles = [
        (draft.household, draft.id, number)
        for draft in people
        if draft.household is not None
        for number in _role_numbers(draft.person.roles)
    ]
    return [
        batches.MembershipRow(row, household, person, number, today)
        for row, (household, person, number) in zip(acting.new_ids(len(roles)), roles, strict=True)
    ]


def _role_numbers(roles: Sequence[Role]) -> list[int]:
    numbers = [_COLLECTOR_ROLE[role] for role in roles if role in _COLLECTOR_ROLE]
    if Role.HEAD in roles:
        numbers.append(_HEAD)
    elif Role.MEMBER in roles:
        numbers.append(_MEMBER)
    return numbers


def _tokens(people: Sequence[_Draft], vault: PersonVault) -> list[tuple[int, UUID]]:
    asked = [_texts(draft.person) for draft in people]
    tokens = iter(vault.search_tokens([text for texts in asked for text in texts]))
    return [
        (token, draft.id)
        for draft, texts in zip(people, asked, strict=True)
        for token in set(islice(tokens, len(texts)))
    ]


def _texts(person: PersonDraft) -> list[SearchText]:
    parts = person.name_parts
    return person_texts(
        name_parts(
            person.full_name,
            given=None if parts is None else " ".join(parts.given),
            surname_1=None if parts is None else parts.surname_1,
            surname_2=None if parts is None else parts.surname_2,
        ),
        birth_year=person.birth.year,
        documents=[(doc.kind, doc.country, doc.number) for doc in person.documents],
        phones=person.phones,
    )
