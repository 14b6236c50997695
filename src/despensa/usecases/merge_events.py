"""
Merge accepted events: redemptions, transfers, evidence and leaf, all or none.

1 take up to 500 events from the inbox · 2 post the deliveries that raise no question in one
statement, decide the others with the domain's readable form · 3 record evidence, leaf and totals.
Killed anywhere, the events are still in the inbox. Source: docs/explanation/design.md, 7.8.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction

from despensa.domain.act import Acting
from despensa.domain.encoding import dcbor
from despensa.domain.event import EventKind
from despensa.domain.event.sealing import evidence_info, seal_evidence
from despensa.domain.ports.keeper import CycleKeeper
from despensa.domain.redemption.merge import MergeEvent, Outcome, merge
from despensa.domain.transparency.entry import private_entry
from despensa.records import journal_store
from despensa.records.bulk import pipelined
from despensa.records.databases import LEDGER
from despensa.records.redemption import merge_store as store
from despensa.records.service_points import store as service_points

BATCH_MAX = 500
COLLISIONS_MAX = 3
LANES = store.LANES
TOTALS_TOPIC = "cycle_totals"
HANDED_OVER_TOPIC = "cards_handed_over"
_SCANS = {EventKind.DELIVERED: "delivered", EventKind.REFUSED: "refused",
          EventKind.ABORTED: "aborted"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Merged:
    """How many events were merged, and how the deliveries among them ended."""

    events: int
    posted: int
    excess: int


def merge_events(
    *, acting: Acting, cycles: CycleKeeper, limit: int = BATCH_MAX, first_lane: int = 0
) -> Merged:
    """
    Return what was merged; 0 events mean that nothing waits that no other worker has in hand.

    Several workers may run at once, best each with another `first_lane`. A batch that collides
    with another worker's on an account is rolled back and tried again.
    """
    for step in range(LANES):
        merged = _merged_in_time((first_lane + step) % LANES, acting, cycles, limit)
        if merged.events:
            return merged
    return Merged(0, 0, 0)


def _merged_in_time(lane: int, acting: Acting, cycles: CycleKeeper, limit: int) -> Merged:
    for attempt in range(COLLISIONS_MAX):
        try:
            return _merge_lane(lane, acting, cycles, limit, is_careful=attempt > 0)
        except (store.Torn, IntegrityError, OperationalError):
            # fits in part, overdraft, a point without account, or deadlock: now with care, and
            # the other worker's work is visible
            continue
    return _merge_lane(lane, acting, cycles, limit, is_careful=True)


def _merge_lane(
    lane: int, acting: Acting, cycles: CycleKeeper, limit: int, *, is_careful: bool
) -> Merged:
    with transaction.atomic(using=LEDGER):
        if not store.hold_lane(lane):
            return Merged(0, 0, 0)
        if is_careful:
            _set_collisions_aside(lane, limit, acting)
        batch = store.take_and_post(lane, limit, is_careful=is_careful, batch_id=acting.new_id())
        if not batch:
            return Merged(0, 0, 0)
        at_session = _by_session(batch)
        places = store.places([session for session in at_session if session is not None])
        excess = _decide([row for row in batch if row.has_question], places, acting)
        others = [row for row in batch if row.kind != EventKind.DELIVERED]
        _post_other_scans(others, places)
        _end_leases(others)
        evidence = _evidence(at_session, places, acting, cycles)
        entry = private_entry(
            journal_store.act(LEDGER, "merge_events", acting),
            entry=acting.new_id(),
            salt=acting.new_salt(),
            rows=[row.hash for row in batch],
        )
        with pipelined(LEDGER):
            span = (lane, batch[0].position, batch[-1].position)
            store.write_evidence(evidence, entry=entry.entry, span=span)
            journal_store.append(LEDGER, [entry])
            journal_store.post(LEDGER, _messages(at_session, others, places, acting))
    return Merged(len(batch), len(batch) - len(others) - excess, excess)


def _set_collisions_aside(lane: int, limit: int, acting: Acting) -> None:
    """Keep events out of the books whose id another event bears: no honest phone writes one."""
    for device in store.set_collisions_aside(lane, limit, batch_id=acting.new_id()):
        service_points.suspend_device(device)


def _by_session(batch: Sequence[store.InboxRow]) -> dict[bytes | None, list[store.InboxRow]]:
    groups: dict[bytes | None, list[store.InboxRow]] = defaultdict(list)
    for row in batch:
        groups[row.session].append(row)
    return groups


def _decide(
    rows: Sequence[store.InboxRow], places: Mapping[bytes, store.SessionPlace], acting: Acting
) -> int:
    """Return how many of the events that raise a question ended as excess."""
    if not rows:
        return 0
    events = [_merge_event(row) for row in rows]
    outcomes = merge(events, store.facts(events))
    placed = [(outcome, places.get(outcome.event.session_id)) for outcome in outcomes]
    postings = sum(
        1 + bool(posting.from_sweep) for outcome in outcomes for posting in outcome.postings
    )
    store.write_outcomes(
        placed,
        transfer_ids=[acting.new_id() for _ in range(postings)],
        case_ids=[acting.new_id() for _ in placed],
        now=acting.at,
    )
    return sum(outcome.outcome is Outcome.EXCESS for outcome in outcomes)


def _merge_event(row: store.InboxRow) -> MergeEvent:
    return MergeEvent(
        event_id=row.event,
        device_id=row.device.bytes,
        seq=row.seq,
        event_hash=row.hash,
        kind=EventKind(row.kind),
        session_id=row.session or bytes(16),
        lease_id=None if row.lease is None else row.lease.bytes,
        tag=row.tag,
        goods=tuple(zip(row.units, row.quantities, strict=True)),
        is_supervised=row.supervised,
    )


def _post_other_scans(
    others: Sequence[store.InboxRow], places: Mapping[bytes, store.SessionPlace]
) -> None:
    for kind, post in (
        (EventKind.REFUSED, store.post_refusals),
        (EventKind.ABORTED, store.post_aborted),
    ):
        rows = [
            (row, None if row.session is None else places.get(row.session))
            for row in others
            if row.kind == kind
        ]
        if rows:
            post(rows)


def _end_leases(others: Sequence[store.InboxRow]) -> None:
    returned = [
        row.lease
        for row in others
        if row.kind == EventKind.LEASE_RETURNED and row.lease is not None
    ]
    if returned:
        service_points.end_leases(returned, state=service_points.RETURNED)


def _evidence(
    at_session: Mapping[bytes | None, Sequence[store.InboxRow]],
    places: Mapping[bytes, store.SessionPlace],
    acting: Acting,
    cycles: CycleKeeper,
) -> list[tuple[UUID, UUID | None, bytes, list[bytes], list[bytes]]]:
    """
    Return the signed events sealed to their cycle's key.

    Without a session they are sealed to the inbox key, and so are those of a cycle that has
    faded: its key is gone, and the next round adds them to its closing sums.
    """
    by_cycle: dict[tuple[UUID | None, bool], list[store.InboxRow]] = defaultdict(list)
    for session, rows in at_session.items():
        place = None if session is None else places.get(session)
        by_cycle[(None, True) if place is None else (place.cycle, place.has_faded)].extend(rows)
    batches = []
    for (cycle, is_keyless), rows in by_cycle.items():
        batch_id = acting.new_id()
        owner = bytes(16) if cycle is None else cycle.bytes
        key, sealed_key = cycles.chunk_key(
            None if is_keyless else owner,
            info=evidence_info(cycle_id=owner, batch_id=batch_id.bytes),
        )
        sealed = seal_evidence([(row.event, row.data) for row in rows], batch_key=key)
        batches.append((batch_id, cycle, sealed_key, [row.event for row in rows], sealed))
    return batches


def _messages(
    at_session: Mapping[bytes | None, Sequence[store.InboxRow]],
    others: Sequence[store.InboxRow],
    places: Mapping[bytes, store.SessionPlace],
    acting: Acting,
) -> list[journal_store.Message]:
    """Return totals per point for the registry, and cards that were handed over at a point."""
    totals = []
    for session, place in sorted(places.items()):
        kinds = Counter(map(attrgetter("kind"), at_session[session]))
        totals += [
            [
                place.cycle.bytes,
                place.point.bytes,
                dict(place.names),
                place.day.isoformat(),
                name,
                kinds[kind],
            ]
            for kind, name in _SCANS.items()
            if kinds[kind]
        ]
    numbers = [
        row.card_number
        for row in others
        if row.kind == EventKind.CARD_HANDED_OVER and row.card_number is not None
    ]
    messages = []
    if totals:
        messages.append((TOTALS_TOPIC, dcbor.encode(totals)))
    if numbers:
        messages.append((HANDED_OVER_TOPIC, dcbor.encode(numbers)))
    return [journal_store.Message(acting.new_id(), topic, data) for topic, data in messages]
