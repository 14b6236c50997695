"""What completes a cycle, on the command line: decided there, opened by two people."""

import uuid

from despensa.records.children import queries
from tests.factories.late_people import households_of, registers


def test_a_follow_up_is_decided_listed_and_proposed(opened_books, despensa, at, sign_in):
    books = at(opened_books)
    sign_in(books, "jorge")

    made = despensa("cycle", "child", books.cycle, "--kind", "follow-up", "--json")
    listed = despensa("cycle", "children", books.cycle, "--json").json
    proposed = despensa("cycle", "propose", made.json["cycle"], "--json")

    assert made.json["gives"] == listed["children"][0]["gives"] != {}
    assert [one["kind"] for one in listed["children"]] == ["follow-up"]
    assert (made.code, proposed.code) == (0, 0)
    again = despensa("cycle", "propose", made.json["cycle"])
    assert (again.code, "waits for a second person already" in again.err) == (1, True)
    second = despensa("cycle", "child", books.cycle, "--kind", "follow-up")
    assert (second.code, "already" in second.err) == (1, True)


def test_late_entrants_by_hand_are_named(opened_books, despensa, at, sign_in):
    books = at(opened_books)
    sign_in(books, "jorge")
    household = registers(books)

    made = despensa("cycle", "child", books.cycle, "--kind", "late", "--household", household)

    assert (made.code, "decided for 1 households; it gives 1 x parcel" in made.out) == (0, True)
    [child] = queries.children_of(books.cycle)
    assert queries.households_of(child.cycle) == [household]


def test_a_recovery_is_settled_and_not_opened(opened_books, despensa, at, sign_in):
    books = at(opened_books)
    sign_in(books, "jorge")
    got = households_of(books, 1)[0]

    made = despensa("cycle", "child", books.cycle, "--kind", "recovery", "--household", got)
    [child] = queries.children_of(books.cycle)

    assert "too much was nothing" in made.out
    assert despensa("cycle", "propose", child.cycle).code == 0


def test_each_mistake_is_one_sentence(opened_books, despensa, at, sign_in):
    books = at(opened_books)
    sign_in(books, "jorge")
    child = ("cycle", "child", books.cycle, "--kind")
    told = [
        (2, despensa(*child, "appeal")),
        (2, despensa(*child, "late", "--household", "me")),
        (2, despensa(*child, "follow-up", "--opens", "soon")),
        (2, despensa(*child, "follow-up", "--name", "Winter!")),
        (2, despensa(*child, "follow-up", "--opens", "2026-12-09", "--closes", "2026-12-01")),
        (1, despensa(*child, "follow-up", "--rule", "9")),
        (2, despensa(*child, "late")),
        (1, despensa("cycle", "children", uuid.uuid4())),
        (1, despensa("cycle", "propose", books.cycle)),
        (2, despensa("programme", "schedule", "food-parcel", "--day", "5", "--from", "x",
                     "--until", "y")),
    ]  # fmt: skip

    for code, said in told:
        assert (said.code, said.err.count("\n")) == (code, 1), said
    assert queries.children_of(books.cycle) == []
