"""`despensa wallet`: the twin of the office's page, for one card offered, taken and ended."""

import json
from urllib.parse import parse_qs, urlsplit

from despensa.domain.wallet.offer import GRANT, Codes
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import wallet
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.wallet import ADDRESS, Phone, somebody


def test_offered_taken_and_ended(registered_books, at, sign_in, despensa, monkeypatch):
    books = at(registered_books)
    sign_in(books, "ana")
    monkeypatch.setattr(wiring, "tools", lambda: books.tools)
    home, person = somebody()

    refused = despensa("wallet", "offer", home, person)
    assert (refused.code, wallet.ADDRESS_VARIABLE in refused.err) == (1, True)
    monkeypatch.setenv(wallet.ADDRESS_VARIABLE, ADDRESS)
    said = despensa("wallet", "offer", home, person, "--json").json
    offer = json.loads(parse_qs(urlsplit(said["link"]).query)["credential_offer"][0])
    Phone(books).obtained(Codes(offer["grants"][GRANT]["pre-authorized_code"], said["typed"]))

    [(number,)] = fetch(REGISTRY, "SELECT number FROM identity_card")
    shown = f"{number[:4]} {number[4:8]} {number[8:]}"
    assert despensa("wallet", "end", home, shown, "--json").json == {"ended": True}
    assert despensa("wallet", "end", home, number, "--json").json == {"ended": False}
    assert despensa("wallet", "end", home, person).code == 1
