"""What a batch adds to a phone's journal: new, sent before, two versions, or not trusted."""

from hashlib import sha256

import pytest

from despensa.domain.encoding import dcbor
from despensa.domain.event import Event, EventKind, VerifiedEvent
from despensa.domain.event.intake import ACCEPTED, SET_ASIDE, JournalEnd, begins_at, take_in

FIRST = sha256(b"certificate").digest()


def run_of(first, last, branch=b"", before=FIRST):
    """Return verified events `first` to `last` of one branch of a journal."""
    found = []
    for seq in range(first, last + 1):
        event = Event(
            event_id=bytes(16), device_id=bytes(16), seq=seq, previous_hash=before,
            kind=EventKind.SESSION_OPENED, claimed_at=0, session_id=bytes(16), lease_id=None,
            operator_id=bytes(16),
        )  # fmt: skip
        before = sha256(branch + bytes([seq])).digest()
        found.append(VerifiedEvent(event, before, b""))
    return found


def held_of(events):
    return {item.event.seq: item.event_hash for item in events}


def end_of(events, *, is_active=True):
    last = events[-1]
    return JournalEnd(last.event.seq + 1, last.event_hash, is_active)


def seqs(events):
    return [item.event.seq for item in events]


def test_a_first_batch_is_all_new():
    batch = run_of(1, 3)
    found = take_in(batch, end=JournalEnd(1, FIRST, is_active=True), held={})
    assert (seqs(found.fresh), found.aside, found.suspends) == ([1, 2, 3], (), False)
    assert dcbor.decode(found.answer) == [1, ACCEPTED, 3, batch[-1].event_hash]


def test_what_was_sent_before_is_passed_over():
    batch = run_of(1, 5)
    found = take_in(batch, end=end_of(batch[:3]), held=held_of(batch[:3]))
    assert (seqs(found.fresh), found.aside) == ([4, 5], ())


def test_another_version_is_kept_aside_with_what_follows_it():
    held = run_of(1, 3)
    other = run_of(3, 5, branch=b"other", before=held[1].event_hash)
    found = take_in(other, end=end_of(held), held=held_of(held))
    assert (found.fresh, seqs(found.aside), found.suspends) == ((), [3, 4, 5], True)
    assert dcbor.decode(found.answer)[1] == SET_ASIDE


def test_a_phone_that_is_not_trusted_is_set_aside_and_not_suspended_again():
    held = run_of(1, 2)
    later = run_of(3, 4, before=held[-1].event_hash)
    found = take_in(later, end=end_of(held, is_active=False), held={})
    assert (found.fresh, seqs(found.aside), found.suspends) == ((), [3, 4], False)


def test_what_faded_is_neither_new_nor_a_fork():
    batch = run_of(1, 4)
    found = take_in(batch, end=end_of(batch[:3]), held={})
    assert (seqs(found.fresh), found.aside) == ([4], ())


def test_what_does_not_go_on_from_the_last_faded_event_is_a_fork():
    batch = run_of(4, 5, before=sha256(b"another end").digest())
    found = take_in(batch, end=JournalEnd(4, FIRST, is_active=True), held={})
    assert (found.fresh, seqs(found.aside), found.suspends) == ((), [4, 5], True)


@pytest.mark.parametrize(
    "seq, previous, held_before, expected",
    [
        (1, FIRST, {FIRST}, (1, FIRST)),
        (3, b"a", {b"a", b"b"}, (3, b"a")),
        (3, b"x", {b"a"}, (9, b"end")),
        (3, b"x", set(), (3, b"x")),
        (12, b"x", set(), (9, b"end")),
        (0, b"x", set(), (9, b"end")),
        (True, b"x", set(), (9, b"end")),
        (2**63, b"x", {b"x"}, (9, b"end")),
        ("3", b"x", {b"x"}, (9, b"end")),
        (3, None, {b"x"}, (9, b"end")),
    ],
)
def test_where_a_batch_must_begin(seq, previous, held_before, expected):
    end = JournalEnd(9, b"end", is_active=True)
    assert begins_at(seq, previous, end=end, held_before=held_before) == expected
