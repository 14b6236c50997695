"""`despensa desk`: one household enrolled, papers that anybody verifies, cards and introducers."""

import json

import pytest

from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.observing import count


@pytest.fixture
def desk(carded_books, at, sign_in):
    books = at(carded_books)
    sign_in(books, "ana")
    return books


def a_file(tmp_path, **more):
    path = tmp_path / "household.json"
    people = [{"full_name": "محمود", "role": "head"}, {"full_name": "Zoraida Ñáñez"}]
    given = {"area": "VE", "household": {"displaced": "yes"}, "people": people} | more
    path.write_text(json.dumps(given), encoding="utf-8")
    return path


def test_a_household_is_enrolled_with_a_card_and_vouched_for(desk, despensa, tmp_path):
    [(card,), (other,)] = fetch(
        REGISTRY, "SELECT number FROM card WHERE household_id IS NULL ORDER BY number"
    )
    [(neighbour,), *_] = fetch(REGISTRY, "SELECT number FROM card WHERE state = 2")
    own = "3f2a91c7-d840-4c1e-9a51-6f0c1ab2d3e4"
    call = ("desk", "enrol", a_file(tmp_path), "--card", card, "--vouched-by-card", neighbour)

    done = despensa(*call, "--id", own, "--json")
    again = despensa(*call, "--id", own, "--json")

    assert (done.json["is_new"], done.json["vouched"]) == (True, 1)
    assert done.json["pairs"] == again.json["pairs"] == []
    assert (again.json["is_new"], again.json["household"]) == (False, done.json["household"])
    refused = despensa("desk", "bind", card, "--household", done.json["household"])
    assert (refused.code, "one card is for one household" in refused.err) == (1, True)
    assert despensa("desk", "spoil", other).code == 0
    refused = despensa("desk", "bind", other, "--household", done.json["household"])
    assert (refused.code, "is spoilt or no longer counts" in refused.err) == (1, True)
    assert despensa("desk", "bind", "C7Q4-88KD-3", "--household", card).code == 1


def test_somebody_registered_already_is_told_of_and_enrolled(desk, despensa, tmp_path):
    known = {"full_name": "Zoraida Ñáñez", "role": "head", "birth_date": "1990-05"}
    file = a_file(tmp_path, people=[known])
    assert despensa("desk", "enrol", file).code == 0

    done = despensa("desk", "enrol", file)

    [(pair,)] = fetch(REGISTRY, "SELECT id FROM duplicate_pair")
    assert done.code == 0
    assert f"may be registered already; the enrolment stands, its food goes on: pair {pair}" in (
        done.out
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"people": [{"full_name": "Ana", "religion": "x"}]}, "religion (forbidden: religion)"),
        ({"household": {"shoe": "4"}}, "no place for: shoe"),
        ({"people": []}, "household_without_members"),
        ({"people": [{"full_name": "Ana", "phone": "12"}]}, "person 1, phone: Write the phone"),
        ({"people": "x"}, "no household that can be read"),
    ],
)
def test_what_cannot_be_enrolled_is_said_field_by_field(desk, despensa, tmp_path, given, said):
    before = count(REGISTRY, "household")

    answer = despensa("desk", "enrol", a_file(tmp_path, **given))

    assert answer.code == 2
    if said == "household_without_members":
        said = "Add the people of this household"
    assert said in answer.err
    assert count(REGISTRY, "household") == before


def test_a_form_nested_without_end_is_no_household(desk, despensa, tmp_path):
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000)

    answer = despensa("desk", "enrol", deep)

    assert (answer.code, "no household that can be read" in answer.err) == (2, True)


def test_papers_are_verified_without_a_workspace(desk, despensa, tmp_path):
    authority = desk.keeper.signatory.public_keys().authority.hex()
    paper = tmp_path / "paper.cose"
    where = ("--area", "VE", "--language", "es", "--out", paper, "--json")

    refused = despensa("desk", "refuse", "--reason", "lives_elsewhere", *where).json
    checked = despensa("receipt", "verify", paper, "--authority-key", authority, "--json").json
    assert (checked["kind"], checked["reason"]) == ("enrolment_refused", "lives_elsewhere")
    assert checked["words"] == refused["words"]
    assert "otra oficina" in refused["sentences"][0]

    bring = ("--bring", "address", "--bring", "any_document", "--by", "2026-12-01")
    answers = count(REGISTRY, "enrolment_answer")
    for taken, said in ((paper, "there already"), (paper / "on", "no folder to write in")):
        beside = despensa("desk", "appoint", *bring, "--area", "VE", "--out", taken)
        assert (beside.code, said in beside.err) == (2, True)
    assert count(REGISTRY, "enrolment_answer") == answers
    paper = tmp_path / "second.cose"
    where = ("--area", "VE", "--language", "es", "--out", paper, "--json")
    assert despensa("desk", "appoint", *bring, *where).code == 0
    told = despensa(
        "receipt", "verify", paper, "--authority-key", authority, "--language", "ar"
    ).out
    assert "kind: appointment" in told
    assert "come_by: 2026-12-01" in told
    assert "مكان سكن الأسرة" in told

    for wrong in (
        ("refuse", "--reason", "no_papers"),
        ("appoint", "--bring", "passport"),
        ("appoint", "--bring", "nothing", "--bring", "address"),
        ("appoint", "--bring", "address", "--by", "2028-01-01"),
    ):
        assert despensa("desk", *wrong, "--area", "VE").code == 2, wrong
    assert count(REGISTRY, "enrolment_answer") == 2
