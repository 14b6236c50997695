"""The phones' room: a code enrols one phone, a list is made for it, a lost one is revoked."""

import base64

import pytest
from django.test import Client
from django.urls import reverse

from despensa.adapters.field_device import FieldDevice
from despensa.domain.encoding import dcbor
from despensa.domain.phone_request import CODE_SECONDS, Ask, code_hash
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER
from tests.factories.observing import count


@pytest.fixture
def client(leased_books, signed_in):
    return signed_in(leased_books, "lucia")


@pytest.fixture
def code(client, monkeypatch, leased_books):
    """The code that the office showed, as a phone reads it."""
    from despensa.entrypoints.office.rooms import phones

    seen = []
    monkeypatch.setattr(phones, "screen_svg", lambda text: seen.append(text) or "<svg/>")
    answer = client.post(reverse("office:phone_offer"), {"area": str(leased_books.root_area)})
    assert answer.status_code == 200
    page = answer.context["page"]
    assert (page.is_waiting, page.people, page.needs_https) == (True, "Lucía Vera", False)
    return seen[0].rpartition("#")[2].split(".")[1], page.state_url


def enrol(phone, code, books):
    asked = phone.enrolment(base64.urlsafe_b64decode(code + "=="))
    answer = Client().post("/api/v1/device/enrol", asked, content_type="application/cbor")
    assert answer.status_code == 200, answer.content
    fields = dcbor.decode(answer.content)
    phone.install(fields[1], authority_keys=fields[2], inbox_key=fields[3])


def test_a_phone_that_read_the_code_is_enrolled_and_says_what_it_keeps(client, code, leased_books):
    text, state_url = code
    assert code_hash(base64.urlsafe_b64decode(text + "==")).hex() in state_url
    assert client.get(state_url).context["page"].code_url == ""
    with FieldDevice.create(leased_books.phone_folder("N")) as phone:
        enrol(phone, text, leased_books)
        lists = phone.request(Ask.LISTS, 7)
        sent = Client().post("/api/v1/device/lists", lists, content_type="application/cbor")
        assert sent.status_code == 200

    taken = client.get(state_url).context["page"]
    assert (taken.is_waiting, taken.state.kind) == (False, "done")
    shown = client.get(taken.phone_url).context["page"]
    assert (shown.row.unsent, shown.row.state.kind) == (7, "done")
    assert shown.row.heard_at is not None
    assert len(client.get(reverse("office:phones")).context["page"].rows) == 2


def test_a_code_nobody_read_is_over(client, code, leased_books):
    leased_books.clock.at += CODE_SECONDS
    assert client.get(code[1]).context["page"].state.kind == "stopped"


def test_a_list_says_what_is_on_it_and_is_not_made_twice(client, leased_books):
    phone = leased_books.new_phone("N")
    session = leased_books.new_session("P02")
    where = reverse("office:phone_prepare", args=[phone])
    given = {"session": f"P02/{session.day.isoformat()}", "table": "0/1"}

    made = client.post(where, given)

    # the households are all on another phone's list, and that is said
    [listed] = client.get(made["Location"]).context["page"].lists
    assert (listed.point_name, listed.households) == ("Punto P02", 0)
    again = client.post(where, given)
    assert [error.field_id for error in again.context["page"].errors] == ["id_session"]
    for wrong in ({"session": "P99/2026-01-01"}, {"session": "x"}, {"table": "3/2"}):
        assert client.post(where, given | wrong).status_code == 422
    assert count(LEDGER, "lease") == 2


def test_a_lost_phone_is_revoked_in_one_step_and_holds_its_list_no_more(client, leased_books):
    where = reverse("office:phone", args=[leased_books.device])
    page = client.get(where).context["page"]
    assert (page.row.lists, page.lists[0].served, page.set_aside) == (1, 0, 0)
    assert page.lists[0].households == len(leased_books.entitled())

    client.post(page.revoke_url)

    page = client.get(where).context["page"]
    assert (page.row.state.kind, page.revoke_url, page.prepare_url) == ("stopped", "", "")
    assert fetch(LEDGER, "SELECT state FROM device") == [(3,)]
    with FieldDevice.open(leased_books.phone_folder()) as phone:
        sent = Client().post(
            "/api/v1/device/lists", phone.request(Ask.LISTS), content_type="application/cbor"
        )
    assert dcbor.decode(sent.content)[3] == []


def test_a_phone_out_of_reach_is_none(client, signed_in, leased_books):
    nobody = "00000000-0000-4000-8000-000000000000"
    assert client.get(reverse("office:phone", args=[nobody])).status_code == 404
    assert client.post(reverse("office:phone_revoke", args=[nobody])).status_code == 404
    assert client.get(reverse("office:phone_offered", args=["ab"])).status_code == 404
    assert client.get(reverse("office:phone_offered", args=["00" * 32])).status_code == 404
    assert client.post(reverse("office:phone_offer"), {"area": "x"}).status_code == 422
    other = signed_in(leased_books, "ana").get(reverse("office:phones"))
    assert other.status_code == 403
