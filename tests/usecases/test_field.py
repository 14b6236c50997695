"""Leases, batches from phones, merging: once, twice, at once, killed, and by an enemy."""

import dataclasses
import shutil
from uuid import UUID

import pytest

from despensa.adapters import hpke
from despensa.adapters.field_device import FieldDevice
from despensa.domain.device import Protection
from despensa.domain.encoding import dcbor
from despensa.domain.event import Means
from despensa.domain.event.chain import ChainError
from despensa.domain.event.sealing import decode_batch, encode_batch
from despensa.domain.reach import OutOfReach, Reach, Stretch
from despensa.entrypoints.jobs import merging, rounds
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.records import journal_store
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import queries as ledger
from despensa.records.service_points.store import LeaseHeld
from despensa.usecases import accept_events as accepting
from despensa.usecases import merge_events as merge
from despensa.usecases.accept_events import ACCEPTED, SET_ASIDE, UnknownDevice, accept_events
from despensa.usecases.enrol_device import NewDevice, enrol_device
from despensa.usecases.expire_leases import GRACE_SECONDS, expire_leases
from despensa.usecases.prepare_lease import (
    LEASE_SECONDS_AFTER_SESSION,
    DeviceNotTrusted,
    LeaseOrder,
    prepare_lease,
)
from despensa.usecases.publish_sessions import publish_sessions
from tests.factories.observing import Killed, at_once, count, dies, digests, raised

SUSPENDED, EXPIRED = 2, 3


def _scan(books, texts, code="P01"):
    """Return the batch a phone sends after it scanned these cards in an open session."""
    operator = books.staff["lucia"].bytes
    with FieldDevice.open(books.phone_folder(code)) as phone:
        if not phone.is_session_open:
            phone.open_session(books.clock.at, operator)
        for text in texts:
            phone.scan(
                text, Means.FILE, books.clock.at, operator,
                today=books.tools.today().toordinal() - DAY_ZERO,
            )  # fmt: skip
        return phone.pending_batch()


def _accept(books, batch):
    answer = accept_events(batch, acting=books.acting(), signatory=books.keeper.signatory)
    return dcbor.decode(answer)


def _entitled_texts(books):
    return [books.card_texts[number] for _, numbers, _ in books.entitled() for number in numbers]


def _delivered():
    [(moved,)] = fetch(
        LEDGER, "SELECT coalesce(sum(amount), 0)::bigint FROM transfer WHERE cause=3"
    )
    return moved


def _device_state(books):
    [(state,)] = fetch(LEDGER, "SELECT state FROM device WHERE id = %s", (books.device,))
    return state


def _folder_copy(books, name):
    shutil.copytree(books.phone_folder("P01"), books.phone_folder(name))


def test_a_scanned_card_is_posted_once(leased_books):
    books = leased_books
    batch = _scan(books, _entitled_texts(books)[:2])

    assert _accept(books, batch)[1] == ACCEPTED
    merged = merging.merge_all(books.tools)

    assert (merged.events, merged.posted, merged.excess) == (3, 2, 0)
    assert _delivered() == sum(q for *_, goods in books.entitled()[:2] for _, q in goods)
    assert ledger.check().is_balanced
    assert count(LEDGER, "inbox_event") == 0


def test_a_batch_sent_twice_gets_the_same_bytes_and_changes_nothing(leased_books):
    books = leased_books
    batch = _scan(books, _entitled_texts(books)[:1])
    first = _accept(books, batch)
    merging.merge_all(books.tools)
    before = digests(books.endpoints)

    assert _accept(books, batch) == first
    assert merging.merge_all(books.tools).events == 0

    assert digests(books.endpoints) == before


def test_one_batch_sent_over_two_lines_at_once_is_taken_in_once(leased_books):
    books = leased_books
    batch = _scan(books, _entitled_texts(books)[:3])

    ended = at_once(*[lambda: _accept(books, batch)] * 2)

    assert raised(ended) == []
    assert ended[0] == ended[1]
    assert count(LEDGER, "inbox_event") == 4 == count(LEDGER, "device_event")


