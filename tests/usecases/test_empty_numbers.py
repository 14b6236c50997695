"""A document or phone that was taken away is an empty row, and no door stumbles over one."""

import pytest

from despensa.domain.correction.slot import Field, Slot
from despensa.domain.ports.keeper import Purpose
from despensa.entrypoints.jobs import deduplicating
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries as pairs
from despensa.usecases.notice_duplicates import notice_duplicates
from despensa.usecases.open_household import open_household
from despensa.usecases.open_import_pair import open_import_pair
from despensa.usecases.open_pair import open_pair
from tests.entrypoints.jobs.test_deduplicating import search
from tests.factories import keeper_process
from tests.factories.observing import count
from tests.factories.partner import PartnerClient, consent, people_with_documents
from tests.factories.refiled import rows, taken_in
from tests.usecases.test_corrections import agreed, found, opened, wanted
from tests.usecases.test_duplicates import noticed, two_people


@pytest.fixture
def emptied(carded_books, monkeypatch):
    """Return books, and somebody with their household and the numbers that were taken away."""
    from despensa.entrypoints import wiring

    books = carded_books
    monkeypatch.setattr(wiring, "tools", lambda: books.tools)
    (home, person, number), *_ = people_with_documents(books)
    [(phone_row,)] = fetch(
        REGISTRY, "SELECT id FROM registrant_phone WHERE registrant_id = %s LIMIT 1", (person,)
    ) or [(None,)]
    slots = [
        slot
        for slot in opened(books, person, home).values
        if slot.field in {Field.DOCUMENT, Field.PHONE}
    ]
    values = opened(books, person, home).values
    known = {slot: values[slot] for slot in slots}
    agreed(books, wanted(books, dict.fromkeys(slots), person=person, home=home))
    return books, home, person, number, known, phone_row


def numbers_of(person):
    return [
        bytes(sealed)
        for table in ("registrant_document", "registrant_phone")
        for (sealed,) in fetch(
            REGISTRY, f"SELECT sealed FROM {table} WHERE registrant_id = %s", (person,)
        )
    ]


def test_no_number_is_left_and_none_finds_anybody(emptied):
    books, home, person, number, known, _ = emptied

    assert known
    assert numbers_of(person) == [b""] * len(known)
    assert found(books, number) == []
    assert not {slot.field for slot in opened(books, person, home).values} & {
        Field.DOCUMENT, Field.PHONE,
    }  # fmt: skip


def test_the_desk_a_pair_and_a_newcomer_are_opened_without_them(emptied):
    books, home, person, _, _, _ = emptied
    (_, one), (_, other) = two_people(books)
    stranger = other if one == person else one

    open_household(
        home, purpose=Purpose.SERVE_HOUSEHOLD, acting=books.acting("ana"), vault=books.keeper.vault
    )
    pair = open_pair(
        noticed(books, person, stranger), acting=books.acting("ana"), vault=books.keeper.vault
    )
    again = notice_duplicates([person], acting=books.acting("ana"), vault=books.keeper.vault)

    [own] = [record for record in pair.records if record.view.id == person]
    assert (own.documents, own.phones) == ((), ())
    assert again == 0


def test_a_partner_finds_nobody_by_what_was_taken_away(emptied):
    books, home, person, number, _, _ = emptied
    client = PartnerClient(books)
    consent(books, client.register(), home, person)

    answer = client.ask("sync/search", client.search(number), "search")

    assert answer.status_code == 200
    assert client.records(answer) == []


def test_the_search_of_the_whole_register_skips_them(emptied, monkeypatch):
    pytest.importorskip("splink")
    books, _, person, _, _, _ = emptied
    monkeypatch.setenv("DESPENSA_REGISTRY_URL", books.endpoints.registry_app)
    keeper_process.see_the_environment()

    said = search(books)

    assert "48 people compared" in said
    assert deduplicating.is_installed()
    assert pairs.records([person])[person].documents == ()


def test_a_file_that_comes_again_fills_the_empty_row_and_keeps_the_order_of_versions(emptied):
    books, home, person, number, known, _ = emptied
    given = rows()
    for row in given:
        row["address"] = f"{row['address']} bis"
    books.clock.forward(days=3)
    before = len(numbers_of(person))

    _, register_import = taken_in(books, given)

    values = opened(books, person, home).values
    assert {slot.field: value for slot, value in values.items() if slot in known}
    assert found(books, number) == [home]
    assert len(numbers_of(person)) == before, "no second row for one number"
    # 01, then the version: it never begins again, so that no older value can take its place
    versions = [int.from_bytes(one[1:5], "big") for one in numbers_of(person) if one]
    assert all(version > 1_000_000_000 for version in versions), versions
    places = range(1, count(REGISTRY, "import_pair", "register_import = %s", register_import) + 1)
    for place in places:
        open_import_pair(
            register_import, place, acting=books.acting("ana"), vault=books.keeper.vault
        )


def test_a_file_that_says_nothing_of_them_leaves_them_empty(emptied):
    books, home, person, number, _, _ = emptied
    given = rows()
    for row in given:
        row["address"] = f"{row['address']} bis"
        for column in row:
            if "document" in column or column.startswith("phone"):
                row[column] = ""
    books.clock.forward(days=3)

    taken_in(books, given)

    assert set(numbers_of(person)) == {b""}
    assert found(books, number) == []
    assert Slot(Field.ADDRESS) in opened(books, person, home).values
