"""
Rows of whole files as the server takes them: column by column, without an object per person.

The set-based form of `household_rows` and `batch_journal`: the same rows, sealed the same way, each
put together once for COPY and once for the journal. Ids are drawn at random, beside each other and
in ascending order within a slice, because an index takes neighbours faster than strangers.
Source: docs/reference/formats.md, sections 6 to 8.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import islice
from struct import Struct
from typing import Any, NamedTuple

from despensa.domain.act import Acting
from despensa.domain.encoding import dcbor
from despensa.domain.matching.token_text import texts_of
from despensa.domain.ports.keeper import IntakeVault, NewPeople
from despensa.domain.registration.draft import HouseholdDraft, PersonDraft, Role
from despensa.domain.sealing import Column
from despensa.domain.transparency import journal
from despensa.records.bulk import wide_array
from despensa.records.registry.batch_store import PRECISION, SEX
from despensa.records.registry.token_store import SEARCH_KEY
from despensa.records.tables import TABLE_NUMBER

_length, _wide = Struct("!i").pack, Struct("!q").pack
_NULL = b"\xff\xff\xff\xff"
_SMALL = [b"\0\0\0\2" + number.to_bytes(2, "big") for number in range(16)]
_ID = b"\0\0\0\x10"
_SERVER_EPOCH = date(2000, 1, 1).toordinal()
_TOKEN_HEAD, _TOKEN_KEY = b"\0\3\0\0\0\x08", b"\0\0\0\2" + SEARCH_KEY.to_bytes(2, "big")
# where the first byte of a token stands in its framed row
FIRST_OF_TOKEN = len(_TOKEN_HEAD)
# so many bytes are the same in all ids of a kind in one slice: an index takes them in at one place,
# however large the register is; the other 90 random bits tell them apart
_NEIGHBOURS = 4
_VERSION_4 = bytes(byte & 0x0F | 0x40 for byte in range(256))
_VARIANT_2 = bytes(byte & 0x3F | 0x80 for byte in range(256))
_ROLES = {Role.PRIMARY_COLLECTOR: 3, Role.ALTERNATE_COLLECTOR: 4, Role.HEAD: 1}
_MEMBER = 2
_NOTHING = b"\xf6"
_Sealed = list[bytes | None]


def _names(*names: str) -> list[bytes]:
    """Return the encoded names of a row's columns after the head of their map, in map order."""
    keys = [dcbor.encode(name) for name in names]
    assert keys == sorted(keys, key=lambda key: (len(key), key)), "in the order of the map"
    keys[0] = bytes((0xA0 | len(keys),)) + keys[0]
    return keys


_PERSON_NAMES = _names(
    "sex", "facts", "address", "birth_day", "full_name", "name_parts", "birth_month",
    "birth_precision",
)  # fmt: skip
_HOUSEHOLD_NAMES = _names("facts", "area_id", "registered_on")
_SEALED_NAMES = _names("sealed", "registrant_id")
_MEMBER_NAMES = _names("role", "from_date", "household_id", "registrant_id")
_KEY_NAMES = _names("sha256")


class Arrival(NamedTuple):
    """One household the register gains: its draft, the id of its area."""

    draft: HouseholdDraft
    area: bytes


@dataclass(slots=True)
class Packed:
    """
    One slice of a file: rows framed for COPY by table, search tokens, and rows of the journal.

    Shape: `ids` and `people_ids` are of the households and of their people, in order. `journal` holds (table number, key, place of the
    person whose key seals it or None, body); `hashes` rows of the journal that are not sealed.
    """

    ids: list[bytes]
    people_ids: list[bytes]
    keys: NewPeople
    frames: dict[str, list[bytes]]
    tokens: list[bytes] = field(repr=False)
    journal: list[tuple[int, bytes, int | None, bytes]] = field(repr=False)
    hashes: list[bytes] = field(repr=False)

    @property
    def people(self) -> int:
        """Return how many people come in."""
        return len(self.people_ids)


