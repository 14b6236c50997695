"""What the journal holds of the register brings it back byte for byte, and tells nobody else."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import transaction

from despensa.domain.encoding import dcbor
from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.proposal import Reason
from despensa.domain.role import Role
from despensa.domain.transparency import journal
from despensa.domain.transparency.sealed_row import SealBroken
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.registry import batch_store
from despensa.records.registry.rebuild import KeyNotTheOne, rebuilt
from despensa.records.tables import TABLE_NUMBER
from despensa.usecases.add_staff import NewStaff, add_staff
from tests.factories.observing import digests

LOST = (
    "membership", "registrant_phone", "registrant_document", "person_key", "registrant",
    "household",
)  # fmt: skip


def _entries():
    rows = fetch(
        REGISTRY,
        """SELECT content.entry, content.bytes FROM journal
           JOIN journal_content content USING (entry) ORDER BY journal.seq""",
    )
    return [(entry.bytes, journal.parse_stored(bytes(stored))) for entry, stored in rows]


def _people():
    keys = fetch(REGISTRY, "SELECT person, kek, wrapped FROM person_key")
    return {who.bytes: KeyedPerson(who.bytes, kek, bytes(key)) for who, kek, key in keys}


def _opened(books, people):
    return [
        row
        for entry, stored in _entries()
        if _has_rows(stored)
        for row in books.keeper.vault.open_rows(entry, stored, people)
    ]


def _has_rows(stored):
    """Say whether the second part holds rows: of a public leaf it holds what was announced."""
    return journal.parse_content(stored.content).row_count > 0


def test_the_register_comes_back_byte_for_byte(registered_books):
    books = registered_books
    before = digests(books.endpoints)
    people = _people()
    with psycopg.connect(books.endpoints.registry_owner) as owner:
        for table in LOST:
            owner.execute(f"DELETE FROM {table}")
    assert digests(books.endpoints) != before

    batch = rebuilt(_opened(books, people), people)
    with transaction.atomic(using=REGISTRY):
        batch_store.write_batch(batch, register_import=UUID(int=0))

    assert batch.households
    assert batch.memberships
    assert digests(books.endpoints) == before


def test_nothing_about_a_person_or_a_household_stands_open(carded_books):
    about = {
        TABLE_NUMBER[table]: seal
        for table, seal in {
            "household": journal.Seal.WORKSPACE,
            "registrant": journal.Seal.PERSON,
            "registrant_document": journal.Seal.PERSON,
            "registrant_phone": journal.Seal.PERSON,
            "membership": journal.Seal.PERSON,
            "card": journal.Seal.WORKSPACE,
            "decision": journal.Seal.WORKSPACE,
        }.items()
    }
    found = {}
    for _, stored in _entries():
        if _has_rows(stored):
            for row in map(journal.parse_row, stored.rows):
                found.setdefault(row.table, set()).add(row.seal)
                if row.table in (TABLE_NUMBER["card"], TABLE_NUMBER["decision"]):
                    assert row.key == b""

    assert {table: {seal} for table, seal in about.items()} == {
        table: seals for table, seals in found.items() if table in about
    }
    numbers = [n.encode() for (n,) in fetch(REGISTRY, "SELECT number FROM card")]
    kept = b"".join(stored.content + b"".join(stored.rows) for _, stored in _entries())
    assert numbers
    assert not [number for number in numbers if number in kept]


def test_the_journal_alone_names_nobody_who_works_here(carded_books):
    books = carded_books
    today = books.tools.today()
    officer = NewStaff(
        "sara", None, "Sara Méndez", "es", [Role.SECURITY_OFFICER], books.root_area, today,
        today + timedelta(days=9),
    )  # fmt: skip
    books.staff["sara"] = add_staff(officer, acting=books.acting())
    parameters = ("hbakri-77", "Hamad Bakri", "ar", [Role.AUDITOR.value], 30_000)
    scope = (None, books.root_area.bytes, None)
    books.proposal("sara", "add_staff", Reason.STAFF_CHANGE, parameters=parameters, scope=scope)
    kept = b"".join(stored.content + b"".join(stored.rows) for _, stored in _entries())
    names = [one for (one,) in fetch(REGISTRY, "SELECT name FROM staff_member")]
    opened = b"".join(row.body for row in _opened(books, _people()))

    for name in (*names, "Hamad Bakri", "hbakri-77"):
        assert name.encode() not in kept, name
    for name in (*names, "Hamad Bakri"):
        assert name.encode() in opened, name


def test_a_person_key_stands_in_the_journal_as_its_hash_only(registered_books):
    people = _people()
    kept = b"".join(b"".join(stored.rows) for _, stored in _entries())

    assert people
    assert not [one for one in people.values() if one.wrapped in kept]
    somebody = next(iter(people))
    people[somebody] = KeyedPerson(somebody, people[somebody].kek + 1, people[somebody].wrapped)
    with pytest.raises(KeyNotTheOne):
        rebuilt(_key_rows(), people)


def _key_rows():
    return [
        row
        for _, stored in _entries()
        if _has_rows(stored)
        for row in map(journal.parse_row, stored.rows)
        if row.table == TABLE_NUMBER["person_key"]
    ]


def test_rows_of_a_person_whose_key_is_gone_stay_closed(registered_books):
    books = registered_books
    people = _people()
    gone = next(iter(people))
    all_of_them = _opened(books, people)
    del people[gone]

    rest = _opened(books, people)

    assert len(rest) < len(all_of_them)
    personal = [r for r in rest if r.seal == journal.Seal.PERSON]
    assert personal
    assert not [row for row in personal if row.key[:16] == gone]


def test_a_fact_whose_key_is_gone_is_left_out(registered_books):
    books = registered_books
    facts = fetch(REGISTRY, "SELECT DISTINCT jsonb_object_keys(facts) FROM registrant")
    assert facts
    for path in (books.folder / "keys/keeper/facts").glob("*.key"):
        path.unlink()

    opened = _opened(books, _people())

    registrants = [row for row in opened if row.table == TABLE_NUMBER["registrant"]]
    assert registrants
    assert all(dcbor.decode(row.body)["facts"] == {} for row in registrants)


def test_a_row_put_in_another_place_does_not_open(registered_books):
    books = registered_books
    entry, stored = next(
        (entry, stored)
        for entry, stored in _entries()
        if _has_rows(stored) and stored.chunk_keys and len(stored.rows) > 2
    )
    turned = journal.Stored(stored.content, stored.rows[::-1], stored.chunk_keys)

    with pytest.raises(SealBroken):
        books.keeper.vault.open_rows(entry, turned, _people())
