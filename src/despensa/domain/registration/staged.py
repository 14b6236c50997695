"""
Drafts as bytes, for the time a register file waits for approval.

Only what the registry has a place for is written: forbidden columns were dropped before.
The form is private to one release: a staged file lives at most 72 hours.
"""

import json
import zlib
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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

_FORMAT = 5
# about 5,000 people, the most of a file that lies in memory at once
HOUSEHOLDS_AT_ONCE = 1_250
_COMPRESSION = 1
_LENGTH = 4
_SEX = {sex.value: sex for sex in Sex}
_ROLE = {role.value: role for role in Role}


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
    values = [_household_value(household) for household in households]
    return len(packed).to_bytes(_LENGTH, "big") + packed + orjson.dumps([_FORMAT, values])


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
        return [_household(item) for item in _unpacked(data[_body_at(data) :])]


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


def _household_value(draft: HouseholdDraft) -> list[Any]:
    return [
        draft.source_record_id,
        [_person_value(person) for person in draft.persons],
        draft.rows,
        draft.address,
        draft.area_name,
        draft.area_pcode,
        dict(draft.facts),
    ]


def _person_value(draft: PersonDraft) -> list[Any]:
    birth, parts = draft.birth, draft.name_parts
    return [
        draft.source_record_id,
        draft.full_name,
        draft.sex,
        [birth.year, birth.month, birth.day],
        draft.roles,
        draft.row,
        None if parts is None else [parts.surname_1, parts.surname_2, parts.given],
        [[one.kind, one.country, one.number] for one in draft.documents],
        draft.phones,
        dict(draft.facts),
    ]


def _household(value: list[Any]) -> HouseholdDraft:
    record, persons, rows, address, area_name, area_pcode, facts = value
    people = tuple([_person(item) for item in persons])
    return HouseholdDraft(record, people, rows, address, area_name, area_pcode, facts)


def _person(value: list[Any]) -> PersonDraft:
    record, name, sex, birth, roles, row, parts, documents, phones, facts = value
    return PersonDraft(
        record,
        name,
        _SEX[sex],
        Birth(*birth),
        tuple([_ROLE[role] for role in roles]),
        row,
        None if parts is None else NameParts(parts[0], parts[1], tuple(parts[2])),
        tuple([Document(*document) for document in documents]),
        tuple(phones),
        facts,
    )
