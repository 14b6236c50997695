"""
The wallet flow with clients that others wrote, against a running office: obtained, shown, revoked.

The Claim 169 side of the same list is read by our own reader in test_wallet.py.
"""

import time
from urllib.parse import quote

import pytest

from despensa.domain.proposal import Reason
from despensa.domain.wallet import credential
from despensa.entrypoints.jobs import actions, wallet
from despensa.entrypoints.office.wallet_words import offer_link
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.clients import node
from tests.factories.administrator import with_administrator
from tests.factories.wallet import offered, somebody

WHO = credential.CLAIMS


def exchanged(books, *, stolen=0):
    """Have two people exchange the wallets' key."""
    with_administrator(books)
    proposal = books.proposal(
        "irene", "rotate_key", Reason.KEY_ROTATION, parameters=("wallet", stolen)
    )
    actions.carry_out(books.approved(proposal), books.tools)


@pytest.fixture
def address(registered_books, office_address, monkeypatch):
    node.needs_packages()
    # the clients' clock is the machine's
    registered_books.clock.at = int(time.time())
    here = office_address(registered_books)
    monkeypatch.setenv(wallet.ADDRESS_VARIABLE, here)
    return here


def test_obtained_shown_and_refused_after_the_card_ended(registered_books, address):
    books, (home, person) = registered_books, somebody()
    made = offered(books, home, person)

    got = node.run("wallet.mjs", "obtain", given={
        "offer": offer_link(made.codes, address), "txCode": made.codes.typed,
    })  # fmt: skip
    asked = {"issuer": address, "credential": got["credential"], "holder": got["holder"]}
    part = node.run("wallet.mjs", "check", given={**asked, "disclose": ["name"]})
    whole = node.run("wallet.mjs", "check", given={**asked, "disclose": list(WHO)})

    assert got["version"] == "V1"
    assert part["believed"], part
    assert part["header"]["typ"] == "dc+sd-jwt"
    assert set(part["payload"]) & set(WHO) == {"name"}
    assert set(whole["payload"]) - set(WHO) == {"iss", "vct", "iat", "exp", "cnf", "status"}
    assert whole["payload"]["issuing_country"] == books.tools.workspace.country
    assert quote(whole["payload"]["card_number"]) == whole["payload"]["card_number"]

    exchanged(books)
    later = node.run("wallet.mjs", "check", given={**asked, "disclose": ["name"]})

    assert later["believed"], "a card of the former key, a list of the new one"

    [(card,)] = fetch(REGISTRY, "SELECT id FROM identity_card")
    assert wallet.end(card, home, books.tools, acting=books.acting("ana"))
    after = node.run("wallet.mjs", "check", given={**asked, "disclose": ["name"]})

    assert not after["believed"]
    assert "status" in after["why"].lower()
