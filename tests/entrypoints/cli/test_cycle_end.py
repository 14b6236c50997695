"""`despensa cycle close`, `settle` and `fade`: what is due is done, what is not says what it waits for."""

from datetime import timedelta

import pytest

from despensa.domain.cycle_life import SWEEP_DAYS
from despensa.records.programmes import queries
from despensa.records.proposals import queries as proposals


@pytest.fixture
def opened(at, opened_books, sign_in):
    """The cycle open, and its programme's manager signed in."""
    books = at(opened_books)
    sign_in(books, "jorge")
    return books


def test_a_cycle_is_taken_to_its_end_by_commands(despensa, opened, sign_in):
    books, cycle = opened, opened.cycle
    row = queries.cycle(cycle)

    early = despensa("cycle", "close", cycle, "--json")
    assert early.code == 0
    assert early.json["state"] == "open"
    assert [str(view.id) for view in proposals.waiting(None)] == [early.json["proposal"]]
    assert "is not closed" in despensa("cycle", "settle", cycle).err

    books.clock.forward(days=3)
    sign_in(books, "jorge")
    assert despensa("cycle", "close", cycle).out == f"{row.code} is closed.\n"
    assert despensa("cycle", "settle", cycle).out == f"{row.code} is settled.\n"
    waits = despensa("cycle", "fade", cycle)
    assert waits.code == 1
    assert "may be disputed until the day before 2027-02-23" in waits.out

    books.clock.forward(days=100)
    sign_in(books, "jorge")
    assert despensa("cycle", "fade", cycle, "--json").json["done"]
    listed = despensa("cycle", "list", "--json").json
    assert [one["state"] for one in listed if one["id"] == str(cycle)] == ["faded"]
    assert despensa("cycle", "fade", cycle).code == 1


def test_settling_says_how_many_lists_it_waits_for(despensa, at, leased_books, sign_in):
    books = at(leased_books)
    books.clock.forward(days=3)
    sign_in(books, "jorge")
    despensa("cycle", "close", books.cycle)
    latest = books.tools.today() + timedelta(days=SWEEP_DAYS)

    waits = despensa("cycle", "settle", books.cycle)

    assert waits.code == 1
    assert f"1 lists are still with phones; it is done on {latest} at the latest" in waits.out


def test_a_decided_cycle_is_withdrawn_by_proposal(despensa, at, decided_books, sign_in):
    books = at(decided_books)
    sign_in(books, "jorge")

    asked = despensa("cycle", "withdraw", books.cycle, "--json")

    assert [(str(view.id), view.action) for view in proposals.waiting(None)] == [
        (asked.json["proposal"], "withdraw_cycle")
    ]
    again = despensa("cycle", "withdraw", books.cycle)
    assert (again.code, "waits for a second person" in again.err) == (1, True)


def test_what_is_no_cycle_is_said_in_a_sentence(despensa, opened):
    assert despensa("cycle", "fade", "november").code == 2
    unknown = despensa("cycle", "fade", "00000000-0000-4000-8000-000000000000")
    assert unknown.code == 1
    assert "no cycle with this id" in unknown.err
