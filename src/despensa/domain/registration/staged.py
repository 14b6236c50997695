"""
Drafts as bytes, for the time a register file waits for approval.

Only what the registry has a place for is written: forbidden columns were dropped before.
The form is private to one release: a staged file lives at most 72 hours.
"""

import json
import zlib
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, overload

import orjson

from despensa.domain.registration.draft import (
    Birth,
    Document,
    HouseholdDraft,
    NameParts,
    PersonDraft,
    Role,
    Sex,
)

_FORMAT = 6
# about 5,000 people, the most of a file that lies in memory at once
HOUSEHOLDS_AT_ONCE = 1_250
_COMPRESSION = 1
_LENGTH = 4
_SEX = {sex.value: sex for sex in Sex}
_ROLE = {role.value: role for role in Role}
# sex, roles and facts
_Said = tuple[Sex, tuple[Role, ...], Mapping[str, Any]]


class StagedUnreadable(ValueError):
    """The staged bytes are of another release: stage the file again."""


@dataclass(frozen=True, slots=True)
class PartHead:
    """
    Which households a part holds, readable without reading them.

    Shape: by household in file order: record id, (p-code, name) of its place, how many people.
    """

    records: Sequence[str]
    places: Sequence[tuple[str | None, str | None]]
    people: Sequence[int]


class PutAway(Sequence[HouseholdDraft]):
    """Households that lie encoded somewhere, part by part; one part is in memory at a time."""

    @abstractmethod
    def parts(self) -> Iterator[bytes]:
        """Yield the households encoded, part by part; again gives the same."""

    def __iter__(self) -> Iterator[HouseholdDraft]:
        """Yield the households in file order."""
        for part in self.parts():
            yield from decode_households(part)

    @overload
    def __getitem__(self, at: int) -> HouseholdDraft: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[HouseholdDraft]: ...

    def __getitem__(self, at: int | slice) -> HouseholdDraft | Sequence[HouseholdDraft]:
        """Return some of them; all are read for it."""
        return tuple(self)[at]


def encode_report(report: dict[str, Any]) -> bytes:
    """Return the preview's report as bytes."""
    text = json.dumps({"format": _FORMAT, "report": report}, ensure_ascii=False)
    return zlib.compress(text.encode(), _COMPRESSION)


def decode_report(data: bytes) -> dict[str, Any]:
    """
    Return the report.

    Raises: StagedUnreadable.
    """
    with _readable():
        value = json.loads(zlib.decompress(data))
        _check(value["format"])
        report: dict[str, Any] = value["report"]
        return report


def encode_households(households: Sequence[HouseholdDraft]) -> bytes:
    """Return one part of a file's households as bytes: its head, then the households."""
    head = [
        [one.source_record_id for one in households],
        [(one.area_pcode, one.area_name) for one in households],
        [len(one.persons) for one in households],
    ]
    packed = orjson.dumps([_FORMAT, head])
    alike: dict[str, int] = {}
    values = [_household_value(household, alike) for household in households]
    body = orjson.dumps([_FORMAT, [list(map(orjson.Fragment, alike)), values]])
    return len(packed).to_bytes(_LENGTH, "big") + packed + body


def decode_head(data: bytes) -> PartHead:
    """
    Return which households a part holds.

    Raises: StagedUnreadable.
    """
    with _readable():
        records, places, people = _unpacked(data[_LENGTH : _body_at(data)])
        return PartHead(records, [(pcode, name) for pcode, name in places], people)


def decode_households(data: bytes | memoryview) -> list[HouseholdDraft]:
    """
    Return the households of one part.

    Raises: StagedUnreadable.
    """
    with _readable():
        said, values = _unpacked(data[_body_at(data) :])
        alike = [(_SEX[sex], tuple([_ROLE[one] for one in roles]), own) for sex, roles, own in said]
        return [_household(item, alike) for item in values]


def _body_at(data: bytes | memoryview) -> int:
    return _LENGTH + int.from_bytes(data[:_LENGTH], "big")


def _unpacked(data: bytes | memoryview) -> Any:
    number, value = orjson.loads(data)
    _check(number)
    return value


def _check(number: object) -> None:
    if number != _FORMAT:
        raise StagedUnreadable("The staged file is of another release; stage it again.")


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except StagedUnreadable:
        raise
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise StagedUnreadable("The staged file cannot be read; stage it again.") from error


def _household_value(draft: HouseholdDraft, alike: dict[str, int]) -> list[Any]:
    return [
        draft.source_record_id,
        [_person_value(person, alike) for person in draft.persons],
        draft.rows,
        draft.address,
        draft.area_name,
        draft.area_pcode,
        dict(draft.facts),
    ]


def _person_value(draft: PersonDraft, alike: dict[str, int]) -> list[Any]:
    parts = draft.name_parts
    first, second, given = (None, None, None) if parts is None else parts
    said = orjson.dumps([draft.sex, draft.roles, dict(draft.facts)]).decode()
    return [
        draft.source_record_id,
        draft.full_name,
        # many say the same of these: each is written once
        alike.setdefault(said, len(alike)),
        _day_number(draft.birth),
        draft.row,
        first,
        second,
        given,
        [part for one in draft.documents for part in one],
        draft.phones,
    ]


def _household(value: list[Any], alike: Sequence[_Said]) -> HouseholdDraft:
    record, persons, rows, address, area_name, area_pcode, facts = value
    people = tuple([_person(item, alike) for item in persons])
    return HouseholdDraft(record, people, rows, address, area_name, area_pcode, facts)


def _person(value: list[Any], alike: Sequence[_Said]) -> PersonDraft:
    record, name, said, birth, row, first, second, given, documents, phones = value
    sex, roles, facts = alike[said]
    return PersonDraft(
        record,
        name,
        sex,
        _birth(birth),
        roles,
        row,
        None if given is None else NameParts(first, second, tuple(given)),
        _documents(documents) if documents else (),
        tuple(phones),
        facts,
    )


def _documents(parts: list[str]) -> tuple[Document, ...]:
    return tuple([Document(*parts[at : at + 3]) for at in range(0, len(parts), 3)])


def _day_number(birth: Birth) -> int:
    year, month, day = birth
    return (year or 0) * 10_000 + (month or 0) * 100 + (day or 0)


@lru_cache(1 << 15)
def _birth(number: int) -> Birth:
    return Birth(number // 10_000 or None, number // 100 % 100 or None, number % 100 or None)
