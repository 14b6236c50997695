"""`despensa person`: proposed by one, approved by another, and a receipt anybody verifies."""

import json
from uuid import UUID

import pytest

from despensa.entrypoints.jobs import actions
from tests.usecases.test_change_household import a_home


@pytest.fixture
def desk(registered_books, at, sign_in):
    """Ana at the command line, and a household of three or more."""
    books = at(registered_books)
    sign_in(books, "ana")
    return books, *a_home()


def test_a_person_is_proposed_and_the_receipt_is_verified_offline(desk, despensa, tmp_path):
    books, home, people = desk
    order = ("person", "erase", home, "--person", people[-1], "--reason", "court_order", "--json")
    said = despensa(*order)
    assert said.code == 0, said.err
    proposal = json.loads(said.out)["proposal"]
    early = despensa("person", "receipt", proposal)
    assert early.code == 1
    assert "There is no erasure" in early.err
    books.approved(UUID(proposal))
    actions.carry_out(UUID(proposal), books.tools)
    file = tmp_path / "receipt.cose"

    told = despensa("person", "receipt", proposal, "--language", "es", "--out", file, "--json")

    assert told.code == 0, told.err
    receipt = json.loads(told.out)
    assert "se destruyó todo" in receipt["sentences"][0]
    key = books.keeper.signatory.public_keys().authority.hex()
    verdict = despensa("receipt", "verify", file, "--authority-key", key, "--json")
    assert verdict.code == 0, verdict.err
    checked = json.loads(verdict.out)
    assert (checked["verdict"], checked["kind"]) == ("valid", "erased")
    assert checked["last_copy_until"] == receipt["last_copy_until"]
    assert checked["words"] == receipt["words"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": "whim"}, "there are: person_asked, court_order"),
        ({"person": "somebody"}, "somebody is no id"),
        ({"person": "00000000-0000-4000-8000-000000000000"}, "does not live in this household"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(desk, despensa, change, sentence):
    _, home, people = desk
    given = {"person": people[-1], "reason": "person_asked"} | change

    said = despensa(
        "person", "erase", home, "--person", given["person"], "--reason", given["reason"]
    )

    assert said.code in {1, 2}
    assert sentence in said.err
