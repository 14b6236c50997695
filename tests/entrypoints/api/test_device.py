"""The phones' door: what it takes in, what it refuses, and with which problem."""

import hashlib
import json

import pytest
from django.test import Client

from despensa.adapters.field_device import FieldDevice
from despensa.domain.encoding import dcbor
from despensa.domain.event import Means
from despensa.entrypoints import wiring
from despensa.entrypoints.api.device import BATCH_BYTES_MAX
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER

URL = "/api/v1/device/events"
OPERATOR = bytes(range(16))


@pytest.fixture
def books(leased_books, monkeypatch):
    monkeypatch.setattr(wiring, "tools", lambda: leased_books.tools)
    return leased_books


@pytest.fixture
def batch(books):
    with FieldDevice.open(books.phone_folder()) as phone:
        phone.open_session(books.clock.at, OPERATOR)
        phone.scan(None, Means.CAMERA, books.clock.at, OPERATOR, today=20_000)
        return phone.pending_batch()


def send(data, content_type="application/cbor", **options):
    return Client(enforce_csrf_checks=True).post(
        URL, data=data, content_type=content_type, **options
    )


def in_inbox():
    return fetch(LEDGER, "SELECT count(*) FROM inbox_event")[0][0]


def problem(answer):
    assert answer["Content-Type"] == "application/problem+json"
    value = json.loads(answer.content)
    assert value["status"] == answer.status_code
    assert value.keys() == {"type", "title", "status", "detail"}
    return value["type"].rpartition(":")[2]


@pytest.mark.parametrize("content_type", ["application/cbor", "application/octet-stream"])
def test_a_batch_is_answered_once_it_is_durable(batch, content_type):
    answer = send(batch, content_type)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/cbor"
    version, verdict, seq, event_hash = dcbor.decode(answer.content)
    assert (version, verdict, seq, len(event_hash)) == (1, 1, 2, 32)
    assert in_inbox() == 2


def test_the_same_batch_gets_the_same_bytes(batch):
    assert send(batch).content == send(batch).content
    assert in_inbox() == 2


def test_a_phone_nobody_enrolled_is_refused(books, batch):
    sealed = dcbor.decode(batch, bytes_max=BATCH_BYTES_MAX)
    device = books.device.bytes
    stranger = dcbor.encode(
        {k: hashlib.sha256(v).digest()[:16] if v == device else v for k, v in sealed.items()}
    )

    answer = send(stranger)

    assert answer.status_code == 403
    assert problem(answer) == "unknown-device"


def test_an_altered_batch_is_malformed_and_nothing_is_kept(batch):
    for place in (*range(0, len(batch), 61), -1):
        altered = bytearray(batch)
        altered[place] ^= 1

        answer = send(bytes(altered))

        assert answer.status_code in {400, 403}, place
        assert problem(answer) in {"malformed-batch", "unknown-device"}
        assert in_inbox() == 0


def test_what_is_no_batch_is_malformed(books):
    for data in (b"\xff", b"{}", b"\xa0", b"\x80", b"\x9f" * 50_000):
        answer = send(data)

        assert answer.status_code == 400
        assert problem(answer) == "malformed-batch"


def test_a_batch_cut_short_anywhere_is_malformed(batch):
    for length in range(1, len(batch), 37):
        assert send(batch[:length]).status_code == 400


def test_more_than_one_megabyte_is_refused(books):
    answer = send(bytes(BATCH_BYTES_MAX + 1))

    assert answer.status_code == 413
    assert problem(answer) == "too-large"


def test_another_content_type_is_refused(books):
    answer = send(b"{}", "application/json")

    assert answer.status_code == 415
    assert problem(answer) == "content-type"


def test_a_fault_of_ours_shows_nothing_of_the_inside(books, monkeypatch):
    def broken():
        raise RuntimeError("secret detail")

    monkeypatch.setattr(wiring, "tools", broken)

    answer = send(b"\xa0")

    assert answer.status_code == 500
    assert problem(answer) == "internal"
    assert b"secret" not in answer.content


def test_the_door_reads_nothing_but_posts(books):
    assert Client().get(URL).status_code == 405
