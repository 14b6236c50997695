"""
Merging what phones report into the ledger: posted, replayed, excess or fork, per event.

This is the readable form, one event at a time; records hold a set-based twin, proven equal. A
lease belongs to one phone, so what a phone may post depends on its own lease alone and the order
in which phones report does not matter. Goods that left the shelf are never dropped: what no lease
row covers is booked to *emergency* if two people answer for it, otherwise to *loss under
investigation*. Source: docs/explanation/design.md sections 7.6 to 7.9 and 8.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from despensa.domain.event import Event, EventKind, VerifiedEvent
from despensa.domain.payload import Goods

RowKey = tuple[bytes, bytes, int]
AccountUnit = tuple[bytes, int]


class Outcome(Enum):
    """What became of an event."""

    POSTED = "posted"
    REPLAYED = "replayed"
    EXCESS = "excess"
    FORK = "fork"


class Book(Enum):
    """Which account the goods of a posting are taken from."""

    ENTITLEMENT = "entitlement"
    EMERGENCY = "emergency"
    LOSS = "loss under investigation"


class CaseCause(Enum):
    """Why an event opens a case."""

    NO_ENTITLEMENT = "the tag has no account"
    OTHER_LEASE = "the entitlement is not in this phone's lease"
    OVER_LEASE = "the lease's quantity was already handed over"
    OVER_BALANCE = "the account has nothing left"
    RELEASED_SPENT = "another phone released what it had handed over, or released it twice"
    RELEASED_FREED = "another phone released what the office had given to a third one"
    FORKED_JOURNAL = "the phone's journal has two versions"


@dataclass(frozen=True, slots=True)
class MergeEvent:
    """The part of a verified event that merging looks at."""

    event_id: bytes
    device_id: bytes
    seq: int
    event_hash: bytes
    kind: EventKind
    session_id: bytes
    lease_id: bytes | None = None
    tag: bytes | None = None
    goods: Goods = ()
    is_supervised: bool = False


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """
    One line of a lease: the quantity it holds and what was claimed against it so far.

    A line that was taken over names the lease it came from (`origin`) and what of it was not there
    any more (`spent`, part of `claimed`); `is_freed` says that the office had written it off before.
    What a line released counts as claimed.
    """

    quantity: int
    claimed: int = 0
    spent: int = 0
    origin: bytes | None = None
    is_freed: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """What an entitlement account holds, and what the sweep to the fund took from it."""

    available: int
    swept: int = 0


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """
    What the ledger knows before a batch.

    `hashes_by_place` and `hashes_by_id` hold the hashes stored for (device, seq) and for an event
    id, of which a fork has several; `accounts` maps every known tag to its account (None: known
    and not entitled); `lease_devices` maps leases, in whatever state, to their phone.
    """

    accounts: Mapping[bytes, bytes | None] = field(default_factory=dict)
    balances: Mapping[AccountUnit, Balance] = field(default_factory=dict)
    lease_devices: Mapping[bytes, bytes] = field(default_factory=dict)
    lease_rows: Mapping[RowKey, LeaseRow] = field(default_factory=dict)
    hashes_by_place: Mapping[tuple[bytes, int], frozenset[bytes]] = field(default_factory=dict)
    hashes_by_id: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posting:
    """
    One line of a delivery in the ledger.

    `account_id` is the entitlement account debited (ENTITLEMENT) or concerned (otherwise, where
    known); `row` is the lease line the claim counts against; `from_sweep` is the part that must
    first come back from the fund.
    """

    book: Book
    unit: int
    quantity: int
    account_id: bytes | None = None
    row: RowKey | None = None
    from_sweep: int = 0


@dataclass(frozen=True, slots=True)
class MergeOutcome:
    """
    What became of one event; `cause` says why there is a case, if there is one.

    `blamed` is the phone whose doing an excess is: another one's that released what was spent.
    """

    event: MergeEvent
    outcome: Outcome
    postings: tuple[Posting, ...] = ()
    cause: CaseCause | None = None
    blamed: bytes | None = None

    @property
    def event_id(self) -> bytes:
        """Return the event's id."""
        return self.event.event_id


def merge_event(verified: VerifiedEvent) -> MergeEvent:
    """Return the part of a verified event that merging looks at."""
    event: Event = verified.event
    return MergeEvent(
        event_id=event.event_id,
        device_id=event.device_id,
        seq=event.seq,
        event_hash=verified.event_hash,
        kind=event.kind,
        session_id=event.session_id,
        lease_id=event.lease_id,
        tag=event.tag,
        goods=event.goods or (),
        is_supervised=event.is_supervised,
    )


def moved(
    before: LeaseRow, held: LeaseRow | None, *, origin: bytes, is_freed: bool
) -> tuple[LeaseRow, LeaseRow]:
    """
    Return a released line and the one of the phone that took over, after the move.

    `held` is the line the other phone had of the same right before, if it had one; `is_freed` says
    that the office had written the released line off, so that a third phone may hold it by now.
    Holds: what the two lines still give together is what they gave before, or less.
    """
    left = 0 if is_freed else max(before.quantity - before.claimed, 0)
    after_move = replace(before, claimed=max(before.claimed, before.quantity))
    if held is None:
        spent = before.quantity - left
        return after_move, LeaseRow(before.quantity, spent, spent, origin, is_freed)
    claimed = max(held.claimed - left, 0)
    taken = replace(held, claimed=claimed, spent=claimed, origin=origin, is_freed=is_freed)
    return after_move, taken


