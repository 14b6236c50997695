"""
Taking a verified batch in: what is new, what was sent before, and what has two versions.

Decides what a batch adds to what the server holds of one phone's journal. Loading and writing are
the use case's work. Source: docs/explanation/design.md section 7.8; docs/reference/formats.md
section 4.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from despensa.domain.encoding import dcbor
from despensa.domain.event.chain import VerifiedEvent

ACCEPTED, SET_ASIDE = 1, 2
SEQ_END = 2**63


@dataclass(frozen=True, slots=True)
class JournalEnd:
    """How far a phone's journal was taken in, and whether the phone is trusted now."""

    next_seq: int
    last_hash: bytes
    is_active: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """
    What a batch adds.

    `fresh` are for the inbox; `aside` are kept and not merged: another version of what is held, or
    what a phone sent that is not trusted. `suspends` says that the phone's journal has two
    versions now.
    """

    fresh: tuple[VerifiedEvent, ...]
    aside: tuple[VerifiedEvent, ...]
    answer: bytes
    suspends: bool


def begins_at(
    seq: object, previous: object, *, end: JournalEnd, held_before: AbstractSet[bytes]
) -> tuple[int, bytes]:
    """
    Return the place where a batch must begin: after an event that is held, of whichever branch.

    `seq` and `previous` are what its first event says, unverified; `held_before` are the hashes
    held of the number before, for the first number that of the certificate. A batch that follows
    nothing that is held is held against the end of the journal, and fails there.
    """
    if not (type(seq) is int and 0 < seq < SEQ_END and isinstance(previous, bytes)):
        return end.next_seq, end.last_hash
    # where nothing is held any more the event before faded with its cycle
    if previous in held_before or (not held_before and seq < end.next_seq):
        return seq, previous
    return end.next_seq, end.last_hash


def take_in(
    verified: Sequence[VerifiedEvent], *, end: JournalEnd, held: Mapping[int, bytes]
) -> Intake:
    """
    Return what a batch adds to a journal that ends so.

    `held` maps the numbers of the batch to the hashes that are held there. What was taken in
    before and is not held any more has faded with its cycle.
    Shape: the batch is one run of the chain, with at least one event.
    Holds: every event is in exactly one of: fresh, aside, held already, faded.
    """
    forks = [item for item in verified if _is_other(item, held)]
    fresh = [
        item for item in verified if item.event.seq not in held and item.event.seq >= end.next_seq
    ]
    # what goes on from faded events goes on from the last one of them
    broken = [
        item
        for item in fresh
        if item.event.seq == end.next_seq and item.event.previous_hash != end.last_hash
    ]
    is_forked = bool(forks or broken)
    aside: list[VerifiedEvent] = []
    if is_forked or not end.is_active:
        aside, fresh = forks + fresh, []
    last = verified[-1]
    verdict = SET_ASIDE if is_forked or not end.is_active else ACCEPTED
    answer = dcbor.encode([1, verdict, last.event.seq, last.event_hash])
    return Intake(tuple(fresh), tuple(aside), answer, is_forked)


def _is_other(item: VerifiedEvent, held: Mapping[int, bytes]) -> bool:
    return item.event.seq in held and held[item.event.seq] != item.event_hash