def pack(
    arrivals: Sequence[Arrival],
    *,
    acting: Acting,
    vault: IntakeVault,
    catalogue_version: int,
    today: date,
) -> Packed:
    """Return all rows of new households, sealed, with fresh ids and keys."""
    homes = new_ids(acting, len(arrivals))
    people = [person for arrival in arrivals for person in arrival.draft.persons]
    ids = new_ids(acting, len(people))
    keys = vault.new_people(ids)
    packed = Packed(homes, ids, keys, {}, [], [], [])
    _pack_households(packed, arrivals, vault, catalogue_version, today)
    own: list[list[tuple[int, bytes, int | None, bytes]]] = [[] for _ in people]
    _pack_registrants(packed, own, arrivals, people, ids, vault, catalogue_version)
    _pack_keys(packed)
    _pack_tokens(packed, people, vault)
    _pack_numbers(packed, own, people, ids, acting)
    _pack_memberships(packed, own, arrivals, ids, acting, today)
    for rows in own:
        packed.journal += rows
    return packed


def new_ids(acting: Acting, count: int) -> list[bytes]:
    """Return so many new random identifiers (UUID version 4), neighbours, in ascending order."""
    drawn = bytearray(acting.random(16 * count))
    for at in range(_NEIGHBOURS):
        drawn[at::16] = drawn[at : at + 1] * count
    drawn[6::16] = drawn[6::16].translate(_VERSION_4)
    drawn[8::16] = drawn[8::16].translate(_VARIANT_2)
    return sorted(bytes(drawn[at : at + 16]) for at in range(0, 16 * count, 16))


def _pack_households(
    packed: Packed, arrivals: Sequence[Arrival], vault: IntakeVault, version: int, today: date
) -> None:
    rows = [(row, one.draft.facts) for row, one in zip(packed.ids, arrivals, strict=True)]
    facts = vault.sealed_fact_maps(rows, catalogue_version=version)
    in_facts, in_area, in_day = _HOUSEHOLD_NAMES
    table, day = TABLE_NUMBER["household"], b"\0\0\0\4" + _day(today)
    registered = in_day + journal.encode_text(today.isoformat())
    frames = []
    for (row, said), (_, area), sealed in zip(rows, arrivals, facts, strict=True):
        frames.append(b"\0\4" + _ID + row + _ID + area + _jsonb(said) + day)
        body = in_facts + sealed + in_area + b"\x50" + area + registered
        packed.journal.append((table, row, None, body))
    packed.frames["household"] = frames


def _pack_registrants(
    packed: Packed,
    own: list[list[tuple[int, bytes, int | None, bytes]]],
    arrivals: Sequence[Arrival],
    people: Sequence[PersonDraft],
    ids: Sequence[bytes],
    vault: IntakeVault,
    version: int,
) -> None:
    keys = packed.keys
    names = keys.seal(
        Column.FULL_NAME,
        [(at, ids[at], _text(person.full_name)) for at, person in enumerate(people)],
    )
    parts = _sealed(keys, Column.NAME_PARTS, ids, map(_name_parts, people))
    days = _sealed(keys, Column.BIRTH_DAY, ids, (_small(person.birth.day) for person in people))
    addresses = _sealed(keys, Column.ADDRESS, ids, _addresses(arrivals))
    facts = vault.sealed_fact_maps(
        [(row, person.facts) for row, person in zip(ids, people, strict=True)],
        catalogue_version=version,
    )
    table = TABLE_NUMBER["registrant"]
    sex, in_facts, address, day, name, in_parts, month, precision = _PERSON_NAMES
    frames = []
    for at, (row, person) in enumerate(zip(ids, people, strict=True)):
        birth, own_sex = person.birth, SEX[person.sex]
        framed_month, told_month = _month(birth.year, birth.month)
        known = PRECISION[birth.precision]
        own_parts, own_day, own_address = parts[at], days[at], addresses[at]
        frames.append(
            b"".join(
                (
                    b"\0\x09" + _ID, row, framed_month, _SMALL[known],
                    _NULL if own_sex is None else _SMALL[own_sex], _jsonb(person.facts),
                    _length(len(names[at])), names[at], _framed(own_parts), _framed(own_address),
                    _framed(own_day),
                )
            )
        )  # fmt: skip
        body = b"".join(
            (
                sex, _NOTHING if own_sex is None else bytes((own_sex,)), in_facts, facts[at],
                address, _told(own_address), day, _told(own_day), name, _told(names[at]),
                in_parts, _told(own_parts), month, told_month, precision, bytes((known,)),
            )
        )  # fmt: skip
        own[at].append((table, row, at, body))
    packed.frames["registrant"] = frames