def test_two_workers_merge_every_event_once(leased_books):
    books = leased_books
    texts = _entitled_texts(books)
    _accept(books, _scan(books, texts))

    ended = at_once(*[lambda: merging.merge_all(books.tools)] * 2)

    assert raised(ended) == []
    assert sum(merged.events for merged in ended) == len(texts) + 1
    assert _delivered() == sum(q for *_, goods in books.entitled() for _, q in goods)
    assert ledger.check().is_balanced


@pytest.mark.parametrize(
    "module, name, after",
    [
        (accepting.store, "add_to_inbox", True),
        (accepting.service_points, "advance_device", True),
    ],
)
def test_killed_while_accepting_the_batch_may_come_again(
    leased_books, monkeypatch, module, name, after
):
    books = leased_books
    batch = _scan(books, _entitled_texts(books)[:1])
    before = digests(books.endpoints)
    with monkeypatch.context() as patched:
        dies(patched, module, name, after=after)
        with pytest.raises(Killed):
            _accept(books, batch)

    assert digests(books.endpoints) == before
    assert _accept(books, batch)[1] == ACCEPTED


@pytest.mark.parametrize("name", ["append", "post"])
def test_killed_while_merging_the_events_are_still_there(leased_books, monkeypatch, name):
    books = leased_books
    _accept(books, _scan(books, _entitled_texts(books)[:2]))
    before = digests(books.endpoints)
    with monkeypatch.context() as patched:
        dies(patched, journal_store, name, after=True)
        with pytest.raises(Killed):
            merging.merge_all(books.tools)

    assert digests(books.endpoints) == before
    assert merging.merge_all(books.tools).posted == 2
    assert ledger.check().is_balanced


def test_killed_between_merge_and_registry_the_totals_arrive_once(leased_books, monkeypatch):
    books = leased_books
    _accept(books, _scan(books, _entitled_texts(books)[:2]))
    with monkeypatch.context() as patched:
        dies(patched, rounds, "mark_ledger_messages")
        with pytest.raises(Killed):
            rounds.round_trip(books.tools)

    rounds.round_trip(books.tools)
    rounds.round_trip(books.tools)

    [(delivered,)] = fetch(REGISTRY, "SELECT count FROM cycle_total WHERE name = 'delivered'")
    assert delivered == 2


class TestAnEnemyWithAPhone:
    """Nothing that an enrolled phone did not write enters, and a forked phone is set aside."""

    def test_an_unknown_phone(self, leased_books):
        books = leased_books
        batch = decode_batch(_scan(books, _entitled_texts(books)[:1]))
        lane = dataclasses.replace(batch.lane, device_id=bytes(range(16)))

        self._refused(books, encode_batch(dataclasses.replace(batch, lane=lane)), UnknownDevice)

    def test_another_phones_batch(self, leased_books):
        books = leased_books
        other = books.new_phone("P02")
        batch = decode_batch(_scan(books, _entitled_texts(books)[:1]))
        lane = dataclasses.replace(batch.lane, device_id=other.bytes)

        self._refused(books, encode_batch(dataclasses.replace(batch, lane=lane)), ValueError)

    @pytest.mark.parametrize("place", [40, 90, -1])
    def test_an_altered_batch(self, leased_books, place):
        books = leased_books
        data = bytearray(_scan(books, _entitled_texts(books)[:1]))
        data[place] ^= 1

        self._refused(books, bytes(data), (ValueError, UnknownDevice))

    def test_no_batch_at_all(self, leased_books):
        self._refused(leased_books, b"\xa0", ValueError)

    def test_a_gap_in_the_sequence(self, leased_books):
        books = leased_books
        batch = decode_batch(_scan(books, _entitled_texts(books)[:3]))
        late = dataclasses.replace(batch, first=batch.first + 2, sealed=batch.sealed[2:])

        self._refused(books, encode_batch(late), ChainError)

    def test_an_event_left_out_in_the_middle(self, leased_books):
        books = leased_books
        batch = decode_batch(_scan(books, _entitled_texts(books)[:3]))
        holed = dataclasses.replace(batch, sealed=batch.sealed[:1] + batch.sealed[2:])

        self._refused(books, encode_batch(holed), ValueError)

    def _refused(self, books, data, kind):
        before = digests(books.endpoints)

        with pytest.raises(kind):
            _accept(books, data)

        assert digests(books.endpoints) == before

    def test_a_fork_suspends_the_phone_and_is_kept_aside(self, leased_books):
        books = leased_books
        texts = _entitled_texts(books)
        _scan(books, [])
        _folder_copy(books, "TWIN")
        _accept(books, _scan(books, texts[:1]))

        answer = _accept(books, _scan(books, texts[1:2], "TWIN"))

        assert answer[1] == SET_ASIDE
        assert _device_state(books) == SUSPENDED
        assert count(LEDGER, "fork") == 1
        assert merging.merge_all(books.tools).posted == 1
        assert ledger.check().is_balanced

    def test_what_a_suspended_phone_sends_later_is_kept_and_not_posted(self, leased_books):
        books = leased_books
        texts = _entitled_texts(books)
        _scan(books, [])
        _folder_copy(books, "TWIN")
        _accept(books, _scan(books, texts[:1]))
        _accept(books, _scan(books, texts[1:2], "TWIN"))
        merging.merge_all(books.tools)
        moved = _delivered()

        batch = _scan(books, texts[2:3])
        answer = _accept(books, batch)

        assert answer[1] == SET_ASIDE
        assert merging.merge_all(books.tools).events == 0
        assert _delivered() == moved
        assert _accept(books, batch) == answer

    def test_a_suspended_phone_gets_no_lease(self, leased_books):
        books = leased_books
        texts = _entitled_texts(books)
        _scan(books, [])
        _folder_copy(books, "TWIN")
        _accept(books, _scan(books, texts[:1]))
        _accept(books, _scan(books, texts[1:2], "TWIN"))

        with pytest.raises(DeviceNotTrusted):
            books.prepare(books.device, books.new_session("P09"))


