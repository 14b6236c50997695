"""
Rows of people who come to the register one at a time: sealed names, keys and search tokens.

What an import writes for many, for those born into a household or joining one.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from despensa.domain.matching.search_text import name_parts, person_texts
from despensa.domain.ports.keeper import KeyedPerson, PersonVault
from despensa.domain.registration.draft import PersonDraft
from despensa.domain.sealing import Column, ToSeal
from despensa.records.registry.batch_store import (
    PRECISION,
    SEARCH_KEY,
    SEX,
    RegistrantRow,
    RegistryBatch,
)


def newcomer_batch(
    people: Sequence[tuple[UUID, PersonDraft]], vault: PersonVault
) -> tuple[RegistryBatch, list[KeyedPerson]]:
    """Return the rows of new people without a household yet, and their keys, in order."""
    keys = vault.new_keys([person.bytes for person, _ in people])
    registrants = [
        _registrant(person, draft, key, vault)
        for (person, draft), key in zip(people, keys, strict=True)
    ]
    batch = RegistryBatch(
        households=[],
        registrants=registrants,
        documents=[],
        phones=[],
        memberships=[],
        tokens=_tokens(people, vault),
        origins=[],
    )
    return batch, keys


def _registrant(
    person: UUID, draft: PersonDraft, key: KeyedPerson, vault: PersonVault
) -> RegistrantRow:
    birth = draft.birth
    plan = [ToSeal(Column.FULL_NAME, person.bytes, 1, draft.full_name)]
    if birth.day is not None:
        plan.append(ToSeal(Column.BIRTH_DAY, person.bytes, 1, birth.day))
    [values] = vault.seal([(key, plan)])
    return RegistrantRow(
        id=person,
        birth_month=None if birth.year is None else date(birth.year, birth.month or 1, 1),
        birth_precision=PRECISION[birth.precision],
        sex=SEX[draft.sex],
        facts=draft.facts,
        full_name=values[0],
        name_parts=None,
        address=None,
        birth_day=values[1] if birth.day is not None else None,
        kek=key.kek,
        wrapped_key=key.wrapped,
    )


def _tokens(
    people: Sequence[tuple[UUID, PersonDraft]], vault: PersonVault
) -> list[tuple[int, UUID, int]]:
    asked = [
        (person, text)
        for person, draft in people
        for text in person_texts(
            name_parts(draft.full_name), birth_year=draft.birth.year, documents=[], phones=[]
        )
    ]
    tokens = vault.search_tokens([text for _, text in asked])
    found = {(token, person, SEARCH_KEY) for (person, _), token in zip(asked, tokens, strict=True)}
    return sorted(found)
