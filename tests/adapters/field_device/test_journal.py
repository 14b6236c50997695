"""A phone may die at any moment: nothing handed out is forgotten, nothing is signed twice."""

import pytest

from despensa.adapters import hpke
from despensa.adapters.field_device import (
    AcknowledgementWrong,
    AlreadyOpen,
    DeviceError,
    FieldDevice,
    JournalDamaged,
    LeaseNotAccepted,
    NotInstalled,
    SecondOperatorNeeded,
    SessionStateWrong,
)
from despensa.adapters.field_device.writer import EventWriter
from despensa.domain.device import certificate_hash
from despensa.domain.encoding import dcbor
from despensa.domain.event import EventKind, Means, verify_chain
from despensa.domain.event.sealing import decode_batch, inbox_info, open_events
from despensa.domain.refusal import AbortReason
from tests.factories import field


class Death(BaseException):
    """The phone dies here."""


def scan(phone, text=None, now=field.NOW):
    return phone.scan(text, Means.CAMERA, now, field.OPERATOR, today=field.DAY)


def opened(batch_bytes):
    """Return the signed events of a batch as the server opens them."""
    batch = decode_batch(batch_bytes)
    first_key = hpke.open_sealed(field.INBOX.private, batch.wrapped_key, inbox_info(batch.lane))
    return open_events(batch, first_chain_key=first_key)


def everything(phone):
    """Return all unacknowledged events, verified as one chain, and acknowledge them."""
    events = []
    while (batch := phone.pending_batch(3)) is not None:
        events += opened(batch)
        trust = phone._trust
        verified = verify_chain(
            events,
            certificate=trust.certificate,
            seq=1,
            previous_hash=certificate_hash(trust.certificate_data),
        )
        phone.acknowledge(verified[-1].event.seq, verified[-1].event_hash)
    return [item.event for item in verified]


def test_the_server_gets_one_unbroken_chain_over_lanes_and_restarts(tmp_path):
    folder = tmp_path / "phone"
    with field.a_phone(folder, lease=False) as phone:
        scan(phone)
        lease = field.a_lease()
        phone.load_lease(lease.lease_id, field.sealed_lease(lease, phone.public_keys.sealing))
        phone.open_session(field.NOW, field.OPERATOR)
        scan(phone, field.card_text())
    with FieldDevice.open(folder) as phone:
        scan(phone)
        phone.close_session(field.NOW, field.OPERATOR)
        phone.return_lease(field.NOW, field.OPERATOR)

        kinds = [event.kind for event in everything(phone)]

        assert kinds == [
            EventKind.REFUSED,
            EventKind.SESSION_OPENED,
            EventKind.DELIVERED,
            EventKind.REFUSED,
            EventKind.SESSION_CLOSED,
            EventKind.LEASE_RETURNED,
        ]
        assert phone.unsent_count == 0
        assert phone.pending_batch() is None


def test_the_same_batch_comes_again_until_it_is_acknowledged(tmp_path):
    with field.a_phone(tmp_path / "p") as phone:
        scan(phone)
        before = phone.pending_batch()

    with FieldDevice.open(tmp_path / "p") as phone:
        assert phone.pending_batch() == before


def test_a_wrong_acknowledgement_is_refused(tmp_path):
    with field.a_phone(tmp_path / "p") as phone:
        scan(phone)

        with pytest.raises(AcknowledgementWrong):
            phone.acknowledge(1, bytes(32))
        assert phone.unsent_count == 2


def test_an_acknowledgement_outlives_a_restart(tmp_path):
    with field.a_phone(tmp_path / "p") as phone:
        result = scan(phone)
        phone.acknowledge(2, result.written.event_hash)

    with FieldDevice.open(tmp_path / "p") as phone:
        assert phone.unsent_count == 0


def test_a_scan_that_died_before_its_verdict_is_ended_as_interrupted(tmp_path, monkeypatch):
    phone = field.a_phone(tmp_path / "p")
    monkeypatch.setattr(FieldDevice, "_judge", _die)
    monkeypatch.setattr(FieldDevice, "_abort", _die)
    with pytest.raises(Death):
        scan(phone, field.card_text())
    phone.close()
    monkeypatch.undo()

    with FieldDevice.open(tmp_path / "p") as reopened:
        last = everything(reopened)[-1]
        assert (last.kind, last.reason) == (EventKind.ABORTED, AbortReason.INTERRUPTED)
        assert last.claimed_at == field.NOW
        assert scan(reopened, field.card_text()).outcome == "delivered"
    with FieldDevice.open(tmp_path / "p") as reopened:
        assert reopened.unsent_count == 1


def test_a_fault_of_the_app_leaves_an_aborted_scan(tmp_path, monkeypatch):
    with field.a_phone(tmp_path / "p") as phone:
        monkeypatch.setattr(FieldDevice, "_judge", _die)
        with pytest.raises(Death):
            scan(phone, field.card_text())
        monkeypatch.undo()

        last = everything(phone)[-1]

    assert (last.kind, last.reason) == (EventKind.ABORTED, AbortReason.APP)


