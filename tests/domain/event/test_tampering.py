"""Whoever touches a journal or a document is noticed: dropped, moved, changed, repeated, forged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from despensa.domain.device import certificate_hash, verify_certificate
from despensa.domain.encoding import cose, dcbor
from despensa.domain.event import (
    ChainError,
    EventKind,
    Means,
    event_hash,
    verify_chain,
    verify_event,
)
from despensa.domain.event.sealing import (
    BATCH_MAX,
    EventSealBroken,
    Lane,
    SealedBatch,
    decode_batch,
    encode_batch,
    next_chain_key,
    open_events,
    seal_event,
)
from despensa.domain.lease import verify_lease
from despensa.domain.receipt import Receipt, ReceiptKind, sign_receipt, verify_receipt
from despensa.domain.refusal import Offered, RefusalReason
from tests.factories import field

LENGTH = 6
CERTIFICATE = field.certificate_bytes()
START = certificate_hash(CERTIFICATE)
LANE = Lane(field.DEVICE, field.LEASE)
NOT_VERIFIED = (cose.MalformedSignature, cose.UnknownKey, cose.BadSignature)
few = settings(max_examples=60)


def a_journal():
    previous, events = START, []
    for seq in range(1, LENGTH + 1):
        events.append(
            field.event_bytes(
                field.an_event(
                    seq,
                    previous,
                    kind=EventKind.REFUSED,
                    reason=RefusalReason.UNREADABLE,
                    means=Means.CAMERA,
                )
            )
        )
        previous = event_hash(events[-1])
    return events


JOURNAL = a_journal()


def a_refusal():
    return sign_receipt(
        Receipt(
            kind=ReceiptKind.REFUSED,
            workspace_id=field.WORKSPACE,
            content_hash=bytes(32),
            day=field.DAY,
            serial="A-1",
            reason=RefusalReason.UNKNOWN,
            appeal_until=field.DAY + 30,
            point_id=field.POINT,
            offered=Offered.SUPERVISED,
        ),
        public_key=field.PHONE.public,
        signer=field.PHONE.sign,
        certificate=CERTIFICATE,
    )


def verified(events, *, seq=1, previous=START):
    return verify_chain(events, certificate=field.a_certificate(), seq=seq, previous_hash=previous)


def test_an_untouched_journal_verifies_in_any_cut():
    for cut in range(LENGTH + 1):
        head = verified(JOURNAL[:cut])
        last = head[-1].event_hash if head else START
        tail = verified(JOURNAL[cut:], seq=cut + 1, previous=last)
        assert [item.data for item in head + tail] == JOURNAL


@few
@given(st.permutations(range(LENGTH)))
def test_any_other_order_is_noticed(order):
    events = [JOURNAL[place] for place in order]
    if events == JOURNAL:
        return

    with pytest.raises(ChainError):
        verified(events)


@few
@given(st.sets(st.integers(0, LENGTH - 2), min_size=1))
def test_any_hole_is_noticed(dropped):
    events = [data for place, data in enumerate(JOURNAL) if place not in dropped]

    with pytest.raises(ChainError):
        verified(events)


@few
@given(st.integers(0, LENGTH - 1), st.integers(0, LENGTH))
def test_any_repetition_is_noticed(repeated, place):
    events = [*JOURNAL[:place], JOURNAL[repeated], *JOURNAL[place:]]

    with pytest.raises(ChainError):
        verified(events)


@few
@given(st.integers(0, LENGTH - 1), st.data())
def test_any_flipped_bit_is_noticed(place, data):
    touched = JOURNAL[place]
    events = [*JOURNAL[:place], flipped(data, touched), *JOURNAL[place + 1 :]]

    with pytest.raises(ChainError):
        verified(events)


def flipped(data, document):
    place = data.draw(st.integers(0, len(document) - 1))
    bit = data.draw(st.integers(0, 7))
    return document[:place] + bytes([document[place] ^ 1 << bit]) + document[place + 1 :]


def test_a_journal_rewritten_by_its_own_phone_does_not_fit_what_was_seen():
    rewritten = field.event_bytes(field.an_event(2, event_hash(JOURNAL[0]), paper_serial="B"))

    with pytest.raises(ChainError):
        verified([JOURNAL[0], rewritten, *JOURNAL[2:]])


@few
@given(st.data())
def test_any_flipped_bit_of_a_document_is_noticed(data):
    keys = field.AUTHORITY.ring
    document, verify = data.draw(
        st.sampled_from(
            [
                (field.event_bytes(), lambda x: verify_event(x, certificate=field.a_certificate())),
                (field.lease_bytes(), lambda x: verify_lease(x, authority_keys=keys)),
                (a_refusal(), lambda x: verify_receipt(x, authority_keys=keys)),
                (CERTIFICATE, lambda x: verify_certificate(x, authority_keys=keys)),
            ]
        )
    )

    with pytest.raises(NOT_VERIFIED):
        verify(flipped(data, document))


@few
@given(st.binary(max_size=300))
def test_no_bytes_of_a_stranger_make_a_reader_stumble(data):
    for verify in (
        lambda: verify_event(data, certificate=field.a_certificate()),
        lambda: verify_receipt(data, authority_keys=field.AUTHORITY.ring),
        lambda: verify_lease(data, authority_keys=field.AUTHORITY.ring),
        lambda: decode_batch(data),
    ):
        with pytest.raises(NOT_VERIFIED):
            verify()


values = st.recursive(
    st.one_of(st.integers(-3, 2**64), st.binary(max_size=40), st.text("ab", max_size=4), st.none()),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150)
@given(st.integers(0, 19), values)
def test_a_phone_that_signs_nonsense_is_refused_in_order(key, value):
    payload = dcbor.decode(cose.parse(field.event_bytes()).payload) | {key: value}
    try:
        data = cose.sign(
            payload,
            label=b"despensa/event/1",
            public_key=field.PHONE.public,
            signer=field.PHONE.sign,
        )
    except dcbor.EncodingError:
        return

    try:
        event = verify_event(data, certificate=field.a_certificate())
    except cose.MalformedSignature:
        return
    assert field.event_bytes(event) == data


def sealed_journal(first_key):
    key, sealed = first_key, []
    for place, data in enumerate(JOURNAL, start=1):
        sealed.append(seal_event(data, chain_key=key, lane=LANE, place=place))
        key = next_chain_key(key)
    return sealed


@few
@given(st.integers(1, LENGTH), st.integers(1, LENGTH))
def test_a_sealed_batch_opens_from_any_place(first, last):
    sealed = sealed_journal(bytes(32))[first - 1 : last]
    if not sealed:
        return
    batch = SealedBatch(LANE, bytes(80), first, tuple(sealed))

    opened = open_events(decode_batch(encode_batch(batch)), first_chain_key=bytes(32))

    assert list(opened) == JOURNAL[first - 1 : last]


@few
@given(st.data())
def test_any_flipped_bit_of_a_sealed_event_is_noticed(data):
    sealed = sealed_journal(bytes(32))
    sealed[0] = flipped(data, sealed[0])

    with pytest.raises(EventSealBroken):
        open_events(SealedBatch(LANE, bytes(80), 1, tuple(sealed)), first_chain_key=bytes(32))


def test_a_batch_has_a_largest_size():
    batch = SealedBatch(LANE, bytes(80), 1, (b"x",) * (BATCH_MAX + 1))

    with pytest.raises(cose.MalformedSignature, match="1 to 500"):
        decode_batch(encode_batch(batch))
