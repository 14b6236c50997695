"""`despensa household`: shown on any day, changed by one operation at a time, undone."""

import json
from datetime import timedelta

import pytest

from despensa.domain.household.operation import Kind
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Role
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.households import queries
from despensa.usecases.add_institution import add_institution
from despensa.usecases.add_staff import NewStaff, add_staff
from tests.usecases.test_change_household import a_home, an_order, do

TOLD = ("--reason", "reported_by_household")
NOBODY = "7d1e5a0c-0000-4000-8000-000000000000"


@pytest.fixture
def desk(registered_books, at, sign_in):
    """Ana at the command line, and a household of three or more."""
    books = at(registered_books)
    sign_in(books, "ana")
    return books, *a_home()


def asked(despensa, *arguments):
    said = despensa("household", *arguments, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_a_household_is_shown_as_it_was_on_a_day(desk, despensa, sign_in):
    books, home, people = desk
    books.clock.forward(days=4)
    sign_in(books, "ana")
    do(books, an_order(books, Kind.LEAVE, home, people=(people[-1],)))
    yesterday = (books.tools.today() - timedelta(days=1)).isoformat()

    now = asked(despensa, "show", home)
    then = asked(despensa, "show", home, "--on", yesterday)

    assert str(people[-1]) not in {one["id"] for one in now["roles"]}
    assert str(people[-1]) in {one["id"] for one in then["roles"]}
    assert all(one["name"] for one in then["roles"])
    assert [one["kind"] for one in now["changes"]] == ["leave"]


def test_a_split_is_previewed_done_shown_and_undone(desk, despensa):
    _, home, people = desk
    order = ("split", home, "--person", people[-1], "--reason", "separation")

    preview = asked(despensa, *order, "--preview")
    assert (preview["done"], queries.standing(home).version) == (False, 0)
    assert any("new household" in one for one in preview["sentences"])

    again = ("--operation", preview["operation"])
    done = asked(despensa, *order, *again)
    repeated = asked(despensa, *order, *again, "--version", "0")
    assert (done["is_new"], repeated["is_new"]) == (True, False)
    assert str(people[-1]) in {
        one["id"] for one in asked(despensa, "show", done["household"])["roles"]
    }

    asked(despensa, "undo", home, "--change", done["operation"])
    assert people[-1] in queries.situation_of([home]).living(home)


def test_every_operation_has_its_command(desk, despensa):
    books, home, people = desk
    [(pcode,)] = fetch(
        REGISTRY,
        """SELECT pcode FROM area WHERE id <> (SELECT area_id FROM household WHERE id = %s)
           ORDER BY pcode LIMIT 1""",
        (home,),
    )
    told = TOLD
    day = books.tools.today().isoformat()

    asked(despensa, "birth", home, "--full-name", "Luz Molina", "--born", day, *told)
    asked(despensa, "head", home, "--person", people[1], *told)
    asked(despensa, "collector", home, "--collector", people[2], "--alternate", *told)
    asked(despensa, "withdraw", home, "--collector", people[2], *told)
    asked(despensa, "move", home, "--area", pcode, *told)
    asked(despensa, "leave", home, "--person", people[0], *told, "--collector", people[1])
    asked(despensa, "join", home, "--person", people[0], "--reason", "return_home")
    asked(despensa, "death", home, "--person", people[-1], *told)

    kinds = [row.kind for row in queries.timeline(home)]
    assert kinds == [
        Kind.DEATH, Kind.JOIN, Kind.LEAVE, Kind.MOVE, Kind.COLLECTOR_WITHDRAWN,
        Kind.COLLECTOR_NAMED, Kind.NEW_HEAD, Kind.BIRTH,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("show", "no-such-card"), 1, "There is no household"),
        (("show", "HOME", "--on", "soon"), 2, "write it as"),
        (("show", "HOME", "--on", "2999-01-01"), 2, "lies in the future"),
        (("head", "HOME", "--person", "x", "--reason", "protection"), 2, "is no id"),
        (("head", "HOME", "--person", "HEAD", "--reason", "because"), 2, "there are: reported_by"),
        (("head", "HOME", "--person", "HEAD", "--reason", "protection"), 1, "the head already"),
        (("move", "HOME", "--area", "ZZ9", "--reason", "displacement"), 2, "no area"),
        (("move", "HOME", "--area", "\udcff", "--reason", "displacement"), 2, "no area"),
        (("leave", "HOME", "--person", "HEAD", "--reason", "separation"), 1, "could collect"),
        (("death", "HOME", "--person", "HEAD", *TOLD, "--collector", "HEAD"), 1, "person died"),
        (("collector", "HOME", *TOLD, "--collector", NOBODY), 1, "Nobody in the register"),
        (("birth", "HOME", *TOLD, "--full-name", "12", "--born", ""), 2, "with letters"),
        (("birth", "HOME", *TOLD, "--full-name", "", "--born", "1700"), 2, "--born: The birth"),
        (("birth", "HOME", *TOLD, "--full-name", "\udcff", "--born", "soon"), 2, "control"),
    ],
)
def test_what_cannot_be_is_a_sentence(desk, despensa, arguments, code, sentence):
    _, home, people = desk
    words = {"HOME": str(home), "HEAD": str(people[0])}

    said = despensa("household", *(words.get(one, one) for one in arguments))

    assert said.code == code
    assert sentence in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert queries.timeline(home) == []


def test_limits_for_collectors_are_published_and_kept(decided_books, at, sign_in, despensa):
    books = at(decided_books)
    sign_in(books, "jorge")
    limits = ("--person", "1", "--institution", "2")
    assert despensa("programme", "collectors", "food-parcel", *limits).code == 0
    sign_in(books, "ana")
    homes = [home for (home,) in fetch(REGISTRY, "SELECT id FROM household ORDER BY id LIMIT 3")]
    helper = str(queries.situation_of(homes[:1]).living(homes[0])[0])
    named = ("--collector", helper, "--alternate", "--reason", "collector_cannot_come")

    first, second = (despensa("household", "collector", home, *named) for home in homes[1:])

    assert (first.code, second.code) == (0, 1)
    assert "1 is the published limit" in second.err


def test_an_institution_is_added_where_the_role_counts(registered_books):
    books = registered_books
    today = books.tools.today()
    [(here,), (elsewhere,), *_] = fetch(
        REGISTRY, "SELECT id FROM area WHERE parent_id IS NOT NULL ORDER BY pcode"
    )
    acting = books.tools.acting(
        add_staff(
            NewStaff(
                "pm", None, "pm", "en", [Role.PROGRAMME_MANAGER], here, today,
                today + timedelta(days=9),
            ),
            acting=books.acting(),
        )
    )  # fmt: skip
    shelter = {"kind": 1, "names": {"es": "Casa"}, "office": {"es": "dirección"}}

    add_institution(**shelter, area=here, acting=acting)
    with pytest.raises(OutOfReach):
        add_institution(**shelter, area=elsewhere, acting=acting)

    assert len(queries.institutions()) == 1


def test_an_institution_is_added(registered_books, at, sign_in, despensa):
    books = at(registered_books)
    sign_in(books, "jorge")

    said = despensa(
        "household", "institution", "--kind", "shelter", "--names", "es=Casa Luz",
        "--office", "es=dirección", "--area", "VE",
    )  # fmt: skip

    assert said.code == 0
    assert [one.names for one in queries.institutions()] == [{"es": "Casa Luz"}]
