"""A phone over HTTP: enrolled by a code, its list fetched, its events sent, proven, and revoked."""

import gzip
import json
import threading
from uuid import UUID

import pytest
from django.test import Client

from despensa.adapters.field_device import FieldDevice
from despensa.domain.encoding import dcbor
from despensa.domain.event import Means
from despensa.domain.phone_proof import read_states
from despensa.domain.phone_request import CODE_SECONDS, Ask
from despensa.entrypoints import wiring
from despensa.entrypoints.api import device as door
from despensa.entrypoints.api.shedding import RETRY_MIN, RETRY_SPREAD, Gate
from despensa.entrypoints.jobs import phone_answers, rounds
from despensa.entrypoints.jobs.health_files import note_backup
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER
from despensa.usecases.offer_device import offer_device
from despensa.usecases.revoke_device import NoSuchDevice, revoke_device
from tests.factories.observing import Killed, count, dies, digests

OPERATOR = bytes(range(16))
State = phone_answers.State


@pytest.fixture
def books(leased_books, monkeypatch):
    monkeypatch.setattr(wiring, "tools", lambda: leased_books.tools)
    return leased_books


@pytest.fixture
def phone(books):
    with FieldDevice.open(books.phone_folder()) as opened:
        yield opened


def send(what, data, **options):
    return Client(enforce_csrf_checks=True).post(
        f"/api/v1/device/{what}", data=data, content_type="application/cbor", **options
    )


def asked(phone, what, *arguments):
    answer = send(what, phone.request(Ask[what.upper()], *arguments))
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    return dcbor.decode(answer.content, bytes_max=1 << 24)


def problem(answer):
    return json.loads(answer.content)["type"].rpartition(":")[2]


def offered(books):
    return offer_device(
        books.root_area,
        [(books.staff["lucia"], "Lucía Vera")],
        reach=books.reach("lucia"),
        acting=books.acting("lucia"),
    )


def scans(books, phone, number=3):
    phone.open_session(books.clock.at, OPERATOR)
    texts = [books.card_texts[n] for _, numbers, _ in books.entitled() for n in numbers][:number]
    today = books.tools.today().toordinal() - phone_answers.DAY_ZERO
    for text in texts:
        assert phone.scan(text, Means.FILE, books.clock.at, OPERATOR, today=today).outcome
    answer = send("events", phone.pending_batch())
    phone.acknowledge(*dcbor.decode(answer.content)[2:])
    return 1 + len(texts)


def own_hashes(phone):
    return {seq: phone.hash_at(seq) for seq in range(1, phone.last_seq + 1)}


def states(books, phone, first=1, last=500):
    keys = books.keeper.signatory.public_keys()
    answer = send("states", phone.request(Ask.STATES, first, last))
    return read_states(
        answer.content,
        hashes=own_hashes(phone),
        log_vkey=books.tools.log_vkey,
        authority_keys=[keys.authority],
    )


def test_a_code_enrols_one_phone_and_says_what_it_shall_trust(books):
    code = offered(books)
    with FieldDevice.create(books.phone_folder("N1")) as new:
        answer = send("enrol", new.enrolment(code))
        told = dcbor.decode(answer.content, bytes_max=1 << 20)
        keys = books.keeper.signatory.public_keys()
        new.install(told[1], authority_keys=told[2], inbox_key=told[3], issuer_keys=told[4])

        assert (told[2][0], told[5], told[6]) == (keys.authority, keys.office, books.tools.log_vkey)
        assert told[10] == [[books.staff["lucia"].bytes, "Lucía Vera"]]
        assert asked(new, "lists")[3] == []
        again = dcbor.decode(send("enrol", new.enrolment(code)).content, bytes_max=1 << 20)
        assert again[1] == told[1]
    assert count(LEDGER, "device") == 2


def test_a_code_is_for_one_phone_and_for_ten_minutes(books):
    code = offered(books)
    with (
        FieldDevice.create(books.phone_folder("N1")) as first,
        FieldDevice.create(books.phone_folder("N2")) as second,
    ):
        assert send("enrol", first.enrolment(code)).status_code == 200
        before = digests(books.endpoints)
        late = offered(books)
        refused = [
            send("enrol", second.enrolment(code)),
            send("enrol", second.enrolment(bytes(16))),
        ]
        books.clock.forward(seconds=CODE_SECONDS)
        refused += [send("enrol", second.enrolment(late)), send("enrol", first.enrolment(code))]
    assert {(answer.status_code, problem(answer)) for answer in refused} == {
        (403, "code-not-valid")
    }
    assert before["ledger.device"] == digests(books.endpoints)["ledger.device"]


def test_a_code_does_not_lie_in_the_books(books):
    code = offered(books)
    [(stored,)] = fetch(LEDGER, "SELECT string_agg(o::text, '') FROM device_offer o")
    assert code.hex() not in stored


def test_killed_while_enrolling_the_code_still_works(books, monkeypatch):
    from despensa.usecases import enrol_by_code as enrolling

    code = offered(books)
    with FieldDevice.create(books.phone_folder("N1")) as new:
        with monkeypatch.context() as patched:
            dies(patched, enrolling.offer_store, "use_offer")
            with pytest.raises(Killed):
                send("enrol", new.enrolment(code))
        assert count(LEDGER, "device") == 1
        assert send("enrol", new.enrolment(code)).status_code == 200


def test_the_list_fetched_is_the_one_that_was_prepared(books, phone):
    told = asked(phone, "lists")

    [[lease, sealed]] = told[3]
    assert UUID(bytes=lease) == books.lease
    assert phone.load_lease(lease, sealed).lease_id == lease
    assert (told[2], told[6]) == (1, 1)


