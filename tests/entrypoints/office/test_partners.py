"""Partners and consents in the office: proposed, approved, revoked; agreed, printed, taken back."""

import base64
from datetime import timedelta

import pytest
from django.urls import reverse

from despensa.domain import receipt as receipts
from despensa.domain.encoding import cose
from despensa.entrypoints.jobs import actions
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.partners import queries
from tests.factories.observing import count
from tests.factories.partner import PartnerClient
from tests.usecases.test_change_household import a_home


@pytest.fixture
def partner(registered_books):
    return PartnerClient(registered_books).register()


def agreement(books, **other):
    given = {
        "name": "Ministry",
        "sender_id": "spmis.example.org",
        "key": bytes(range(32)).hex(),
        "area": str(books.root_area),
        "purposes": ["1", "2"],
        "fields": ["full_name", "area"],
        "until": (books.tools.today() + timedelta(days=100)).isoformat(),
        "a_day": "50",
        "an_hour": "10",
        "callback": "",
    }
    return given | other


def test_a_partner_is_proposed_approved_and_revoked(registered_books, signed_in):
    books = registered_books
    client = signed_in(books, "jorge")

    answer = client.post(reverse("office:partner_new"), agreement(books))

    [(proposal,)] = fetch(REGISTRY, "SELECT id FROM proposal WHERE action = 'add_partner'")
    assert answer["Location"] == reverse("office:proposal", args=[proposal])
    shown = client.get(answer["Location"]).context["page"]
    assert "Ministry (spmis.example.org)" in [fact.value for fact in shown.parameters]
    assert count(REGISTRY, "partner") == 0
    books.approved(proposal)
    actions.carry_out(proposal, books.tools)
    [row] = client.get(reverse("office:partners")).context["page"].rows
    assert (row.name, row.a_day, row.state.kind) == ("Ministry", 50, "done")
    client.post(row.revoke_url)
    [row] = client.get(reverse("office:partners")).context["page"].rows
    assert (row.state.kind, row.revoke_url) == ("stopped", "")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"key": "zz"}, "id_key"),
        ({"sender_id": "?"}, "id_sender_id"),
        ({"fields": []}, "id_fields"),
        ({"callback": "http://10.0.0.1/"}, "id_callback"),
        ({"area": "x"}, "id_area"),
        ({"a_day": "101"}, "id_a_day"),
        ({"until": ""}, "id_until"),
    ],
)
def test_a_form_that_is_wrong_says_what_to_mend(registered_books, signed_in, change, field):
    client = signed_in(registered_books, "jorge")

    answer = client.post(reverse("office:partner_new"), agreement(registered_books, **change))

    assert answer.status_code == 422
    assert [error.field_id for error in answer.context["page"].errors] == [field]


def test_a_consent_is_recorded_printed_and_taken_back(registered_books, signed_in, partner):
    books = registered_books
    client = signed_in(books, "ana")
    home, people = a_home()
    where = reverse("office:consents", args=[home])
    page = client.get(reverse("office:household", args=[home])).context["page"]
    assert where in [choice.value for choice in page.changes.operations]
    given = {
        "partner": str(partner),
        "about": "household",
        "given_by": str(people[0]),
        "purpose": "1",
        "fields": ["group_size", "displaced"],
        "until": (books.tools.today() + timedelta(days=30)).isoformat(),
    }

    answer = client.post(where, given)

    [row] = client.get(where).context["page"].rows
    assert answer["Location"] == row.receipt_url
    assert row.state.kind == "done"
    shown = client.get(row.receipt_url, {"language": "es"}).context["page"]
    assert shown.title == "Recibo de un consentimiento"
    assert base64.b64decode(shown.code_url.partition(",")[2]).startswith(b"<svg")
    client.post(row.end_url)
    [row] = client.get(where).context["page"].rows
    assert (row.state.kind, row.end_url) == ("stopped", "")
    assert client.get(row.receipt_url, {"language": "ar"}).context["page"].direction == "rtl"
    [(consent,)] = fetch(REGISTRY, "SELECT id FROM partner_consent")
    authority = books.keeper.signatory.public_keys().authority
    leaves = [bytes(leaf) for (leaf,) in fetch(REGISTRY, "SELECT leaf32 FROM journal")]
    for signed, kind in zip(queries.receipts(consent), (20, 21), strict=True):
        said = receipts.verify_receipt(
            signed, authority_keys={cose.key_id(authority): authority}
        ).receipt
        assert (said.kind, said.partner) == (kind, "Ministry of Assistance")
        assert said.content_hash in leaves
        assert people[0].bytes not in signed


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"partner": ""}, "id_partner"),
        ({"about": ""}, "id_given_by"),
        ({"given_by": ""}, "id_given_by"),
        ({"purpose": "9"}, "id_purpose"),
        ({"fields": ["full_name"]}, "id_fields"),
        ({"until": "2026-01-01"}, "id_until"),
    ],
)
def test_a_consent_that_is_not_whole_says_what_to_mend(
    registered_books, signed_in, partner, change, field
):
    client = signed_in(registered_books, "ana")
    home, people = a_home()
    given = {
        "partner": str(partner),
        "about": "household",
        "given_by": str(people[0]),
        "purpose": "1",
        "fields": ["group_size"],
        "until": "2026-12-24",
    }

    answer = client.post(reverse("office:consents", args=[home]), given | change)

    assert answer.status_code == 422
    assert [error.field_id for error in answer.context["page"].errors] == [field]
    assert count(REGISTRY, "partner_consent") == 0


def test_a_consent_of_another_household_is_none(registered_books, signed_in, partner):
    client = signed_in(registered_books, "ana")
    home, _ = a_home()
    for name in ("consent_end", "consent_receipt"):
        where = reverse(f"office:{name}", args=[home, partner])
        assert client.get(where).status_code == 404
    assert client.post(reverse("office:consent_end", args=[home, partner])).status_code == 404
