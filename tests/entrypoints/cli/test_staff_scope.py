"""Roles for an area or a programme, from the command line."""

from datetime import timedelta
from uuid import UUID

import pytest

from despensa.domain.role import Permission, Role
from despensa.entrypoints.jobs import actions
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.staff.queries import of_username, reach_of
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.define_programme import ProgrammeOutline, define_programme


@pytest.fixture
def village(founded_books):
    [(area, pcode), *_] = fetch(
        REGISTRY, "SELECT id, pcode FROM area WHERE parent_id IS NOT NULL ORDER BY pcode"
    )
    return area, pcode


def _reach(books, username, permission):
    today = books.tools.today()
    return reach_of(of_username(username, today).id, permission, today)


def test_a_founder_may_be_for_one_area(despensa, founded_books, at, village):
    at(founded_books)
    area, pcode = village

    said = despensa(
        "staff", "found", "eva", "--name", "Eva", "--role", "registrar", "--area", pcode, "--json"
    )

    assert said.code == 0
    reach = _reach(founded_books, "eva", Permission.READ_HOUSEHOLDS)
    assert reach.areas == [area]


@pytest.mark.parametrize("option", ["--area", "--programme"])
def test_an_area_or_programme_nobody_knows_is_said(despensa, founded_books, at, option):
    at(founded_books)

    said = despensa("staff", "found", "eva", "--name", "E", "--role", "registrar", option, "none")

    assert said.code == 1
    assert "none" in said.err
    assert of_username("eva", founded_books.tools.today()) is None


def test_a_proposed_member_gets_area_and_programme_as_they_were_approved(
    despensa, founded_books, at, sign_in, village
):
    books, today = at(founded_books), founded_books.tools.today()
    area, pcode = village
    programme = define_programme(
        ProgrammeOutline("food", {"en": "Food"}, books.root_area, ((1, "parcel", {"en": "p"}),)),
        acting=books.acting("jorge"),
    )
    books.staff["sara"] = add_staff(
        NewStaff(
            "sara", None, "Sara", "en", [Role.SECURITY_OFFICER], books.root_area, today,
            today + timedelta(days=9),
        ),
        acting=books.acting(),
    )  # fmt: skip
    sign_in(books, "sara")

    said = despensa(
        "staff", "propose", "eva", "--name", "Eva", "--role", "programme_manager", "--area", pcode,
        "--programme", "food", "--json",
    )  # fmt: skip
    actions.carry_out(books.approved(UUID(said.json["proposal"])), books.tools)

    reach = _reach(books, "eva", Permission.RUN_CYCLES)
    assert reach.covers(programme, area)
    assert not reach.covers(None, area)
    assert not reach.covers(programme, books.root_area)
