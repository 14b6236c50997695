"""A file that comes again: households follow their source, nobody is doubled, nothing is lost."""

from datetime import timedelta

import pytest
from django.db import transaction

from despensa.domain.household.operation import Kind, Order, Reason
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.entrypoints.jobs import actions
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.households import queries as households
from despensa.records.registry import taken_back
from despensa.records.registry.rebuild import rebuilt
from despensa.usecases.change_household import Wanted, change_household
from despensa.usecases.open_import_pair import open_import_pair
from tests.factories.observing import count, digests
from tests.factories.refiled import in_the_open, proposed, rows, taken_in
from tests.records.test_rebuild import _opened, _people

HEAD, MEMBER, PRIMARY, ALTERNATE = 1, 2, 3, 4
ADDED, UPDATED, SAME, LEFT = 1, 2, 3, 4


def effects(register_import):
    found = fetch(
        REGISTRY,
        "SELECT effect FROM import_pair WHERE register_import = %s ORDER BY place",
        (register_import,),
    )
    return [effect for (effect,) in found]


def edited():
    """Household 1 gets a new head and village, 2 loses one and gains one, of 3 the facts change."""
    given = rows()
    first = [row for row in given if row["household_number"] == "1"]
    first[0]["role"], first[1]["role"] = "member", "head"
    for row in first:
        row["area_pcode"], row["area_name"] = "VP0104", "Molino de Arriba"
        row["address"] = "Molino de Arriba, 7"
    first[0]["phone"] = "+447700900777"
    second = [row for row in given if row["household_number"] == "2"]
    second[0]["full_name"] = "Andrés Muñoz Solíz"
    second[0]["surname_2"] = "Solíz"
    second[2] |= {"person_number": "9", "full_name": "Rosa Muñoz Vega", "surname_2": "Vega",
                  "given_names": "Rosa", "birth_date": "2026-10"}  # fmt: skip
    for row in given:
        if row["household_number"] == "3":
            row["dwelling_shared"] = "yes"
    return given


def test_a_file_that_says_something_new_updates_and_doubles_nobody(registered_books):
    books = registered_books
    before, people = in_the_open(books), count(REGISTRY, "registrant")
    books.clock.forward(days=3)

    said, register_import = taken_in(books, edited())

    now = in_the_open(books)
    assert said == "0 households with 1 people taken in, 3 households updated"
    assert count(REGISTRY, "household") == 12
    assert count(REGISTRY, "registrant") == people + 1
    assert effects(register_import) == [UPDATED] * 3 + [SAME] * 9
    former, head = now["Julián García de la Cruz"], now["Ramona Castaño Yáñez"]
    assert (former["roles"], head["roles"]) == ([MEMBER, PRIMARY], [HEAD, ALTERNATE])
    assert former["phones"] == ["+447700900777"]
    assert head["address"] == "Molino de Arriba, 7"
    renamed = now["Andrés Muñoz Solíz"]
    assert renamed["id"] == before["Andrés Muñoz Solís"]["id"]
    assert renamed["documents"] == before["Andrés Muñoz Solís"]["documents"]
    assert renamed["tokens"] != before["Andrés Muñoz Solís"]["tokens"]
    born = now["Rosa Muñoz Vega"]
    assert (born["home"], born["roles"]) == (renamed["home"], [MEMBER])
    assert now["Ana Lucía Muñoz Muñoz"]["roles"] == []
    [home] = now["Itzel Domínguez Ybarra"]["home"]
    assert fetch(REGISTRY, "SELECT facts->'dwelling_shared' FROM household WHERE id = %s", (home,))[
        0
    ] == (True,)


def test_what_was_so_before_the_file_can_still_be_asked(registered_books):
    books = registered_books
    day = books.tools.today()
    [home] = in_the_open(books)["Julián García de la Cruz"]["home"]
    then, area = households.rows_on([home], day), households.area_on(home, day)
    books.clock.forward(days=3)

    taken_in(books, edited())

    def without_ends(found):
        return {(row.id, row.holder, row.role, row.from_day) for row in found}

    assert without_ends(households.rows_on([home], day)) == without_ends(then)
    assert households.area_on(home, day) == area
    assert households.area_on(home, day + timedelta(days=3)) != area
    [step] = households.timeline(home)
    assert (step.kind, step.reason) == (Kind.FILE_UPDATE, Reason.FILE_SAYS)


def test_a_pair_says_when_what_was_before_is_kept_no_more(registered_books):
    books = registered_books
    books.clock.forward(days=1)
    _, register_import = taken_in(books, edited())

    def opened():
        return open_import_pair(
            register_import, 1, acting=books.acting("ana"), vault=books.keeper.vault
        )

    kept = opened()
    with transaction.atomic(using=REGISTRY):
        taken_back.forget([register_import])

    assert kept.is_before_kept
    assert any(one.before != one.after for one in kept.people)
    assert not opened().is_before_kept


def test_the_same_file_twice_changes_no_household(registered_books):
    books = registered_books
    before = digests(books.endpoints)

    said, register_import = taken_in(books, [*rows(), *rows(skip=12, count=1)])

    assert said.startswith("1 households")
    assert set(effects(register_import)[:12]) == {SAME}
    assert (
        digests(books.endpoints)["registry.household_change"]
        == (before["registry.household_change"])
    )


