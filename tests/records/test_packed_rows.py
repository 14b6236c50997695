"""The set-based form of an import's rows says what the readable form says."""

import os
from datetime import date
from uuid import UUID

import pytest

from despensa.adapters.keeper.in_process import open_keeper
from despensa.domain.act import Acting
from despensa.domain.encoding import dcbor
from despensa.domain.matching.search_text import name_parts, person_texts
from despensa.domain.matching.token_text import texts_of
from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.registration.draft import (
    Birth,
    Document,
    HouseholdDraft,
    NameParts,
    PersonDraft,
    Role,
    Sex,
)
from despensa.domain.sealing import Column, Sealed
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act
from despensa.records.registry.packed_journal import packed_entries
from despensa.records.registry.packed_rows import Arrival, new_ids, pack
from despensa.records.tables import TABLE_NUMBER

DAY = date(2026, 3, 1)
AREA = UUID(int=9).bytes
HEAD = (Role.HEAD, Role.MEMBER, Role.PRIMARY_COLLECTOR)
PEOPLE = (
    PersonDraft(
        "h/1", "Kara Ñúñez de la O", Sex.FEMALE, Birth(1990, 2, 28), HEAD, 2,
        NameParts("Ñúñez", "de la O", ("Kara", "Mía")),
        (Document("national_id", "ESP", "12-ab"), Document("passport", "SYR", "١٢٣")),
        ("+34600000001", "+34600000002"), {"pregnant_or_nursing": True},
    ),
    PersonDraft("h/2", "محمد حداد", Sex.UNKNOWN, Birth(), (Role.MEMBER,), 3),
    PersonDraft("h/3", "X" * 190, Sex.OTHER, Birth(2001), (Role.ALTERNATE_COLLECTOR,), 4),
    PersonDraft("h/4", "Amina", Sex.MALE, Birth(2001, 12), (Role.MEMBER,), 5,
                NameParts(None, None, ("Amina",))),
    PersonDraft("h/5", "Li", Sex.MALE, Birth(1950, 1, 1), (Role.MEMBER,), 6,
                NameParts("Ruiz Gómez Paz", None, ()), (Document("other", "ESP", "-/-"),)),
    PersonDraft("h/6", "Ana 7", Sex.FEMALE, Birth(1950, 1, 1), (Role.MEMBER,), 7,
                NameParts("7", None, ("Ana",))),
)  # fmt: skip
HOUSEHOLD = HouseholdDraft(
    "h", PEOPLE, 6, "12 Invented Street, " + "near the well " * 25, None, "XX0001",
    {"displaced": False, "income_monthly_minor": 409_500},
)  # fmt: skip


@pytest.fixture(scope="module")
def keeper(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keeper")
    return open_keeper(
        keys=folder / "keys", staging=folder / "staging", workspace=UUID(int=1).bytes
    )


@pytest.fixture(scope="module")
def acting(keeper):
    return Acting(UUID(int=1), UUID(int=2), 1_772_000_000, os.urandom, keeper.vault.journal_key)


@pytest.fixture(scope="module")
def packed(keeper, acting):
    return pack(
        [Arrival(HOUSEHOLD, AREA)],
        acting=acting,
        vault=keeper.vault,
        catalogue_version=1,
        today=DAY,
    )


@pytest.fixture(scope="module")
def rows(keeper, acting, packed):
    """The journal's rows with their columns opened, by table name and key."""
    names = {number: name for name, number in TABLE_NUMBER.items()}
    act = Act(1, acting.at, acting.actor, "import_register")
    opened = [
        row
        for entry in packed_entries(packed, act=act, acting=acting, sealer=keeper.vault)
        for row in keeper.vault.open_rows(
            entry.entry.bytes, journal.parse_stored(entry.stored), owners(packed)
        )
    ]
    return [(names[row.table], row.key, dcbor.decode(row.body)) for row in opened]


def owners(packed):
    ids = [frame[6:22] for frame in packed.frames["registrant"]]
    return {
        own: KeyedPerson(own, packed.keys.kek, wrapped)
        for own, wrapped in zip(ids, packed.keys.wrapped, strict=True)
    }


def test_ids_are_of_version_4_and_ascend(acting):
    ids = new_ids(acting, 300)

    assert ids == sorted(ids)
    assert len(set(ids)) == 300
    assert all(UUID(bytes=one).version == 4 for one in ids)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.source_record_id)
