"""
What becomes of known people of whom their source says something new: sealed values and tokens.

An empty cell says nothing, so that what was known stays; documents and phones that are said take
the place of those before. Versions of sealed values rise by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.matching.search_text import SearchText, name_parts, person_texts
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.registration.draft import PersonDraft, Sex
from despensa.domain.sealing import Column, Sealed, ToSeal, value_version
from despensa.records.registry.batch_store import PRECISION, SEX
from despensa.records.registry.file_store import PersonRow, SealedNumber

NOTHING = b""
_NUMBER_COLUMN = {False: Column.DOCUMENT, True: Column.PHONE}


@dataclass(frozen=True, slots=True)
class Stated:
    """A known person and what the file says of them now; an address is said of the head alone."""

    person: UUID
    draft: PersonDraft
    address: str | None


@dataclass(frozen=True, slots=True)
class PeopleUpdate:
    """The rows people get, the documents and phones that change, and what they are found by."""

    rows: list[PersonRow]
    numbers: list[SealedNumber]
    tokens: list[tuple[int, UUID]]


@dataclass(frozen=True, slots=True)
class _Plan:
    to_seal: list[ToSeal]
    numbers: list[SealedNumber]


def people_update(
    stated: Sequence[Stated],
    now: Mapping[UUID, PersonRow],
    *,
    acting: Acting,
    vault: PersonVault,
) -> PeopleUpdate:
    """Return what becomes of people; `now` has a row of each."""
    plans = [_plan(one, now[one.person], acting) for one in stated]
    sealed = vault.seal(
        [(now[one.person].key, plan.to_seal) for one, plan in zip(stated, plans, strict=True)]
    )
    rows, numbers = [], []
    for one, plan, values in zip(stated, plans, sealed, strict=True):
        row, changed = _applied(one, now[one.person], plan, values)
        rows.append(row)
        numbers += changed
    return PeopleUpdate(rows, numbers, _tokens(stated, rows, vault))


def _plan(one: Stated, row: PersonRow, acting: Acting) -> _Plan:
    draft, own = one.draft, row.id.bytes
    values = [ToSeal(Column.FULL_NAME, own, _next(row.full_name), draft.full_name)]
    if draft.name_parts is not None:
        parts = draft.name_parts
        written = [parts.surname_1, parts.surname_2, list(parts.given)]
        values.append(ToSeal(Column.NAME_PARTS, own, _next(row.name_parts), written))
    if one.address is not None:
        values.append(ToSeal(Column.ADDRESS, own, _next(row.address), one.address))
    if draft.birth.day is not None:
        values.append(ToSeal(Column.BIRTH_DAY, own, _next(row.birth_day), draft.birth.day))
    numbers: list[SealedNumber] = []
    for is_phone, said in (
        (False, [[doc.kind, doc.country, doc.number] for doc in draft.documents]),
        (True, list(draft.phones)),
    ):
        known = [number for number in row.numbers if number.is_phone is is_phone]
        places: Iterator[SealedNumber] = iter(known)
        for value in said:
            place = next(places, None)
            if place is None:
                place = SealedNumber(acting.new_id(), row.id, is_phone, NOTHING, is_new=True)
            numbers.append(place)
            column = _NUMBER_COLUMN[is_phone]
            # a row that was emptied once has lost its version: the time is above any of them
            is_emptied = not place.is_new and not place.sealed
            version = acting.at if is_emptied else _next(place.sealed)
            values.append(ToSeal(column, place.row.bytes, version, value))
        if said:
            numbers += [replace(left, sealed=NOTHING) for left in places if left.sealed]
    return _Plan(values, numbers)


def _applied(
    one: Stated, row: PersonRow, plan: _Plan, values: Sequence[bytes]
) -> tuple[PersonRow, list[SealedNumber]]:
    draft, birth, own = one.draft, one.draft.birth, row.id.bytes
    by_place = {
        (item.column, item.row): value for item, value in zip(plan.to_seal, values, strict=True)
    }
    changed = [
        replace(
            number,
            sealed=by_place.get((_NUMBER_COLUMN[number.is_phone], number.row.bytes), NOTHING),
        )
        for number in plan.numbers
    ]
    by_row = {number.row: number for number in changed}
    kept = [by_row.pop(number.row, number) for number in row.numbers]
    said = replace(
        row,
        sex=row.sex if draft.sex is Sex.UNKNOWN else SEX[draft.sex],
        facts={**row.facts, **draft.facts},
        full_name=by_place[Column.FULL_NAME, own],
        # parts belong to the name as written: those of another name would be wrong
        name_parts=by_place.get((Column.NAME_PARTS, own)),
        address=by_place.get((Column.ADDRESS, own), row.address),
        numbers=(*kept, *by_row.values()),
    )
    if birth.year is not None:
        said = replace(
            said,
            birth_month=date(birth.year, birth.month or 1, 1),
            birth_precision=PRECISION[birth.precision],
            birth_day=by_place.get((Column.BIRTH_DAY, own)),
        )
    return said, changed


def _tokens(
    stated: Sequence[Stated], rows: Sequence[PersonRow], vault: PersonVault
) -> list[tuple[int, UUID]]:
    """Return what people are found by: names and year as said, numbers as they now lie sealed."""
    asked = [_texts(one.draft, row) for one, row in zip(stated, rows, strict=True)]
    tokens = iter(vault.search_tokens([text for texts in asked for text in texts]))
    numbers = vault.number_tokens([(row.key, _sealed_numbers(row)) for row in rows])
    return [
        (token, row.id)
        for row, texts, own in zip(rows, asked, numbers, strict=True)
        for token in {*islice(tokens, len(texts)), *own}
    ]


def _sealed_numbers(row: PersonRow) -> list[Sealed]:
    return [
        Sealed(_NUMBER_COLUMN[number.is_phone], number.row.bytes, number.sealed)
        for number in row.numbers
        if number.sealed
    ]


def _texts(draft: PersonDraft, row: PersonRow) -> list[SearchText]:
    parts = draft.name_parts
    return person_texts(
        name_parts(
            draft.full_name,
            given=None if parts is None else " ".join(parts.given),
            surname_1=None if parts is None else parts.surname_1,
            surname_2=None if parts is None else parts.surname_2,
        ),
        birth_year=None if row.birth_month is None else row.birth_month.year,
        documents=[],
        phones=[],
    )


def _next(sealed: bytes | None) -> int:
    return value_version(sealed) + 1 if sealed else 1