def test_what_the_office_recorded_since_stays_where_the_source_says_the_same(registered_books):
    books = registered_books
    people = in_the_open(books)
    [home] = people["Ana Luisa Muñoz Muñoz"]["home"]
    _change(books, Kind.DEATH, Reason.CIVIL_DOCUMENT, home, people["Ana Luisa Muñoz Muñoz"]["id"])
    books.clock.forward(days=1)

    taken_in(books, edited())

    now = in_the_open(books)
    assert now["Ana Luisa Muñoz Muñoz"]["roles"] == []
    assert now["Rosa Muñoz Vega"]["roles"] == [MEMBER]


def test_whom_a_file_left_out_and_names_again_is_the_same_person(registered_books):
    books = registered_books
    whole = rows()
    people = in_the_open(books)
    books.clock.forward(days=1)
    without = [row for row in whole if row["full_name"] != "Ana Lucía Muñoz Muñoz"]
    taken_in(books, without)
    assert in_the_open(books)["Ana Lucía Muñoz Muñoz"]["roles"] == []
    books.clock.forward(days=1)

    # the first file is in the register: another order of columns makes it another file
    taken_in(books, list(reversed(whole)))

    again = in_the_open(books)["Ana Lucía Muñoz Muñoz"]
    assert again["roles"] == [MEMBER]
    assert again["id"] == people["Ana Lucía Muñoz Muñoz"]["id"]


def test_a_household_in_which_nobody_lives_any_more_is_left_as_it_is(registered_books):
    books = registered_books
    people = in_the_open(books)
    [home] = people["Julián García de la Cruz"]["home"]
    gone = [one["id"] for one in people.values() if home in one["home"]]
    _change(books, Kind.DEATH, Reason.CIVIL_DOCUMENT, home, *gone)
    books.clock.forward(days=1)

    _, register_import = taken_in(books, edited())

    assert effects(register_import)[:3] == [LEFT, UPDATED, UPDATED]


def test_what_a_file_brought_is_not_undone_at_the_desk(registered_books):
    books = registered_books
    [home] = in_the_open(books)["Julián García de la Cruz"]["home"]
    taken_in(books, edited())
    [step] = households.timeline(home)

    with pytest.raises(ChangeRefused) as refused:
        _change(books, Kind.UNDO, Reason.ENTRY_MISTAKE, home, undoes=step.id)

    assert refused.value.why is Why.CAME_WITH_A_FILE


def test_an_update_comes_back_from_the_journal(registered_books):
    books = registered_books
    books.clock.forward(days=3)
    taken_in(books, edited())
    people = _people()

    batch = rebuilt(_opened(books, people), people)

    for table, columns, made in (
        ("registrant", "id, birth_month, sex, facts, full_name, name_parts, address, birth_day",
         {(r.id, r.birth_month, r.sex, str(sorted(r.facts.items())), r.full_name, r.name_parts,
           r.address, r.birth_day) for r in batch.registrants}),
        ("household", "id, area_id, facts",
         {(h.id, h.area, str(sorted(h.facts.items()))) for h in batch.households}),
        ("registrant_phone", "id, sealed", {(p.id, p.sealed) for p in batch.phones}),
        ("registrant_document", "id, sealed", {(d.id, d.sealed) for d in batch.documents}),
        ("membership", "id, registrant_id, role, from_date, until_date",
         {(m.id, m.registrant, m.role, m.from_date, m.until_date) for m in batch.memberships}),
    ):  # fmt: skip
        stored = {
            tuple(
                bytes(value) if isinstance(value, memoryview)
                else str(sorted(value.items())) if isinstance(value, dict) else value
                for value in row
            )
            for row in fetch(REGISTRY, f"SELECT {columns} FROM {table}")
        }  # fmt: skip
        assert stored == made, table


def test_an_upload_learns_nothing_about_who_is_registered(registered_books):
    """Registered people's names under another source, and invented ones: the same is shown."""
    books = registered_books
    # the other way round than the file that is in the register, or it would be the same file
    known, invented = rows()[::-1], rows()[::-1]
    for number, row in enumerate(invented):
        name = f"Zz{'abcdefghij'[number % 10] * 3} Qq{'klmnopqrst'[number // 10] * 3}"
        row |= {"full_name": name, "surname_1": "", "surname_2": "", "given_names": "",
                "document_number": f"ZZ-{number:06d}" if row["document_number"] else "",
                "phone": f"+4477009{number:05d}" if row["phone"] else ""}  # fmt: skip
    said = []
    for given, source in ((known, "another list"), (invented, "a third list")):
        proposal = proposed(books, given, source=source)
        said.append(actions.carry_out(proposal, books.tools))
        found = fetch(
            REGISTRY, "SELECT counts, id FROM register_import WHERE proposal = %s", (proposal,)
        )
        said.append((found[0][0], effects(found[0][1])))

    assert said[0] == said[2]
    assert said[1] == said[3]
    assert set(said[1][1]) == {ADDED}


def _change(books, kind, reason, home, *people, undoes=None, head=None):
    order = Order(
        id=books.acting("ana").new_id(),
        kind=kind,
        reason=reason,
        day=books.tools.today(),
        household=home,
        expected_version=households.standing(home).version,
        people=people,
        undoes=undoes,
        head=head,
    )
    change_household(
        Wanted(order),
        acting=books.acting("ana"),
        vault=books.keeper.vault,
        today=books.tools.today(),
        catalogue_version=1,
    )