def test_the_texts_are_those_of_the_readable_form(person):
    parts = person.name_parts
    documents = [(doc.kind, doc.country, doc.number) for doc in person.documents]
    given = None if parts is None else " ".join(parts.given)
    surnames = (None, None) if parts is None else (parts.surname_1, parts.surname_2)
    texts = person_texts(
        name_parts(person.full_name, given=given, surname_1=surnames[0], surname_2=surnames[1]),
        birth_year=person.birth.year,
        documents=documents,
        phones=person.phones,
    )

    found = texts_of(
        person.full_name,
        None if parts is None else (*surnames, given),
        person.birth.year,
        documents,
        person.phones,
    )

    assert {(text[0], text[1:].decode()) for text in found} == {(t.kind, t.text) for t in texts}


def test_the_tokens_are_those_of_the_readable_form(keeper):
    texts = person_texts(name_parts("Rosa Quispe Mamani"), birth_year=1984)

    tokens = keeper.vault.token_bytes(bytes((t.kind,)) + t.text.encode() for t in texts)

    assert [int.from_bytes(one, signed=True) for one in tokens] == keeper.vault.search_tokens(texts)


def test_every_row_of_the_slice_is_in_the_journal(rows):
    counted = {}
    for table, _, _ in rows:
        counted[table] = counted.get(table, 0) + 1

    assert counted == {
        "household": 1, "registrant": 6, "registrant_document": 3, "registrant_phone": 2,
        "membership": 7, "person_key": 6,
    }  # fmt: skip


def test_a_person_is_sealed_and_told_as_in_the_readable_form(keeper, packed, rows):
    [(_, own, columns), *_] = [row for row in rows if row[0] == "registrant"]
    owner = owners(packed)[own]
    values = [
        (Column.FULL_NAME, columns["full_name"]),
        (Column.NAME_PARTS, columns["name_parts"]),
        (Column.ADDRESS, columns["address"]),
        (Column.BIRTH_DAY, columns["birth_day"]),
    ]

    key = keeper.vault._unwrap(owner)

    from despensa.domain import sealing

    opened = sealing.unseal(
        [Sealed(column, own, data) for column, data in values],
        key=key,
        workspace=UUID(int=1).bytes,
    )
    assert opened == [
        "Kara Ñúñez de la O", ["Ñúñez", "de la O", ["Kara", "Mía"]], HOUSEHOLD.address, 28,
    ]  # fmt: skip
    assert columns["birth_month"] == "1990-02-01"
    assert (columns["sex"], columns["birth_precision"]) == (2, 3)
    assert columns["facts"] == {"pregnant_or_nursing": True}


def test_documents_and_phones_open_at_their_own_row(keeper, packed, rows):
    from despensa.domain import sealing

    opened = []
    for table, key, columns in rows:
        if table in ("registrant_document", "registrant_phone"):
            column = Column.DOCUMENT if table == "registrant_document" else Column.PHONE
            opened += sealing.unseal(
                [Sealed(column, key[16:], columns["sealed"])],
                key=keeper.vault._unwrap(owners(packed)[key[:16]]),
                workspace=UUID(int=1).bytes,
            )
            assert columns["registrant_id"] == key[:16]

    assert opened == [
        ["national_id", "ESP", "12-ab"], ["passport", "SYR", "١٢٣"],
        "+34600000001", "+34600000002", ["other", "ESP", "-/-"],
    ]  # fmt: skip


def test_the_household_and_its_roles_are_told(packed, rows):
    [(_, home, household)] = [row for row in rows if row[0] == "household"]
    roles = [columns for table, _, columns in rows if table == "membership"]

    assert home == packed.ids[0]
    assert household == {
        "area_id": AREA,
        "facts": {"displaced": False, "income_monthly_minor": 409_500},
        "registered_on": DAY.isoformat(),
    }
    assert [one["role"] for one in roles] == [3, 1, 2, 4, 2, 2, 2]
    assert {one["household_id"] for one in roles} == {home}