def test_only_proven_events_are_forgotten(books, phone):
    written = scans(books, phone)
    waiting = states(books, phone)
    assert set(waiting.states.values()) == {State.PENDING}
    assert not waiting.proven

    rounds.round_trip(books.tools)
    merged = states(books, phone)

    assert merged.states == dict.fromkeys(range(1, written + 1), State.ACCEPTED)
    assert merged.proven == frozenset(range(1, written + 1))


def test_what_is_in_no_backup_yet_is_not_proven(books, phone):
    written = scans(books, phone)
    rounds.round_trip(books.tools)
    books.tools.workspace.backups.mkdir(exist_ok=True)
    note_backup(books.tools.workspace, books.clock.at)
    assert states(books, phone).proven == frozenset()

    note_backup(books.tools.workspace, books.clock.at + phone_answers.MERGE_SECONDS)
    assert len(states(books, phone).proven) == written


def test_a_proof_of_another_event_proves_nothing(books, phone):
    scans(books, phone)
    rounds.round_trip(books.tools)
    keys = books.keeper.signatory.public_keys()
    hashes = own_hashes(phone)
    hashes[2], hashes[3] = hashes[3], hashes[2]
    data = send("states", phone.request(Ask.STATES, 1, 500)).content

    told = read_states(
        data, hashes=hashes, log_vkey=books.tools.log_vkey, authority_keys=[keys.authority]
    )
    strange = read_states(
        data, hashes=own_hashes(phone), log_vkey=books.tools.log_vkey, authority_keys=[bytes(32)]
    )

    assert not {2, 3} & told.proven
    assert 1 in told.proven
    assert not strange.proven


def test_a_lost_phone_is_revoked_in_one_step_and_its_claims_set_aside(books, phone):
    scans(books, phone, 1)
    lucia = {"reach": books.reach("lucia"), "acting": books.acting("lucia")}

    assert revoke_device(books.device, **lucia)
    assert not revoke_device(books.device, **lucia)
    phone.abort_scan(books.clock.at, OPERATOR)
    _, verdict, seq, _ = dcbor.decode(send("events", phone.pending_batch()).content)

    assert (verdict, seq) == (2, 3)
    told = asked(phone, "lists")
    assert (told[2], told[3]) == (3, [])
    assert states(books, phone).states[3] == State.SET_ASIDE
    assert count(LEDGER, "fork") == 1
    with pytest.raises(NoSuchDevice):
        revoke_device(UUID(int=7), **lucia)


def test_the_district_says_where_a_card_belongs(books, phone):
    told = asked(phone, "district", books.lease.bytes)

    [[point, code, names]] = told[1]
    records = [told[2][at : at + 12] for at in range(0, len(told[2]), 12)]
    assert (UUID(bytes=point), code) == (books.session.point, "P01")
    assert names
    assert records == sorted(records)
    assert len(records) == count(LEDGER, "tag")
    entitled = [record for record in records if record[8] == 1]
    day = (books.session.day.toordinal() - phone_answers.DAY_ZERO).to_bytes(2, "big")
    assert entitled
    assert all(record[9:] == b"\0" + day for record in entitled)
    strange = send("district", phone.request(Ask.DISTRICT, bytes(16)))
    assert strange.status_code == 403


@pytest.mark.parametrize("what", ["lists", "states", "district", "enrol"])
def test_what_is_not_signed_so_is_malformed(books, phone, what):
    other = {"lists": Ask.STATES, "states": Ask.LISTS, "district": Ask.LISTS, "enrol": Ask.LISTS}
    whole = phone.request(other[what], 1, 5)
    for data in (whole, whole[:-1], b"\0", b"\xa0", bytes(200)):
        answer = send(what, data)
        assert (answer.status_code, problem(answer)) == (400, "malformed-request")


@pytest.mark.parametrize("arguments", [(), (0, 5), (5, 4), (1, 501), (1, "x"), (1, 2, 3)])
def test_a_span_is_at_most_five_hundred_events(books, phone, arguments):
    answer = send("states", phone.request(Ask.STATES, *arguments))
    assert (answer.status_code, problem(answer)) == (400, "malformed-request")


def test_a_bomb_is_refused_unread(books, phone):
    bomb = gzip.compress(bytes(50_000_000))
    answer = send("events", bomb, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, problem(answer)) == (415, "content-encoding")
    plain = send("events", bomb)
    assert plain.status_code == 400


def test_a_herd_is_sent_away_with_a_time_and_loses_nothing(books, phone, monkeypatch):
    gate = Gate(at_once=1, wait_seconds=0.01)
    monkeypatch.setattr(door, "gate", gate)
    phone.abort_scan(books.clock.at, OPERATOR)
    batch = phone.pending_batch()
    with gate.entered(b"\0\0"):
        shed = send("events", batch)
    assert (shed.status_code, problem(shed)) == (503, "busy")
    assert RETRY_MIN <= int(shed["Retry-After"]) <= RETRY_MIN + RETRY_SPREAD
    assert count(LEDGER, "inbox_event") == 0
    assert send("events", batch).status_code == 200


def test_of_many_at_once_every_batch_is_taken_in_sooner_or_later(books, phone, monkeypatch):
    from django.db import connections

    monkeypatch.setattr(door, "gate", Gate(at_once=1, wait_seconds=0.01))
    phone.abort_scan(books.clock.at, OPERATOR)
    batch, seen = phone.pending_batch(), []

    def sender():
        try:
            for _ in range(200):
                seen.append(send("events", batch).status_code)
                if seen[-1] == 200:
                    return
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sender) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert seen.count(200) == 4
    assert set(seen) <= {200, 503}
    assert count(LEDGER, "device_event") == 1