class TestLeases:
    """A quantity is held by one phone."""

    def test_two_phones_never_hold_the_same_household(self, opened_books):
        books = opened_books
        pairs = [(books.new_phone(code), books.new_session(code)) for code in ("P01", "P02")]

        ended = at_once(*[lambda p=pair: books.prepare(*p) for pair in pairs])

        assert raised(ended) == []
        held = fetch(
            LEDGER, "SELECT account, unit, count(*) FROM lease_row WHERE active GROUP BY 1, 2"
        )
        assert len(held) == len(books.entitled())
        assert {number for *_, number in held} == {1}

    def test_one_phone_has_one_lease_a_session(self, leased_books):
        books = leased_books
        before = digests(books.endpoints)

        with pytest.raises(LeaseHeld, match="holds a list for this session"):
            books.prepare(books.device, books.session)

        assert digests(books.endpoints) == before

    def test_an_unknown_phone_gets_no_lease(self, opened_books):
        with pytest.raises(DeviceNotTrusted):
            opened_books.prepare(UUID(int=5), opened_books.new_session("P01"))

    def test_a_phone_whose_certificate_ran_out_gets_no_lease(self, opened_books):
        books = opened_books
        device, session = books.new_phone("P01"), books.new_session("P01")
        books.clock.forward(days=91)

        with pytest.raises(DeviceNotTrusted):
            books.prepare(device, session)

    def test_killed_while_preparing_nothing_is_held(self, opened_books, monkeypatch):
        books = opened_books
        device, session = books.new_phone("P01"), books.new_session("P01")
        before = digests(books.endpoints)
        with monkeypatch.context() as patched:
            dies(patched, journal_store, "append", after=True)
            with pytest.raises(Killed):
                books.prepare(device, session)

        assert digests(books.endpoints) == before
        books.prepare(device, session)
        assert count(LEDGER, "lease_row", "active") == len(books.entitled())

    def test_an_expired_lease_frees_its_rows_after_the_grace_and_once(self, leased_books):
        books = leased_books
        end = books.session.closes_at + LEASE_SECONDS_AFTER_SESSION + GRACE_SECONDS
        books.clock.at = end
        assert expire_leases(acting=books.acting()) == 0
        books.clock.forward(seconds=1)

        assert expire_leases(acting=books.acting()) == 1
        before = digests(books.endpoints)
        assert expire_leases(acting=books.acting()) == 0

        assert digests(books.endpoints) == before
        assert count(LEDGER, "lease_row", "active") == 0
        assert count(LEDGER, "lease", "state = %s", EXPIRED) == 1

    def test_an_honest_event_after_expiry_is_still_posted(self, leased_books):
        books = leased_books
        batch = _scan(books, _entitled_texts(books)[:1])
        books.clock.forward(days=30)
        expire_leases(acting=books.acting())

        assert _accept(books, batch)[1] == ACCEPTED
        merging.merge_all(books.tools)

        assert count(LEDGER, "redemption") == 1
        assert ledger.check().is_balanced

    def test_a_returned_lease_frees_what_was_not_handed_over(self, leased_books):
        books = leased_books
        _scan(books, _entitled_texts(books)[:1])
        operator = books.staff["lucia"].bytes
        with FieldDevice.open(books.phone_folder("P01")) as phone:
            phone.close_session(books.clock.at, operator)
            phone.return_lease(books.clock.at, operator)
            while (batch := phone.pending_batch()) is not None:
                _, _, seq, event_hash = _accept(books, batch)
                phone.acknowledge(seq, event_hash)
        merging.merge_all(books.tools)

        assert count(LEDGER, "lease_row", "active") == 0
        books.prepare(books.new_phone("P02"), books.new_session("P02"))
        assert count(LEDGER, "lease_row", "active") == len(books.entitled()) - 1


