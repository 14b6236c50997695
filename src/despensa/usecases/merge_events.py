"""
Merge accepted events: redemptions, transfers, evidence and leaf, all or none.

1 take up to 500 events from the inbox · 2 post the deliveries that raise no question in one
statement, decide the others with the domain's readable form · 3 record evidence, leaf and totals.
Killed anywhere, the events are still in the inbox. Source: docs/explanation/design.md, 7.8.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.encoding import dcbor
from despensa.domain.event import EventKind
from despensa.domain.event.sealing import evidence_info, seal_evidence
from despensa.domain.ports.keeper import CycleKeeper
from despensa.domain.redemption.merge import MergeEvent, Outcome, merge
from despensa.domain.transparency.entry import Act, private_entry
from despensa.records import journal_store
from despensa.records.databases import DATABASE_NUMBER, LEDGER
from despensa.records.redemption import merge_store as store
from despensa.records.service_points import store as service_points

BATCH_MAX = 500
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


def merge_events(*, acting: Acting, cycles: CycleKeeper, limit: int = BATCH_MAX) -> Merged:
    """Return what was merged; 0 events mean that the inbox is empty."""
    with transaction.atomic(using=LEDGER):
        batch = store.take(limit)
        if not batch:
            return Merged(0, 0, 0)
        places = store.places(list({row.session for row in batch if row.session is not None}))
        questions = store.post_clean(batch)
        excess = _decide([row for row in batch if row.position in questions], places, acting)
        store.post_scans_without_delivery(batch)
        _end_leases(batch)
        _keep_evidence(batch, places, acting, cycles)
        act = Act(DATABASE_NUMBER[LEDGER], acting.at, acting.actor, "merge_events")
        hashes = [row.hash for row in batch]
        journal_store.append(
            LEDGER,
            [private_entry(act, entry=acting.new_id(), salt=acting.new_salt(), rows=hashes)],
        )
        journal_store.post(LEDGER, _messages(batch, places, acting))
        store.leave_inbox(batch)
    delivered = sum(row.kind == EventKind.DELIVERED for row in batch)
    return Merged(len(batch), delivered - excess, excess)


def _decide(
    rows: Sequence[store.InboxRow], places: Mapping[UUID, store.SessionPlace], acting: Acting
) -> int:
    """Return how many of the events that raise a question ended as excess."""
    if not rows:
        return 0
    events = [_merge_event(row) for row in rows]
    outcomes = merge(events, store.facts(events))
    placed = [(outcome, places.get(UUID(bytes=outcome.event.session_id))) for outcome in outcomes]
    postings = sum(len(outcome.postings) for outcome in outcomes)
    store.write_outcomes(
        placed,
        transfer_ids=[acting.new_id() for _ in range(postings)],
        case_ids=[acting.new_id() for _ in placed],
        now=acting.at,
    )
    return sum(outcome.outcome is Outcome.EXCESS for outcome in outcomes)


def _merge_event(row: store.InboxRow) -> MergeEvent:
    return MergeEvent(
        event_id=row.event.bytes,
        device_id=row.device.bytes,
        seq=row.seq,
        event_hash=row.hash,
        kind=EventKind(row.kind),
        session_id=bytes(16) if row.session is None else row.session.bytes,
        lease_id=None if row.lease is None else row.lease.bytes,
        tag=row.tag,
        goods=tuple(zip(row.units, row.quantities, strict=True)),
        is_supervised=row.supervised,
    )


def _end_leases(batch: Sequence[store.InboxRow]) -> None:
    returned = [
        row.lease for row in batch if row.kind == EventKind.LEASE_RETURNED and row.lease is not None
    ]
    if returned:
        service_points.end_leases(returned, state=service_points.RETURNED)


def _keep_evidence(
    batch: Sequence[store.InboxRow],
    places: Mapping[UUID, store.SessionPlace],
    acting: Acting,
    cycles: CycleKeeper,
) -> None:
    """Seal the signed events to their cycle's key; without a session, to the inbox key."""
    by_cycle: dict[UUID | None, list[store.InboxRow]] = defaultdict(list)
    for row in batch:
        place = None if row.session is None else places.get(row.session)
        by_cycle[None if place is None else place.cycle].append(row)
    batches: list[tuple[UUID, UUID | None, bytes]] = []
    evidence: list[tuple[UUID, UUID, int, bytes]] = []
    for cycle, rows in by_cycle.items():
        batch_id = acting.new_id()
        owner = bytes(16) if cycle is None else cycle.bytes
        key, sealed_key = cycles.chunk_key(
            None if cycle is None else owner,
            info=evidence_info(cycle_id=owner, batch_id=batch_id.bytes),
        )
        sealed = seal_evidence([(row.event.bytes, row.data) for row in rows], batch_key=key)
        batches.append((batch_id, cycle, sealed_key))
        evidence.extend(
            (row.event, batch_id, number, data)
            for number, (row, data) in enumerate(zip(rows, sealed, strict=True))
        )
    store.write_evidence(batches, evidence)


def _messages(
    batch: Sequence[store.InboxRow], places: Mapping[UUID, store.SessionPlace], acting: Acting
) -> list[journal_store.Message]:
    """Return totals per point for the registry, and cards that were handed over at a point."""
    counts: Counter[tuple[UUID, str]] = Counter()
    for row in batch:
        name = _SCANS.get(EventKind(row.kind))
        if name is not None and row.session in places and row.session is not None:
            counts[(row.session, name)] += 1
    totals = [
        [
            places[session].cycle.bytes,
            places[session].point.bytes,
            dict(places[session].names),
            places[session].day.isoformat(),
            name,
            count,
        ]
        for (session, name), count in sorted(counts.items(), key=str)
    ]
    numbers = [
        row.card_number
        for row in batch
        if row.kind == EventKind.CARD_HANDED_OVER and row.card_number is not None
    ]
    messages = []
    if totals:
        messages.append((TOTALS_TOPIC, dcbor.encode(totals)))
    if numbers:
        messages.append((HANDED_OVER_TOPIC, dcbor.encode(numbers)))
    return [journal_store.Message(acting.new_id(), topic, data) for topic, data in messages]
