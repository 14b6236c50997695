"""
Accept a batch of events from a phone: durable once this returns.

0 asked before? the same answer bytes · 1 open and verify signatures and chain · 2 compare with
what the phone sent before · 3 write inbox and answer in one transaction, and move what one phone
released to another, so that it lies where it may be claimed before any claim is merged. Nothing else
is decided here; `merge_events` does that. Source: docs/explanation/design.md, sections 7.6 and 7.8.
"""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from despensa.domain import device as certificates
from despensa.domain.act import Acting
from despensa.domain.encoding import cose, dcbor
from despensa.domain.event import (
    Event,
    EventKind,
    VerifiedEvent,
    event_hash,
    intake,
    verify_chain,
    verify_event,
)
from despensa.domain.event.sealing import SealedBatch, decode_batch, inbox_info, open_events
from despensa.domain.ports.keeper import Signatory
from despensa.domain.redemption.take_over import is_release_for
from despensa.records.databases import LEDGER
from despensa.records.redemption import store
from despensa.records.service_points import move_store
from despensa.records.service_points import store as service_points

ACCEPTED, SET_ASIDE = intake.ACCEPTED, intake.SET_ASIDE


class UnknownDevice(PermissionError):
    """No phone with this id was enrolled here."""


def accept_events(data: bytes, *, acting: Acting, signatory: Signatory) -> bytes:
    """
    Return the answer to a batch: DCBOR [1, verdict, last sequence taken in, its event hash].

    A batch sent twice gets the same bytes. Verdict 2 says that the events are kept but set
    aside: the phone's journal has two versions, or the phone is suspended.
    Raises: MalformedSignature, EventSealBroken, ChainError when the batch is not what an enrolled
        phone wrote; UnknownDevice. Nothing is stored then.
    """
    digest = hashlib.sha256(data).digest()
    batch = decode_batch(data)
    with transaction.atomic(using=LEDGER):
        device = service_points.lock_device(UUID(bytes=batch.lane.device_id))
        if device is None:
            raise UnknownDevice("This phone is not enrolled here.")
        answered = store.known_answer(digest)
        if answered is not None:
            return answered
        events = _opened(batch, signatory)
        verified = _verified(events, device, signatory)
        return _take_in(verified, device, digest, acting, signatory)


def _opened(batch: SealedBatch, signatory: Signatory) -> tuple[bytes, ...]:
    first_key = signatory.open_inbox(batch.wrapped_key, info=inbox_info(batch.lane))
    return open_events(batch, first_chain_key=first_key)


def _verified(
    events: tuple[bytes, ...], device: service_points.DeviceRow, signatory: Signatory
) -> tuple[VerifiedEvent, ...]:
    """Return the events checked from the place where the batch begins, old or new."""
    certificate = certificates.verify_certificate(
        device.certificate, authority_keys=signatory.public_keys().authority_ring()
    )
    seq, previous = _place(events[0], device)
    return verify_chain(events, certificate=certificate, seq=seq, previous_hash=previous)


def _place(event: bytes, device: service_points.DeviceRow) -> tuple[int, bytes]:
    """Return where the batch must begin, by what its first event says."""
    payload: Mapping[int, object] = dcbor.decode(cose.parse(event).payload)
    seq, previous = payload.get(3), payload.get(4)
    held: set[bytes] = set()
    if seq == 1:
        held = {certificates.certificate_hash(device.certificate)}
    elif type(seq) is int and 0 < seq < intake.SEQ_END:
        held = store.branches_at(device.id, seq - 1)
    return intake.begins_at(seq, previous, end=_end(device), held_before=held)


def _end(device: service_points.DeviceRow) -> intake.JournalEnd:
    is_active = device.state == service_points.ACTIVE
    return intake.JournalEnd(device.next_seq, device.last_hash, is_active)


def _take_in(
    verified: tuple[VerifiedEvent, ...],
    device: service_points.DeviceRow,
    digest: bytes,
    acting: Acting,
    signatory: Signatory,
) -> bytes:
    known = store.hashes_at(device.id, verified[0].event.seq, verified[-1].event.seq)
    found = intake.take_in(verified, end=_end(device), held=known)
    if found.aside:
        store.add_forks(device.id, [(acting.new_id(), item) for item in found.aside])
    if found.suspends:
        service_points.suspend_device(device.id)
    last = verified[-1].event
    store.add_to_inbox(device.id, found.fresh, last=last.seq, digest=digest, answer=found.answer)
    if found.fresh:
        service_points.advance_device(
            device.id,
            next_seq=last.seq + 1,
            last_hash=verified[-1].event_hash,
            now=acting.at,
        )
    for item in found.fresh:
        if item.event.handover is not None:
            _move(item.event, item.event_hash, signatory)
    return found.answer


def _move(event: Event, digest: bytes, signatory: Signatory) -> None:
    """Move what a phone released; a taking over moves it by the release it holds, if that is good."""
    handover = event.handover
    if handover is None:
        return
    if event.kind is EventKind.ROW_RELEASED:
        _move_by(event, digest)
        return
    certificate = move_store.certificate_of(UUID(bytes=handover.other_device_id))
    if certificate is None or handover.release is None:
        return
    other = certificates.verify_certificate(
        certificate, authority_keys=signatory.public_keys().authority_ring()
    )
    try:
        release = verify_event(handover.release, certificate=other)
    except (cose.MalformedSignature, cose.UnknownKey, cose.BadSignature):
        return
    if is_release_for(release, event):
        _move_by(release, event_hash(handover.release))


def _move_by(release: Event, digest: bytes) -> None:
    handover, origin = release.handover, release.lease_id
    if handover is None or handover.other_lease_id is None or origin is None:
        return
    move_store.move_rows(
        move_store.Release(
            digest=digest,
            device=UUID(bytes=release.device_id),
            origin=UUID(bytes=origin),
            other=UUID(bytes=handover.other_device_id),
            taker=UUID(bytes=handover.other_lease_id),
            tags=handover.tags,
        )
    )