def test_the_evidence_of_every_event_is_kept_sealed(leased_books):
    books = leased_books
    batch = _scan(books, _entitled_texts(books)[:2])
    _accept(books, batch)
    merging.merge_all(books.tools)

    assert count(LEDGER, "evidence_batch CROSS JOIN LATERAL unnest(events)") == 3
    assert merge.BATCH_MAX >= 3


def test_points_phones_and_lists_are_refused_outside_the_reach(leased_books):
    books = leased_books
    nowhere = Reach()
    session = books.session
    order = LeaseOrder(books.device, session, session.day.toordinal() - DAY_ZERO, books.entitled())
    new = NewDevice(UUID(int=9), bytes(32), bytes(32), books.root_area, Protection.SERVER_HELD_DEMO)
    before = digests(books.endpoints)

    with pytest.raises(OutOfReach):
        publish_sessions([], [session], reach=nowhere, acting=books.acting("lucia"))
    with pytest.raises(OutOfReach):
        enrol_device(
            new, reach=nowhere, acting=books.acting("lucia"), signatory=books.keeper.signatory
        )
    with pytest.raises(OutOfReach):
        prepare_lease(
            order,
            reach=Reach((Stretch(UUID(int=1), None),)),
            acting=books.acting("lucia"),
            cycles=books.keeper.cycles,
            signatory=books.keeper.signatory,
            seal=hpke.seal,
        )

    assert digests(books.endpoints) == before


def test_an_event_under_another_ones_id_stops_nobody_and_is_set_aside(leased_books):
    books = leased_books
    first = _scan(books, [None])
    _accept(books, first)
    [(copied,)] = fetch(LEDGER, "SELECT event FROM inbox_event WHERE kind = 2")
    with FieldDevice.open(books.phone_folder("P01")) as phone:
        operator = books.staff["lucia"].bytes
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(
                "despensa.adapters.field_device.phone.os.urandom", lambda _: copied.bytes
            )
            phone.scan(None, Means.CAMERA, books.clock.at, operator, today=20_000)
        phone.acknowledge(*_accept(books, first)[2:])
        second = phone.pending_batch()
    assert _accept(books, second)[1] == ACCEPTED

    assert merging.merge_all(books.tools).events == 2

    assert count(LEDGER, "inbox_event") == 0
    assert (count(LEDGER, "refusal"), count(LEDGER, "fork")) == (1, 1)
    assert _device_state(books) == SUSPENDED


def test_what_an_expired_list_holds_is_not_listed_again_until_its_phone_is_back(leased_books):
    books = leased_books
    served = _scan(books, _entitled_texts(books)[:1])
    books.clock.forward(days=10)
    expire_leases(acting=books.acting())
    other = books.new_phone("P02")

    lease, _ = books.prepare(other, books.new_session("P02"))
    assert count(LEDGER, "lease_row", "lease_id = %s", lease) == 0
    _accept(books, served)
    merging.merge_all(books.tools)
    assert count(LEDGER, "redemption", "excess") == 0
