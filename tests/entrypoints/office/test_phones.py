"""The phones' room: a code enrols one phone, a list is made for it, a lost one is revoked."""

import base64
import contextlib
import dataclasses
from uuid import UUID

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from psycopg.types.json import Jsonb

from despensa.adapters.field_device import FieldDevice
from despensa.adapters.qr import ZxingCodes
from despensa.domain import pin_code
from despensa.domain.card import base45
from despensa.domain.encoding import dcbor
from despensa.domain.frames import FrameKind, frames_of
from despensa.domain.phone_request import CODE_SECONDS, Ask, code_hash
from despensa.domain.pin_code import Asked, PinCodeRefused, read_code
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


def exported(phone):
    """Return a phone's journal as it saves it."""
    batch = phone.pending_batch()
    return len(batch).to_bytes(4, "big") + batch


@contextlib.contextmanager
def fetched_device(books, operators):
    """Yield the id of the phone of P01, which names these people."""
    with FieldDevice.open(books.phone_folder("P01")) as phone:
        device = UUID(bytes=phone.device_id)
    named = Jsonb([[str(staff), name] for staff, name in operators])
    with psycopg.connect(books.endpoints.ledger_owner) as connection:
        connection.execute("UPDATE device SET operators = %s WHERE id = %s", (named, device))
    yield device


def upload(client, *files):
    given = [SimpleUploadedFile(f"{n}.bin", data) for n, data in enumerate(files)]
    answer = client.post(reverse("office:phone_reports"), {"files": given}, follow=True)
    return [(one.level_tag, str(one)) for one in answer.context["messages"]]


def test_what_a_phone_saved_is_taken_in_once_as_a_file_or_as_pictures_of_codes(
    client, leased_books
):
    books = leased_books
    with FieldDevice.open(books.phone_folder("P01")) as phone:
        for _ in range(2):
            phone.open_session(books.clock.at, books.staff["lucia"].bytes)
            phone.close_session(books.clock.at, books.staff["lucia"].bytes)
        data = exported(phone)
    codes = frames_of(FrameKind.JOURNAL, data)
    pictures = [ZxingCodes().code_png(one, side_mm=80.0, pixels_per_module=3) for one in codes]

    assert len(codes) > 1
    [(level, said)] = upload(client, *pictures[1:])
    assert (level, f"{len(codes) - 1} of {len(codes)}" in said) == ("error", True)
    assert count(LEDGER, "device_event") == 0
    assert [level for level, _ in upload(client, *pictures)] == ["success"]
    before = count(LEDGER, "device_event")
    assert [level for level, _ in upload(client, data)] == ["success"]
    assert count(LEDGER, "device_event") == before == 4
    # cut off within a batch, or another file altogether
    assert [level for level, _ in upload(client, data[:-1])] == ["error"]
    assert [level for level, _ in upload(client, b"\x89PNG nothing")] == ["error"]
    broken = data[:-1] + bytes([data[-1] ^ 1])
    assert [level for level, _ in upload(client, broken)] == ["error"]
    assert count(LEDGER, "device_event") == before


def test_a_code_for_a_pin_is_its_owner_s_alone_and_for_one_of_her_phones(
    client, leased_books, monkeypatch
):
    from despensa.entrypoints.office.rooms import phone_pin

    seen = []
    monkeypatch.setattr(phone_pin, "screen_svg", lambda text: seen.append(text) or "<svg/>")
    books, url = leased_books, reverse("office:phone_pin")
    with fetched_device(books, [(books.staff["lucia"], "Lucía Vera")]) as device:
        asked = Asked(
            workspace_id=books.acting().workspace.bytes,
            device_id=device.bytes,
            operator_id=books.staff["lucia"].bytes,
            used=frozenset(),
            now=books.clock.at,
            authority_keys=books.keeper.signatory.public_keys().authority_ring(),
        )
        assert client.post(url, {"phone": str(device)}).context["page"].code_url

        code = read_code(base45.decode(seen[0]), asked)
        assert code.expires_at == books.clock.at + pin_code.CODE_SECONDS
        # nobody makes one for a colleague, also not whoever manages the phones
        other = dataclasses.replace(asked, operator_id=books.staff["omar"].bytes)
        with pytest.raises(PinCodeRefused, match="other_person"):
            read_code(base45.decode(seen[0]), other)
    with fetched_device(books, [(books.staff["omar"], "Omar Saleh")]) as device:
        answer = client.post(url, {"phone": str(device)})
        assert (answer.status_code, len(seen)) == (422, 1)