def _pack_keys(packed: Packed) -> None:
    number, key_table = packed.keys.kek, TABLE_NUMBER["person_key"]
    kek, kek4 = b"\0\0\0\x08" + _wide(number), number.to_bytes(4, "big")
    in_hash, inserted, plain = (
        _KEY_NAMES[0] + b"\x58\x20",
        journal.encode_inserted,
        journal.Seal.NONE,
    )
    frames = []
    for row, wrapped in zip(packed.people_ids, packed.keys.wrapped, strict=True):
        frames.append(b"".join((b"\0\3" + _ID, row, kek, _length(len(wrapped)), wrapped)))
        said = in_hash + hashlib.sha256(kek4 + wrapped).digest()
        packed.hashes.append(inserted(key_table, row, plain, said))
    packed.frames["person_key"] = frames


def _pack_tokens(packed: Packed, people: Sequence[PersonDraft], vault: IntakeVault) -> None:
    """Pack what people are found by: each person's tokens together, and the tokens by themselves."""
    frames = []
    for row, own in zip(packed.people_ids, _tokens(people, vault), strict=True):
        found, tail = wide_array(own), _ID + row + _TOKEN_KEY
        frames.append(b"".join((b"\0\2" + _ID, row, _length(len(found)), found)))
        packed.tokens += [_TOKEN_HEAD + one + tail for one in own]
    packed.frames["person_tokens"] = frames


def _pack_numbers(
    packed: Packed,
    own: list[list[tuple[int, bytes, int | None, bytes]]],
    people: Sequence[PersonDraft],
    ids: Sequence[bytes],
    acting: Acting,
) -> None:
    documents = [
        (at, b"\x83" + _text(doc.kind) + _text(doc.country) + _text(doc.number))
        for at, person in enumerate(people)
        for doc in person.documents
    ]
    phones = [(at, _text(phone)) for at, person in enumerate(people) for phone in person.phones]
    in_sealed, in_person = _SEALED_NAMES
    for name, column, values in (
        ("registrant_document", Column.DOCUMENT, documents),
        ("registrant_phone", Column.PHONE, phones),
    ):
        rows = new_ids(acting, len(values))
        sealed = packed.keys.seal(
            column, [(at, row, value) for (at, value), row in zip(values, rows, strict=True)]
        )
        table, frames = TABLE_NUMBER[name], []
        for (at, _), row, value in zip(values, rows, sealed, strict=True):
            person = ids[at]
            frames.append(b"".join((b"\0\3" + _ID, row, _ID, person, _length(len(value)), value)))
            body = in_sealed + _told(value) + in_person + b"\x50" + person
            own[at].append((table, person + row, at, body))
        packed.frames[name] = frames


def _pack_memberships(
    packed: Packed,
    own: list[list[tuple[int, bytes, int | None, bytes]]],
    arrivals: Sequence[Arrival],
    ids: Sequence[bytes],
    acting: Acting,
    today: date,
) -> None:
    places = iter(range(len(ids)))
    roles = [
        (home, at, number)
        for home, arrival in zip(packed.ids, arrivals, strict=True)
        for person, at in zip(arrival.draft.persons, places, strict=False)
        for number in role_numbers(person.roles)
    ]
    rows = new_ids(acting, len(roles))
    table, day, frames = TABLE_NUMBER["membership"], b"\0\0\0\4" + _day(today), []
    in_role, in_from, in_home, in_person = _MEMBER_NAMES
    since = in_from + journal.encode_text(today.isoformat()) + in_home + b"\x50"
    in_person += b"\x50"
    for (home, at, number), row in zip(roles, rows, strict=True):
        person = ids[at]
        frames.append(b"".join((b"\0\5" + _ID, row, _ID, home, _ID, person, _SMALL[number], day)))
        body = b"".join((in_role, bytes((number,)), since, home, in_person, person))
        own[at].append((table, person + row, at, body))
    packed.frames["membership"] = frames


