"""`despensa partner`: agreed by two, listed, consents given and taken back, revoked at once."""

from uuid import UUID

import pytest

from despensa.entrypoints.jobs import actions
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.observing import count, digests
from tests.factories.partner import SENDER, PartnerClient
from tests.usecases.test_change_household import a_home

UNTIL = "2027-03-01"


@pytest.fixture
def office(registered_books, at, sign_in):
    """Return the books and how to go on as another member of the cast."""
    books = at(registered_books)
    return books, lambda name: sign_in(books, name)


def propose(despensa, key, **other):
    given = {
        "name": "Ministry", "key": key, "purpose": "assess_assistance",
        "field": "full_name", "until": UNTIL,
    } | other  # fmt: skip
    words = [word for name, value in given.items() for word in (f"--{name}", value)]
    return despensa("partner", "propose", SENDER, *words, "--json")


def agreed(books, despensa, key):
    """Let two people agree on a partner, and return its id."""
    said = propose(despensa, key)
    assert said.code == 0, said.err
    proposal = UUID(said.json["proposal"])
    actions.carry_out(books.approved(proposal), books.tools)
    [(partner,)] = fetch(REGISTRY, "SELECT id FROM partner WHERE proposal = %s", (proposal,))
    return partner


def test_a_partner_is_agreed_listed_and_revoked_at_once(office, despensa):
    books, sign_in = office
    sign_in("jorge")
    key = PartnerClient(books).public.hex()
    partner = agreed(books, despensa, key)

    [listed] = despensa("partner", "list", "--json").json["partners"]
    assert (listed["id"], listed["sender_id"], listed["may_ask"]) == (str(partner), SENDER, True)
    assert SENDER in despensa("partner", "list").out

    assert despensa("partner", "revoke", partner, "--json").json == {"revoked": True}
    again = despensa("partner", "revoke", partner)
    assert (again.code, "revoked before: nothing was changed" in again.out) == (0, True)
    assert despensa("partner", "list", "--json").json["partners"][0]["may_ask"] is False


def test_a_consent_is_given_proved_offline_and_taken_back(office, despensa, tmp_path):
    books, sign_in = office
    sign_in("jorge")
    partner = agreed(books, despensa, PartnerClient(books).public.hex())
    sign_in("ana")
    home, people = a_home()
    given = ("--purpose", "assess_assistance", "--field", "full_name", "--until", "2027-01-01")

    made = despensa(
        "partner", "consent", home, "--partner", partner, "--person", people[0],
        "--given-by", people[0], *given, "--json",
    )  # fmt: skip

    assert made.code == 0, made.err
    consent, file = made.json["consent"], tmp_path / "consent.cose"
    told = despensa(
        "partner", "receipt", home, consent, "--language", "ar", "--out", file, "--json"
    )
    assert told.json["kind"] == "consent_given"
    authority = books.keeper.signatory.public_keys().authority.hex()
    checked = despensa("receipt", "verify", file, "--authority-key", authority, "--json").json
    assert (checked["kind"], checked["words"]) == ("consent_given", told.json["words"])

    assert despensa("partner", "withdraw", home, consent, "--json").json == {"ended": True}
    again = despensa("partner", "withdraw", home, consent)
    assert "it had ended before: nothing was changed" in again.out
    ended = despensa("partner", "receipt", home, consent, "--json").json
    assert ended["kind"] == "consent_ended"


def test_what_is_wrong_is_one_sentence_and_nothing_is_written(office, despensa):
    books, sign_in = office
    sign_in("jorge")
    key = PartnerClient(books).public.hex()
    nobody = "3f2a91c7-d840-4c1e-9a51-6f0c1ab2d3e4"
    before = digests(books.endpoints)

    for said, sentence in (
        (propose(despensa, "zz"), "key"),
        (propose(despensa, key, purpose="gossip"), "gossip is no purpose here"),
        (propose(despensa, key, field="religion"), "at least one field"),
        (propose(despensa, key, area="XX"), "no area with the p-code XX"),
        (propose(despensa, key, until="2020-01-01"), "ends after today"),
        (despensa("partner", "revoke", nobody), "no such partner"),
    ):
        assert said.code in {1, 2}, said
        assert sentence in said.err
        assert "Traceback" not in said.err
    assert digests(books.endpoints) == before


def test_a_consent_nobody_may_give_is_refused(office, despensa):
    books, sign_in = office
    sign_in("jorge")
    partner = agreed(books, despensa, PartnerClient(books).public.hex())
    sign_in("ana")
    home, people = a_home()
    nobody = "3f2a91c7-d840-4c1e-9a51-6f0c1ab2d3e4"
    base = ("--purpose", "assess_assistance", "--field", "full_name", "--until", "2027-01-01")

    for who, whom in ((nobody, people[0]), (people[0], nobody)):
        said = despensa(
            "partner", "consent", home, "--partner", partner, "--person", whom,
            "--given-by", who, *base,
        )  # fmt: skip
        assert said.code == 1, said
    assert despensa("partner", "receipt", home, nobody).code == 1
    assert despensa("partner", "withdraw", home, nobody).code == 1
    assert count(REGISTRY, "partner_consent") == 0
