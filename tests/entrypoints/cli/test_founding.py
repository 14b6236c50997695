"""An office of one's own: founders, a programme, a rule, and members who join by two people."""

import re
from importlib import resources

import pytest

from despensa.entrypoints.second_factor import add_totp, current_code
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.usecases.welcome_staff import NotExpected, welcome_staff
from tests.factories.books import PASSWORD


@pytest.fixture
def rule_file(tmp_path):
    text = resources.files("despensa.data").joinpath("rules/food-parcel.yaml").read_text("utf-8")
    path = tmp_path / "rule.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def approve(despensa, books, sign_in, proposal):
    """Approve as the cast's approver, with a second factor made for it."""
    sign_in(books, "nour")
    secret = add_totp("nour")
    return despensa(
        "proposal", "approve", proposal, "--password", PASSWORD, "--code",
        current_code(secret),
    )  # fmt: skip


def test_founders_are_added_until_the_first_proposal_is_carried_out(
    despensa, founded_books, at, sign_in, rule_file
):
    books = at(founded_books)
    first = despensa("staff", "found", "sol", "--name", "Sol", "--role", "security_officer",
                     "--json")  # fmt: skip
    sign_in(books, "jorge")
    defined = despensa("programme", "define", "parcel", "--names", "en=Parcel;es=Canasta",
                       "--unit", "parcel;en=parcel;es=canasta", "--json")  # fmt: skip
    proposed = despensa("rule", "propose", rule_file, "--programme", "parcel", "--json")

    approved = approve(despensa, books, sign_in, proposed.json["proposal"])
    later = despensa("staff", "found", "eva", "--name", "Eva", "--role", "auditor")

    assert first.code == defined.code == proposed.code == approved.code == 0
    assert re.fullmatch(r"[a-z]+(-[a-z]+){4}", first.json["password"])
    assert fetch(REGISTRY, "SELECT version FROM rule") == [(1,)]
    assert later.code == 1
    assert "staff propose" in later.err


def test_a_later_member_joins_by_two_people_and_is_welcomed_once(
    despensa, founded_books, at, sign_in
):
    books = at(founded_books)
    despensa("staff", "found", "sol", "--name", "Sol", "--role", "security_officer")
    books.staff["sol"] = fetch(REGISTRY, "SELECT id FROM staff_member WHERE name = 'Sol'")[0][0]
    sign_in(books, "sol")
    proposed = despensa("staff", "propose", "eva", "--name", "Eva", "--role", "auditor", "--json")
    early = despensa("staff", "welcome", "eva")
    approved = approve(despensa, books, sign_in, proposed.json["proposal"])
    sign_in(books, "sol")

    welcomed = despensa("staff", "welcome", "eva", "--json")
    again = despensa("staff", "welcome", "eva")
    listed = despensa("staff", "list", "--json")

    assert (early.code, approved.code, welcomed.code, again.code) == (1, 0, 0, 1)
    assert welcomed.json["otpauth"].startswith("otpauth://totp/")
    eva = next(one for one in listed.json if one["username"] == "eva")
    assert eva == {"username": "eva", "name": "Eva", "roles": ["auditor"]}


def test_exclusive_roles_and_taken_names_are_refused(despensa, founded_books, at):
    at(founded_books)

    both = despensa("staff", "found", "x", "--name", "X", "--role", "registrar", "--role",
                    "approver")  # fmt: skip
    taken = despensa("staff", "found", "nour", "--name", "Other", "--role", "auditor")

    assert both.code == 2
    assert "two people" in both.err
    assert taken.code == 1
    assert "taken" in taken.err
    assert fetch(REGISTRY, "SELECT count(*) FROM staff_member WHERE name IN ('X', 'Other')") == [
        (0,)
    ]


def test_nobody_but_a_waiting_member_is_welcomed(founded_books):
    with pytest.raises(NotExpected):
        welcome_staff("nour", "a-password-of-some-length", acting=founded_books.acting("nour"))


def test_warnings_are_said_to_both_people_and_stand_in_nobodys_way(
    despensa, founded_books, at, sign_in, tmp_path
):
    books = at(founded_books)
    path = tmp_path / "rule.yaml"
    text = resources.files("despensa.data").joinpath("rules/household-support.yaml")
    path.write_text(text.read_text("utf-8"), encoding="utf-8")
    sign_in(books, "jorge")
    despensa("programme", "define", "support", "--names", "en=S", "--unit", "parcel;en=p")

    checked = despensa("rule", "check", path)
    proposed = despensa("rule", "propose", path, "--programme", "support", "--json")
    shown = despensa("proposal", "show", proposed.json["proposal"], "--json")

    assert (checked.code, proposed.code) == (0, 0), proposed.err
    assert "Look at line 31, column 3, facts/income_monthly_minor: a cliff edge" in checked.out
    assert "a cliff edge" in proposed.json["warnings"][0]
    assert "a cliff edge" in shown.json["warnings"][0]


def test_a_rule_whose_case_fails_is_not_proposed(despensa, rule_file):
    text = rule_file.read_text(encoding="utf-8")
    rule_file.write_text(text.replace("value: 5\n", "value: 1\n", 1), encoding="utf-8")

    checked = despensa("rule", "check", rule_file, "--json")

    assert checked.code == 1
    assert checked.json["problems"]