def test_dying_after_the_record_and_before_the_next_key_loses_nothing(tmp_path, monkeypatch):
    phone = field.a_phone(tmp_path / "p")
    monkeypatch.setattr(EventWriter, "_store_chain_key", _die)
    with pytest.raises(Death):
        scan(phone, field.card_text())
    phone.close()
    monkeypatch.undo()

    with FieldDevice.open(tmp_path / "p") as reopened:
        assert scan(reopened, field.card_text()).outcome == "refused"
        kinds = [event.kind for event in everything(reopened)]
    assert kinds == [EventKind.SESSION_OPENED, EventKind.DELIVERED, EventKind.REFUSED]


def test_dying_while_a_lane_begins_loses_nothing(tmp_path, monkeypatch):
    phone = field.a_phone(tmp_path / "p", lease=False)
    scan(phone)
    monkeypatch.setattr(EventWriter, "_append", _die)
    lease = field.a_lease()
    with pytest.raises(Death):
        phone.load_lease(lease.lease_id, field.sealed_lease(lease, phone.public_keys.sealing))
    phone.close()
    monkeypatch.undo()

    with FieldDevice.open(tmp_path / "p") as reopened:
        reopened.open_session(field.NOW, field.OPERATOR)
        assert scan(reopened, field.card_text()).outcome == "delivered"
        kinds = [event.kind for event in everything(reopened)]
    assert kinds == [EventKind.REFUSED, EventKind.SESSION_OPENED, EventKind.DELIVERED]


@pytest.mark.parametrize("missing", [1, 7, 40])
def test_a_record_cut_off_by_a_dying_phone_is_dropped(tmp_path, missing):
    with field.a_phone(tmp_path / "p", is_open=False) as phone:
        lane = (tmp_path / "p" / "lane.cbor").read_bytes()
        phone.open_session(field.NOW, field.OPERATOR)
    journal = tmp_path / "p" / "journal"
    journal.write_bytes(journal.read_bytes()[:-missing])
    (tmp_path / "p" / "lane.cbor").write_bytes(lane)

    with FieldDevice.open(tmp_path / "p") as reopened:
        assert not reopened.is_session_open
        assert reopened.open_session(field.NOW, field.OPERATOR).event.seq == 1


def test_a_journal_that_lost_its_end_signs_nothing_more(tmp_path):
    with field.a_phone(tmp_path / "p") as phone:
        scan(phone, field.card_text())
    journal = tmp_path / "p" / "journal"
    journal.write_bytes(journal.read_bytes()[:-1])

    with pytest.raises(JournalDamaged, match="lost its end"):
        FieldDevice.open(tmp_path / "p")


def test_a_changed_record_stops_the_phone(tmp_path):
    with field.a_phone(tmp_path / "p") as phone:
        scan(phone, field.card_text())
    journal = tmp_path / "p" / "journal"
    data = bytearray(journal.read_bytes())
    data[60] ^= 1
    journal.write_bytes(bytes(data))

    with pytest.raises(JournalDamaged):
        FieldDevice.open(tmp_path / "p")


def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path, monkeypatch):
    with field.a_phone(tmp_path / "p") as phone:
        size = (tmp_path / "p" / "journal").stat().st_size
        monkeypatch.setattr("os.fsync", _full)
        with pytest.raises(OSError, match="No space"):
            phone.close_session(field.NOW, field.OPERATOR)
        monkeypatch.undo()

        assert (tmp_path / "p" / "journal").stat().st_size == size
        assert phone.is_session_open


def test_a_seized_phone_names_nobody_and_cannot_read_what_it_did(tmp_path):
    with field.a_phone(tmp_path / "p") as phone:
        result = scan(phone, field.card_text())
    stored = b"".join(path.read_bytes() for path in (tmp_path / "p").iterdir())

    assert field.NUMBERS[0].encode() not in stored
    assert field.a_card().secret not in stored
    assert result.event not in stored
    assert result.written.event.event_id not in stored
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "p").iterdir()}
    assert modes == {0o600}
    assert (tmp_path / "p").stat().st_mode & 0o777 == 0o700


def test_a_returned_list_is_never_taken_again(tmp_path):
    with field.a_phone(tmp_path / "p", is_open=False) as phone:
        lease = phone.lease
        phone.return_lease(field.NOW, field.OPERATOR)

        with pytest.raises(LeaseNotAccepted, match="returned before"):
            phone.load_lease(lease.lease_id, field.sealed_lease(lease, phone.public_keys.sealing))
        assert not (tmp_path / "p" / "lease.sealed").exists()


