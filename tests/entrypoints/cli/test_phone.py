"""`despensa phone`: a code that enrols, a list that is fetched, a lost phone revoked; in reach."""

import base64
from datetime import timedelta
from uuid import UUID

import pytest

from despensa.adapters.field_device import FieldDevice
from despensa.domain.phone_request import verify_enrolment
from despensa.domain.role import Role
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.enrol_by_code import enrol_by_code
from tests.factories.observing import count, digests


@pytest.fixture
def books(opened_books, at, sign_in):
    books = at(opened_books)
    sign_in(books, "lucia")
    return books


def bytes_of(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def enrolled(books, despensa, folder):
    """Return the id of a phone that read a code of the command."""
    [(pcode,)] = fetch(REGISTRY, "SELECT pcode FROM area WHERE id = %s", (books.root_area,))
    said = despensa("phone", "offer", "--area", pcode, "--origin", "https://points.test", "--json")
    assert said.code == 0, said.err
    address, _, fragment = said.json["code"].partition("#")
    version, code, authority = fragment.split(".")
    keys = books.keeper.signatory.public_keys()
    assert (address, version) == ("https://points.test/field/", "e1")
    assert bytes_of(authority) == keys.authority
    assert said.json["operators"] == ["Lucía Vera"]
    with FieldDevice.create(books.phone_folder(folder)) as phone:
        asked = verify_enrolment(phone.enrolment(bytes_of(code)))
        row = enrol_by_code(asked, acting=books.acting(), signatory=books.keeper.signatory)
        phone.install(row.certificate, authority_keys=[keys.authority], inbox_key=keys.inbox)
    return row.id


def test_two_tables_share_a_session_and_no_household_twice(books, despensa):
    phones = [enrolled(books, despensa, folder) for folder in ("A", "B")]
    books.new_session("P01")
    for number, phone in enumerate(phones, start=1):
        said = despensa(
            *("phone", "prepare", phone, "--point", "P01", "--table", number, "--tables", 2),
            "--json",
        )
        assert said.code == 0, said.err
    accounts = fetch(LEDGER, "SELECT account, count(DISTINCT lease_id) FROM lease_row GROUP BY 1")
    assert len(accounts) == len(books.entitled())
    assert {held for _, held in accounts} == {1}
    [first, second] = despensa("phone", "list", "--json").json["phones"]
    assert first["lists"] == second["lists"] == 1
    again = despensa("phone", "prepare", phones[0], "--point", "P01")
    assert again.code == 1
    assert "holds a list" in again.err


def test_a_lost_phone_is_revoked_and_gets_no_list(books, despensa):
    phone = enrolled(books, despensa, "A")
    books.new_session("P01")
    assert despensa("phone", "revoke", phone, "--json").json == {"revoked": True}
    assert despensa("phone", "revoke", phone, "--json").json == {"revoked": False}
    refused = despensa("phone", "prepare", phone, "--point", "P01")
    assert refused.code == 1
    assert count(LEDGER, "lease") == 0


def test_a_code_is_drawn_as_a_picture(books, despensa, tmp_path):
    [(pcode,)] = fetch(REGISTRY, "SELECT pcode FROM area WHERE id = %s", (books.root_area,))
    out = tmp_path / "code.svg"
    assert despensa("phone", "offer", "--area", pcode, "--out", out).code == 0
    assert out.read_text().lstrip().startswith(("<?xml", "<svg"))


@pytest.mark.parametrize(
    "words",
    [
        ("phone", "offer", "--area", "nowhere"),
        ("phone", "revoke", str(UUID(int=5))),
        ("phone", "prepare", str(UUID(int=5)), "--point", "P99"),
        ("phone", "prepare", str(UUID(int=5)), "--point", "P01", "--table", "2"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(books, despensa, words):
    before = digests(books.endpoints)
    said = despensa(*words)
    assert said.code in {1, 2}
    assert said.err.startswith("despensa: ")
    assert len(said.err) < 300
    assert digests(books.endpoints) == before


def test_out_of_reach_a_phone_does_not_exist(books, despensa, sign_in):
    phone = enrolled(books, despensa, "A")
    [(village,), *_] = fetch(REGISTRY, "SELECT id FROM area WHERE parent_id IS NOT NULL ORDER BY 1")
    [(root,)] = fetch(REGISTRY, "SELECT pcode FROM area WHERE id = %s", (books.root_area,))
    today = books.tools.today()
    books.staff["eva"] = add_staff(
        NewStaff(
            "eva", "is-not-a-secret-here", "Eva", "es", [Role.POINT_LEAD], village,
            today - timedelta(days=1), today + timedelta(days=1), None,
        ),
        acting=books.acting(),
    )  # fmt: skip
    sign_in(books, "eva")
    assert despensa("phone", "list", "--json").json == {"phones": []}
    assert despensa("phone", "revoke", phone).code == 1
    assert despensa("phone", "offer", "--area", root).code == 1
    assert count(LEDGER, "device", "state = 1") == 1