def merge(events: Iterable[MergeEvent], facts: MergeFacts) -> tuple[MergeOutcome, ...]:
    """
    Return what becomes of a batch of verified events of any number of phones.

    Events are taken in the order (device, sequence, hash), whatever their order in the batch; a
    lease line is posted while the sum of all claims against it stays within its quantity.

    Shape: one outcome per event, in the order in which they were taken.
    Holds: every delivered quantity appears in exactly one posting of a not replayed outcome;
        honest phones get no EXCESS; a repeated batch gets REPLAYED throughout.
    """
    outcomes: list[MergeOutcome] = []
    for event in sorted(events, key=lambda item: (item.device_id, item.seq, item.event_hash)):
        outcome = _merge_one(event, facts)
        facts = after(facts, [outcome])
        outcomes.append(outcome)
    return tuple(outcomes)


def after(facts: MergeFacts, outcomes: Sequence[MergeOutcome]) -> MergeFacts:
    """Return what the ledger knows once outcomes were recorded."""
    rows, balances = dict(facts.lease_rows), dict(facts.balances)
    places, ids = dict(facts.hashes_by_place), dict(facts.hashes_by_id)
    for item in outcomes:
        event = item.event
        place = (event.device_id, event.seq)
        places[place] = places.get(place, frozenset()) | {event.event_hash}
        ids[event.event_id] = ids.get(event.event_id, frozenset()) | {event.event_hash}
        for posting in item.postings:
            if posting.row is not None:
                row = rows[posting.row]
                rows[posting.row] = replace(row, claimed=row.claimed + posting.quantity)
            if posting.book is Book.ENTITLEMENT and posting.account_id is not None:
                key = (posting.account_id, posting.unit)
                balance = balances[key]
                balances[key] = Balance(
                    available=balance.available + posting.from_sweep - posting.quantity,
                    swept=balance.swept - posting.from_sweep,
                )
    return replace(
        facts,
        lease_rows=rows,
        balances=balances,
        hashes_by_place=places,
        hashes_by_id=ids,
    )


def _merge_one(event: MergeEvent, facts: MergeFacts) -> MergeOutcome:
    at_place = facts.hashes_by_place.get((event.device_id, event.seq), frozenset())
    under_id = facts.hashes_by_id.get(event.event_id, frozenset())
    if event.event_hash in at_place:
        return MergeOutcome(event, Outcome.REPLAYED)
    if at_place or under_id:
        postings = tuple(
            Posting(Book.LOSS, unit, quantity) for unit, quantity in _delivered_goods(event)
        )
        return MergeOutcome(event, Outcome.FORK, postings, CaseCause.FORKED_JOURNAL)
    lines = [_line(event, unit, quantity, facts) for unit, quantity in _delivered_goods(event)]
    postings = tuple(posting for posting, _ in lines)
    cause = next((cause for _, cause in lines if cause is not None), None)
    if any(posting.book is Book.LOSS for posting in postings):
        return MergeOutcome(event, Outcome.EXCESS, postings, cause, _blamed(lines, event, facts))
    return MergeOutcome(event, Outcome.POSTED, postings)


def _blamed(
    lines: Sequence[tuple[Posting, CaseCause | None]], event: MergeEvent, facts: MergeFacts
) -> bytes:
    """Return the phone whose doing an excess is: this one's, unless every fault is another's."""
    faults = [(posting, cause) for posting, cause in lines if posting.book is Book.LOSS]
    if any(cause is not CaseCause.RELEASED_SPENT for _, cause in faults):
        return event.device_id
    [(posting, _), *_] = faults
    key = posting.row
    seen: set[bytes] = set()
    while key is not None and key[0] not in seen:
        seen.add(key[0])
        row = facts.lease_rows.get(key)
        origin = None if row is None else row.origin
        if row is None or origin is None:
            break
        before = facts.lease_rows.get((origin, *key[1:]))
        key = (origin, *key[1:])
        # who passes on no more than it was told is spent did nothing
        if before is None or row.spent > before.spent:
            break
    return facts.lease_devices.get(key[0], event.device_id) if key else event.device_id


def _delivered_goods(event: MergeEvent) -> Goods:
    return event.goods if event.kind is EventKind.DELIVERED else ()


def _line(
    event: MergeEvent, unit: int, quantity: int, facts: MergeFacts
) -> tuple[Posting, CaseCause | None]:
    """Return the posting of one line of a delivery, and why it is not the entitlement's."""
    uncovered = Book.EMERGENCY if event.is_supervised else Book.LOSS
    account = None if event.tag is None else facts.accounts.get(event.tag)
    if account is None:
        return Posting(uncovered, unit, quantity), CaseCause.NO_ENTITLEMENT
    key = None if event.lease_id is None else (event.lease_id, account, unit)
    row = None if key is None else facts.lease_rows.get(key)
    is_own = facts.lease_devices.get(event.lease_id or b"") == event.device_id
    if row is None or not is_own:
        return Posting(uncovered, unit, quantity, account), CaseCause.OTHER_LEASE
    if row.claimed + quantity > row.quantity:
        if row.is_freed and row.claimed - row.spent + quantity <= row.quantity:
            posting = Posting(Book.EMERGENCY, unit, quantity, account, key)
            return posting, CaseCause.RELEASED_FREED
        is_own = row.claimed - row.spent + quantity > row.quantity
        cause = CaseCause.OVER_LEASE if is_own else CaseCause.RELEASED_SPENT
        return Posting(uncovered, unit, quantity, account, key), cause
    balance = facts.balances.get((account, unit), Balance(0))
    if quantity > balance.available + balance.swept:
        return Posting(uncovered, unit, quantity, account, key), CaseCause.OVER_BALANCE
    from_sweep = max(0, quantity - balance.available)
    return Posting(Book.ENTITLEMENT, unit, quantity, account, key, from_sweep), None