@lru_cache(64)
def role_numbers(roles: tuple[Role, ...]) -> tuple[int, ...]:
    """Return the numbers under which memberships hold a person's roles; a head is one alone."""
    numbers = [_ROLES[role] for role in roles if role in _ROLES and role is not Role.HEAD]
    if Role.HEAD in roles:
        numbers.append(_ROLES[Role.HEAD])
    elif Role.MEMBER in roles:
        numbers.append(_MEMBER)
    return tuple(numbers)


def _tokens(people: Sequence[PersonDraft], vault: IntakeVault) -> list[list[bytes]]:
    """Return the tokens of each person, each once."""
    asked = [
        texts_of(
            person.full_name,
            None
            if (parts := person.name_parts) is None
            else (parts.surname_1, parts.surname_2, " ".join(parts.given)),
            person.birth.year,
            [(doc.kind, doc.country, doc.number) for doc in person.documents],
            person.phones,
        )
        for person in people
    ]
    tokens = iter(vault.token_bytes(text for texts in asked for text in texts))
    return [list(set(islice(tokens, len(texts)))) for texts in asked]


def _addresses(arrivals: Sequence[Arrival]) -> Iterable[bytes | None]:
    for arrival in arrivals:
        address = arrival.draft.address
        for person in arrival.draft.persons:
            has_it = address is not None and Role.HEAD in person.roles
            yield _text(address) if has_it and address is not None else None


def _sealed(
    keys: NewPeople, column: Column, ids: Sequence[bytes], values: Iterable[bytes | None]
) -> _Sealed:
    """Return the sealed value of each person, None where there is none."""
    there = [(at, ids[at], value) for at, value in enumerate(values) if value is not None]
    found: _Sealed = [None] * len(ids)
    for (at, _, _), value in zip(there, keys.seal(column, there), strict=True):
        found[at] = value
    return found


def _name_parts(person: PersonDraft) -> bytes | None:
    parts = person.name_parts
    if parts is None:
        return None
    first, second, given = parts.surname_1, parts.surname_2, parts.given
    if len(given) > 23:
        return dcbor.encode([first, second, list(given)])
    written = [
        b"\x83",
        _NOTHING if first is None else _text(first),
        _NOTHING if second is None else _text(second),
        bytes((0x80 | len(given),)),
    ]
    return b"".join([*written, *map(_text, given)])


def _text(value: str) -> bytes:
    """Return the DCBOR of a text; what needs a closer look takes the encoder's way."""
    if not value.isascii():
        return dcbor.encode(value)
    data = value.encode()
    length = len(data)
    if length < 24:
        return bytes((0x60 | length,)) + data
    return b"\x78" + bytes((length,)) + data if length < 256 else dcbor.encode(value)


def _small(value: int | None) -> bytes | None:
    return None if value is None else dcbor.encode(value) if value > 23 else bytes((value,))


def _told(value: bytes | None) -> bytes:
    if value is None:
        return _NOTHING
    return journal.byte_head(len(value)) + value


def _framed(value: bytes | None) -> bytes:
    return _NULL if value is None else _length(len(value)) + value


@lru_cache(1 << 12)
def _month(year: int | None, month: int | None) -> tuple[bytes, bytes]:
    """Return the first of a birth month framed, and as the journal tells it."""
    if year is None:
        return _NULL, _NOTHING
    first = date(year, month or 1, 1)
    return b"\0\0\0\4" + _day(first), journal.encode_text(first.isoformat())


def _day(day: date) -> bytes:
    return _length(day.toordinal() - _SERVER_EPOCH)


def _jsonb(facts: Mapping[str, Any]) -> bytes:
    return _json_of(tuple(facts.items()))


@lru_cache(1 << 12)
def _json_of(items: tuple[tuple[str, Any], ...]) -> bytes:
    # the first byte is the version of the binary form
    data = b"\x01" + json.dumps(dict(items)).encode()
    return _length(len(data)) + data
