"""
Open two records that may be of one person, side by side: one look at each, written down before.

1 find the pair and both records, still sealed · 2 both in reach? · 3 record who looks at whom, what
for · 4 let the keeper open them. Source: docs/explanation/design.md, sections 5 and 7.11.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Access, KeyedPerson, PersonVault, Purpose
from despensa.domain.reach import Reach
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, Sealed
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries
from despensa.records.registry import store
from despensa.records.staff import queries as staff

_SHOWN = (Column.FULL_NAME, Column.DOCUMENT, Column.PHONE, Column.ADDRESS, Column.BIRTH_DAY)


class NoSuchPair(LookupError):
    """There is no pair with this id, or one of its people is out of reach or was erased."""


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """One of the two, opened."""

    view: queries.RecordView
    full_name: str = field(repr=False)
    address: str = field(repr=False)
    birth_day: int | None = field(repr=False)
    documents: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class OpenedPair:
    """Both records, in the order in which they are stored, and why they were found, as codes."""

    pair: queries.PairView
    records: tuple[OpenedRecord, OpenedRecord]
    reasons: tuple[int, ...]


def open_pair(pair_id: UUID, *, acting: Acting, vault: PersonVault) -> OpenedPair:
    """
    Return a pair with both records opened.

    Raises: NoSuchPair; AccessRefused when the quota of the person or the office is used up.
    """
    if acting.staff is None:
        raise ValueError("a pair is opened by a person")
    pair, views = found_pair(
        pair_id, reach=staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
    )
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.COMPARE_RECORDS,
        persons=tuple(view.id.bytes for view in views),
        fields=(*_SHOWN, Column.LINK),
    )
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    wanted = [_sealed(view) for view in views]
    wanted[0].append(Sealed(Column.LINK, pair.id.bytes, pair.reasons))
    opened = vault.unseal(
        access, [(_key(view), values) for view, values in zip(views, wanted, strict=True)]
    )
    reasons = tuple(opened[0].pop())
    wanted[0].pop()
    first, second = (
        _record(view, values, found)
        for view, values, found in zip(views, wanted, opened, strict=True)
    )
    return OpenedPair(pair, (first, second), reasons)


def found_pair(
    pair_id: UUID, *, reach: Reach
) -> tuple[queries.PairView, tuple[queries.RecordView, queries.RecordView]]:
    """
    Return a pair and both of its records, sealed.

    Raises: NoSuchPair.
    """
    pair = queries.pair(pair_id)
    views = {} if pair is None else queries.records([pair.first, pair.second])
    if (
        pair is None
        or len(views) != 2
        or any(view.key is None or not reach.holds(view.area) for view in views.values())
    ):
        raise NoSuchPair("There is no such pair in your area.")
    return pair, (views[pair.first], views[pair.second])


def _key(view: queries.RecordView) -> KeyedPerson:
    assert view.key is not None, "checked when it was found"
    return view.key


def _sealed(view: queries.RecordView) -> list[Sealed]:
    row = view.id.bytes
    columns = (
        (Column.FULL_NAME, view.full_name),
        (Column.ADDRESS, view.address),
        (Column.BIRTH_DAY, view.birth_day),
    )
    return [
        *(Sealed(column, row, data) for column, data in columns if data is not None),
        *(Sealed(Column.DOCUMENT, one.bytes, data) for one, data in view.documents),
        *(Sealed(Column.PHONE, one.bytes, data) for one, data in view.phones),
    ]


def _record(view: queries.RecordView, sealed: list[Sealed], opened: list[Any]) -> OpenedRecord:
    by_column: dict[Column, list[Any]] = {}
    for item, value in zip(sealed, opened, strict=True):
        by_column.setdefault(item.column, []).append(value)
    return OpenedRecord(
        view=view,
        full_name=by_column.get(Column.FULL_NAME, [""])[0],
        address=by_column.get(Column.ADDRESS, [""])[0],
        birth_day=by_column.get(Column.BIRTH_DAY, [None])[0],
        documents=tuple(tuple(one) for one in by_column.get(Column.DOCUMENT, ())),
        phones=tuple(by_column.get(Column.PHONE, ())),
    )
