"""Identity cards on phones, in the office: codes shown once, what became of them, and the end."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from despensa.domain.wallet.offer import GRANT, Codes
from despensa.entrypoints.jobs import wallet
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.observing import count
from tests.factories.wallet import ADDRESS, Phone, somebody


@pytest.fixture
def client(registered_books, signed_in, monkeypatch):
    monkeypatch.setenv(wallet.ADDRESS_VARIABLE, ADDRESS)
    return signed_in(registered_books, "ana")


def codes_of(answer, monkeypatched):
    """Return the codes a person would scan and type."""
    [link] = monkeypatched
    said = json.loads(parse_qs(urlsplit(link).query)["credential_offer"][0])
    typed = re.search(r'<p class="code" dir="ltr">(\d{6})</p>', answer.content.decode())[1]
    assert typed not in link
    return Codes(said["grants"][GRANT]["pre-authorized_code"], typed)


def test_offered_taken_and_ended(registered_books, client, monkeypatch):
    books, (home, person) = registered_books, somebody()
    links = []
    drawn = "despensa.adapters.qr.ZxingCodes.link_svg"
    monkeypatch.setattr(drawn, lambda _self, link: links.append(link) or "<svg/>")
    where = reverse("office:wallet", args=[home])

    shown = client.post(where, {"person": str(person)})

    assert shown["Cache-Control"] == "no-store"
    [(offer,)] = fetch(REGISTRY, "SELECT id FROM wallet_offer")
    state = reverse("office:wallet_offer", args=[home, offer])
    waiting = client.get(state).content.decode()
    assert "waiting for the phone" in waiting
    assert "data:image/svg+xml" not in waiting
    Phone(books).obtained(codes_of(shown, links))
    assert "taken: the card is on the phone" in client.get(state).content.decode()
    [(card,)] = fetch(REGISTRY, "SELECT id FROM identity_card")
    end = reverse("office:wallet_end", args=[home, card])
    assert end in client.get(where).content.decode()

    assert client.post(end).status_code == 302
    assert end not in client.get(where).content.decode()
    assert count(REGISTRY, "identity_card", "ended_at IS NULL") == 0


def test_late_the_page_says_so_and_elsewhere_there_is_no_such_offer(registered_books, client):
    home, person = somebody()
    client.post(reverse("office:wallet", args=[home]), {"person": str(person)})
    [(offer,)] = fetch(REGISTRY, "SELECT id FROM wallet_offer")
    [(other,), *_] = fetch(REGISTRY, "SELECT id FROM household WHERE id <> %s", (home,))
    registered_books.clock.at += 601

    late = client.get(reverse("office:wallet_offer", args=[home, offer]))
    assert "over: it was not taken" in late.content.decode()
    assert client.get(reverse("office:wallet_offer", args=[other, offer])).status_code == 404


def test_without_an_address_the_page_says_who_can_mend_it(registered_books, client, monkeypatch):
    home, person = somebody()
    monkeypatch.delenv(wallet.ADDRESS_VARIABLE)

    answer = client.post(reverse("office:wallet", args=[home]), {"person": str(person)})

    assert answer.status_code == 422
    assert "sets its public address first" in answer.content.decode()
