"""
What one import adds to the register, and its writing: rows framed for binary COPY.

Only use cases write. Source: docs/explanation/design.md, section 3.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from struct import Struct
from typing import Any
from uuid import UUID

from despensa.domain.registration.draft import Precision, Sex
from despensa.records.bulk import copy_framed, execute, framed
from despensa.records.databases import REGISTRY
from despensa.records.registry import token_store

_SMALL = [number.to_bytes(2, "big") for number in range(16)]
_WIDE, _DAY = Struct("!q").pack, Struct("!i").pack
# a whole row of three columns: bigint, uuid, smallint, each after its length
_SERVER_EPOCH = date(2000, 1, 1).toordinal()


# how columns of a registrant hold what a draft says
PRECISION = {Precision.UNKNOWN: 0, Precision.YEAR: 1, Precision.MONTH: 2, Precision.DAY: 3}
SEX = {Sex.MALE: 1, Sex.FEMALE: 2, Sex.OTHER: 3, Sex.UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """One household."""

    id: UUID
    area: UUID
    facts: Mapping[str, Any]
    registered_on: date


@dataclass(frozen=True, slots=True)
class RegistrantRow:
    """One registrant with sealed identity and wrapped key; both empty of one who was erased."""

    id: UUID
    birth_month: date | None
    birth_precision: int
    sex: int | None
    facts: Mapping[str, Any]
    full_name: bytes | None
    name_parts: bytes | None
    address: bytes | None
    birth_day: bytes | None
    kek: int
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A sealed document or phone of a registrant."""

    id: UUID
    registrant: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """One role of one registrant in one household."""

    id: UUID
    household: UUID
    registrant: UUID
    role: int
    from_date: date
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class OriginRow:
    """The keyed reference a household is known by, and what its source said (domain `said`)."""

    origin_ref: bytes
    household: UUID
    said: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RegistryBatch:
    """Everything one import adds."""

    households: Sequence[HouseholdRow]
    registrants: Sequence[RegistrantRow]
    documents: Sequence[SealedRow]
    phones: Sequence[SealedRow]
    memberships: Sequence[MembershipRow]
    tokens: Sequence[tuple[int, UUID]] = field(repr=False)
    origins: Sequence[OriginRow] = field(repr=False)


def write_batch(batch: RegistryBatch, *, register_import: UUID) -> None:
    """Write everything one import adds."""
    copy_framed(
        REGISTRY,
        "household",
        ("id", "area_id", "facts", "registered_on"),
        (
            framed((h.id.bytes, h.area.bytes, _jsonb(h.facts), _day(h.registered_on)))
            for h in batch.households
        ),
    )
    copy_framed(
        REGISTRY,
        "registrant",
        (
            "id", "birth_month", "birth_precision", "sex", "facts", "full_name", "name_parts",
            "address", "birth_day",
        ),
        map(_registrant, batch.registrants),
    )  # fmt: skip
    copy_framed(
        REGISTRY,
        "person_key",
        ("person", "kek", "wrapped"),
        (
            framed((r.id.bytes, _WIDE(r.kek), r.wrapped_key))
            for r in batch.registrants
            if r.wrapped_key
        ),
    )
    for table, rows in (
        ("registrant_document", batch.documents),
        ("registrant_phone", batch.phones),
    ):
        copy_framed(
            REGISTRY,
            table,
            ("id", "registrant_id", "sealed"),
            (framed((row.id.bytes, row.registrant.bytes, row.sealed)) for row in rows),
        )
    copy_framed(
        REGISTRY,
        "membership",
        ("id", "household_id", "registrant_id", "role", "from_date"),
        map(_membership, batch.memberships),
    )
    ended = [m for m in batch.memberships if m.until_date is not None]
    if ended:
        execute(
            REGISTRY,
            """UPDATE membership SET until_date = given.until_date
               FROM unnest(%s::uuid[], %s::date[]) AS given (id, until_date)
               WHERE membership.id = given.id""",
            ([m.id for m in ended], [m.until_date for m in ended]),
        )
    token_store.add(batch.tokens)
    _write_origins(batch.origins, register_import.bytes)


def _write_origins(origins: Sequence[OriginRow], taken_in: bytes) -> None:
    copy_framed(
        REGISTRY,
        "origin",
        ("origin_ref", "row", "register_import", "said"),
        (framed((one.origin_ref, one.household.bytes, taken_in, one.said)) for one in origins),
    )


def _registrant(row: RegistrantRow) -> bytes:
    return framed(
        (
            row.id.bytes,
            None if row.birth_month is None else _day(row.birth_month),
            _SMALL[row.birth_precision],
            None if row.sex is None else _SMALL[row.sex],
            _jsonb(row.facts),
            row.full_name,
            row.name_parts,
            row.address,
            row.birth_day,
        )
    )


def _membership(row: MembershipRow) -> bytes:
    day = _day(row.from_date)
    return framed((row.id.bytes, row.household.bytes, row.registrant.bytes, _SMALL[row.role], day))


@lru_cache(1 << 12)
def _day(day: date) -> bytes:
    return _DAY(day.toordinal() - _SERVER_EPOCH)


def _jsonb(value: Mapping[str, Any]) -> bytes:
    # the first byte is the version of the binary form
    return b"\x01" + json.dumps(dict(value)).encode()
