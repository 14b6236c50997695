"""
The device journal as one chain: no event can be dropped, moved, changed or repeated unseen.

Decides whether a run of events continues a phone's journal exactly where the reader left it.
Source: docs/reference/formats.md section 4, keys 3 and 4; docs/explanation/design.md section 7.8.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from despensa.domain.device import DeviceCertificate
from despensa.domain.encoding.cose import BadSignature, MalformedSignature, UnknownKey
from despensa.domain.event.record import Event, event_hash, verify_event


class ChainError(ValueError):
    """The events do not continue the journal; `position` counts from 0 in the batch."""

    def __init__(self, position: int, complaint: str) -> None:
        """Complain about the event at a position."""
        super().__init__(f"event {position} of the batch {complaint}")
        self.position = position


class NotSigned(ChainError):
    """An event is malformed or not signed by the certified phone."""


class WrongDevice(ChainError):
    """An event names another phone than the one that signed it."""


class SequenceBroken(ChainError):
    """An event has another number than the next one: something is missing, moved or repeated."""


class LinkBroken(ChainError):
    """An event points to another event than the one before it: the journal has two versions."""


class IdentifierRepeated(ChainError):
    """Two events of the batch bear the same id."""


@dataclass(frozen=True, slots=True)
class VerifiedEvent:
    """An event whose signature and place in its phone's journal were checked."""

    event: Event
    event_hash: bytes
    data: bytes


def verify_chain(
    events: Sequence[bytes],
    *,
    certificate: DeviceCertificate,
    seq: int,
    previous_hash: bytes,
) -> tuple[VerifiedEvent, ...]:
    """
    Return the events of a batch that continues one phone's journal.

    `seq` is the number the first event must have and `previous_hash` what it must point to:
    H(certificate) for seq 1, otherwise a hash stored for seq - 1 (of either side of a fork). A
    batch that was sent before is verified from the place where it began, so that a repeated
    batch gets the same answer.

    Shape: one verified event per event, in their order.
    Holds: numbers rise by one, each event points to the hash of the one before, ids differ.
    Raises: NotSigned, WrongDevice, SequenceBroken, LinkBroken, IdentifierRepeated; of several
        faults the one in the earliest event, in this order. Nothing of the batch counts then.
    """
    verified: list[VerifiedEvent] = []
    seen: set[bytes] = set()
    for position, data in enumerate(events):
        try:
            event = verify_event(data, certificate=certificate)
        except (MalformedSignature, UnknownKey, BadSignature) as error:
            raise NotSigned(position, f"does not verify: {error}") from error
        if event.device_id != certificate.device_id:
            raise WrongDevice(position, "names another phone than the one that signed it")
        if event.seq != seq + position:
            raise SequenceBroken(position, f"has number {event.seq}, expected {seq + position}")
        if event.previous_hash != previous_hash:
            raise LinkBroken(position, "does not point to the event before it")
        if event.event_id in seen:
            raise IdentifierRepeated(position, "repeats the id of an earlier event")
        seen.add(event.event_id)
        previous_hash = event_hash(data)
        verified.append(VerifiedEvent(event, previous_hash, data))
    return tuple(verified)