def test_a_list_returned_by_a_dying_phone_is_deleted_at_the_next_start(tmp_path, monkeypatch):
    phone = field.a_phone(tmp_path / "p", is_open=False)
    monkeypatch.setattr(FieldDevice, "_forget_lease", _die)
    with pytest.raises(Death):
        phone.return_lease(field.NOW, field.OPERATOR)
    phone.close()

    with FieldDevice.open(tmp_path / "p") as reopened:
        assert reopened.lease is None


@pytest.mark.parametrize(
    "changes",
    [
        {"device_id": field.OTHER_DEVICE},
        {"workspace_id": field.an_id(99)},
    ],
)
def test_a_list_for_another_phone_is_refused(tmp_path, changes):
    with field.a_phone(tmp_path / "p", lease=False) as phone:
        sealing = phone.public_keys.sealing
        lease = field.a_lease(**changes)
        info = b"despensa/lease/1" + phone.device_id + lease.lease_id
        sealed = hpke.seal(sealing, field.lease_bytes(lease), info)

        with pytest.raises(LeaseNotAccepted):
            phone.load_lease(lease.lease_id, sealed)


def test_a_list_sealed_for_other_keys_is_refused(tmp_path):
    with field.a_phone(tmp_path / "p", lease=False) as phone:
        lease = field.a_lease()

        with pytest.raises(LeaseNotAccepted, match="not sealed for this phone"):
            phone.load_lease(lease.lease_id, field.sealed_lease(lease, field.INBOX.public))


def test_another_list_waits_until_the_first_is_returned(tmp_path):
    with field.a_phone(tmp_path / "p", is_open=False) as phone:
        other = field.a_lease(lease_id=field.an_id(88))

        with pytest.raises(SessionStateWrong, match="return the list"):
            phone.load_lease(other.lease_id, field.sealed_lease(other, phone.public_keys.sealing))


def test_outside_the_published_hours_two_people_open_the_session(tmp_path):
    with field.a_phone(tmp_path / "p", is_open=False) as phone:
        with pytest.raises(SecondOperatorNeeded):
            phone.open_session(field.CLOSES_AT, field.OPERATOR)

        written = phone.open_session(
            field.CLOSES_AT, field.OPERATOR, second_operator=field.POINT_LEAD
        )

    assert written.event.supervised.second_operator_id == field.POINT_LEAD


def test_a_session_is_opened_once_and_closed_before_the_list_changes(tmp_path):
    with field.a_phone(tmp_path / "p") as phone:
        lease, sealing = phone.lease, phone.public_keys.sealing
        with pytest.raises(SessionStateWrong, match="open already"):
            phone.open_session(field.NOW, field.OPERATOR)
        with pytest.raises(SessionStateWrong, match="before returning"):
            phone.return_lease(field.NOW, field.OPERATOR)
        with pytest.raises(SessionStateWrong, match="before loading"):
            phone.load_lease(lease.lease_id, field.sealed_lease(lease, sealing))

        phone.close_session(field.NOW, field.OPERATOR)
        with pytest.raises(SessionStateWrong, match="no session"):
            phone.close_session(field.NOW, field.OPERATOR)
        phone.load_lease(lease.lease_id, field.sealed_lease(lease, sealing))
        phone.return_lease(field.NOW, field.OPERATOR)
        with pytest.raises(SessionStateWrong, match="no list"):
            phone.open_session(field.NOW, field.OPERATOR)


def test_two_processes_never_use_one_phone(tmp_path):
    with field.a_phone(tmp_path / "p"), pytest.raises(AlreadyOpen):
        FieldDevice.open(tmp_path / "p")


def test_a_phone_without_certificate_scans_nothing(tmp_path):
    with FieldDevice.create(tmp_path / "p") as phone, pytest.raises(NotInstalled):
        scan(phone)


def test_a_folder_is_made_a_phone_once(tmp_path):
    FieldDevice.create(tmp_path / "p").close()

    with pytest.raises(DeviceError, match="already is a phone"):
        FieldDevice.create(tmp_path / "p")
    with pytest.raises(DeviceError, match="is no phone"):
        FieldDevice.open(tmp_path / "q")


def test_a_certificate_for_other_keys_is_refused(tmp_path):
    with (
        FieldDevice.create(tmp_path / "p", device_id=field.DEVICE) as phone,
        pytest.raises(DeviceError, match="for another phone"),
    ):
        phone.install(
            field.certificate_bytes(),
            authority_keys=[field.AUTHORITY.public],
            inbox_key=field.INBOX.public,
        )


def test_the_stored_key_can_open_no_event_it_has_sealed(tmp_path):
    with field.a_phone(tmp_path / "p") as phone:
        scan(phone, field.card_text())
        batch = decode_batch(phone.pending_batch())
    stored = dcbor.decode((tmp_path / "p" / "lane.cbor").read_bytes())

    assert stored[1] == 3
    with pytest.raises(ValueError, match="does not open"):
        open_events(batch, first_chain_key=stored[2])


def _die(*_, **__):
    raise Death


def _full(_):
    raise OSError(28, "No space left on device")
