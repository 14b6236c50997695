"""The simulated office: its books and its log, kept by what the real one decides with."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from random import Random

from despensa.domain.device import DeviceCertificate
from despensa.domain.encoding import cose, dcbor
from despensa.domain.event import (
    ChainError,
    Event,
    EventKind,
    event_hash,
    intake,
    verify_chain,
    verify_event,
)
from despensa.domain.event.chain import VerifiedEvent
from despensa.domain.event.sealing import EventSealBroken, decode_batch, open_events
from despensa.domain.payload import Goods
from despensa.domain.redemption.merge import (
    Balance,
    LeaseRow,
    MergeEvent,
    MergeFacts,
    MergeOutcome,
    Outcome,
    after,
    merge,
    merge_event,
    moved,
)
from despensa.domain.redemption.take_over import is_release_for
from despensa.domain.transparency import journal, tree
from despensa.entrypoints.simulate.plants import Plant

PREPARED, RETURNED, EXPIRED, BROKEN = range(1, 5)
ACTIVE, SUSPENDED, REVOKED = range(1, 4)
GRACE_SECONDS = 72 * 3600
BATCH_MAX = 8
_OLD_CLOCK = 1_000_000_000


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A phone in the books."""

    certificate: DeviceCertificate
    first_hash: bytes
    next_seq: int
    last_hash: bytes
    state: int = ACTIVE


@dataclass(frozen=True, slots=True)
class ListState:
    """A list in the books."""

    device: bytes
    expires_at: int
    state: int = PREPARED


@dataclass(slots=True)
class Books:
    """Everything a restored backup brings back."""

    facts: MergeFacts = field(default_factory=MergeFacts)
    devices: dict[bytes, DeviceState] = field(default_factory=dict)
    held: dict[tuple[bytes, int], bytes] = field(default_factory=dict)
    aside: dict[tuple[bytes, int], frozenset[bytes]] = field(default_factory=dict)
    inbox: list[MergeEvent] = field(default_factory=list)
    answers: dict[bytes, bytes] = field(default_factory=dict)
    outcomes: dict[bytes, MergeOutcome] = field(default_factory=dict)
    counted: Counter[bytes] = field(default_factory=Counter)
    lists: dict[bytes, ListState] = field(default_factory=dict)
    chunks: list[int] = field(default_factory=list)
    moves: set[bytes] = field(default_factory=set)

    def copied(self) -> "Books":
        """Return the books as they are now; what is in them is never changed in place."""
        return Books(
            self.facts,
            dict(self.devices),
            dict(self.held),
            dict(self.aside),
            list(self.inbox),
            dict(self.answers),
            dict(self.outcomes),
            Counter(self.counted),
            dict(self.lists),
            list(self.chunks),
            set(self.moves),
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """One merge in the log: a leaf, and the salted rows that stand behind it."""

    leaf: bytes
    salt: bytes
    rows: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the office tells of one event: its leaf, its row, and both paths."""

    seq: int
    leaf_index: int
    leaf: bytes
    leaf_path: tuple[bytes, ...]
    row_index: int
    row_count: int
    row_salt: bytes
    row_path: tuple[bytes, ...]
    rows_root: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """An answer to a phone: where its journal ends here, and proofs under a checkpoint."""

    next_seq: int
    last_hash: bytes
    size: int
    root: bytes
    proofs: tuple[Proof, ...]


class Office:
    """Takes batches in, merges, makes lists, keeps the log and backups of the books."""

    def __init__(self, dice: Random, plant: Plant | None) -> None:
        """Begin with empty books and an empty log."""
        self._dice = dice
        self._plant = plant
        self.books = Books()
        self.log: list[Chunk] = []
        self._backup = Books()

    def enrol(self, certificate: DeviceCertificate, data: bytes) -> None:
        """Enter a phone."""
        digest = sha256(data).digest()
        state = DeviceState(certificate, digest, 1, digest)
        self.books.devices[certificate.device_id] = state

    def credit(self, accounts: dict[tuple[bytes, int], int], tags: dict[bytes, bytes]) -> None:
        """Open the cycle: what each account gets, and whose each tag is."""
        balances = {key: Balance(quantity) for key, quantity in accounts.items()}
        self.books.facts = replace(self.books.facts, balances=balances, accounts=dict(tags))

    def make_list(
        self, lease: bytes, device: bytes, wanted: Sequence[tuple[bytes, Goods]], expires_at: int
    ) -> list[tuple[bytes, Goods]]:
        """Return what a new list holds of what is wanted: only what nobody else holds."""
        books, found = self.books, []
        rows = dict(books.facts.lease_rows)
        for account, goods in wanted:
            free = tuple((unit, self._free(account, unit)) for unit, _ in goods)
            lines = tuple((unit, quantity) for unit, quantity in free if quantity > 0)
            if lines:
                found.append((account, lines))
                rows |= {(lease, account, unit): LeaseRow(number) for unit, number in lines}
        devices = {**books.facts.lease_devices, lease: device}
        books.facts = replace(books.facts, lease_rows=rows, lease_devices=devices)
        books.lists[lease] = ListState(device, expires_at)
        return found

    def _free(self, account: bytes, unit: int) -> int:
        books = self.books
        holding = {PREPARED, EXPIRED, BROKEN}
        if self._plant is Plant.EXPIRED_ROWS_LISTED_AGAIN:
            holding = {PREPARED}
        taken = 0
        for (lease, of, what), row in books.facts.lease_rows.items():
            if (of, what) != (account, unit):
                continue
            state = books.lists[lease]
            is_lost = (
                books.devices[state.device].state == REVOKED
                and state.state != PREPARED
                and all(event.lease_id != lease for event in books.inbox)
            )
            if state.state in holding and not is_lost:
                taken += max(row.quantity - row.claimed, 0)
        return books.facts.balances[account, unit].available - taken

    def end_lists(self, now: int) -> None:
        """End the lists that expired 72 hours ago."""
        for lease, state in self.books.lists.items():
            if state.state == PREPARED and state.expires_at + GRACE_SECONDS < now:
                self.books.lists[lease] = replace(state, state=EXPIRED)

    def break_list(self, lease: bytes) -> None:
        """End a list as two people do."""
        state = self.books.lists[lease]
        if state.state == PREPARED:
            self.books.lists[lease] = replace(state, state=BROKEN)

    def revoke(self, device: bytes) -> None:
        """Trust a phone no more."""
        self.books.devices[device] = replace(self.books.devices[device], state=REVOKED)

    def receive(self, data: bytes) -> bytes | None:
        """Return the answer to a batch, None when it is refused."""
        digest = sha256(data).digest()
        known = self.books.answers.get(digest)
        if known is not None and self._plant is not Plant.NOTHING_IS_SENT_BEFORE:
            if self._plant is Plant.ANSWER_CHANGES:
                version, verdict, seq, digest = dcbor.decode(known)
                return dcbor.encode([version, 3 - verdict, seq, digest])
            return known
        try:
            verified = self._verified(data)
        except (cose.MalformedSignature, ChainError, EventSealBroken, dcbor.EncodingError):
            return None
        answer = self._take_in(verified)
        self.books.answers[digest] = answer
        return answer

    def _verified(self, data: bytes) -> tuple[VerifiedEvent, ...]:
        batch = decode_batch(data)
        row = self.books.devices.get(batch.lane.device_id)
        if row is None:
            raise cose.MalformedSignature("an unknown phone")
        events = open_events(batch, first_chain_key=batch.wrapped_key[:32])
        said = dcbor.decode(cose.parse(events[0]).payload)
        seq, previous = said.get(3), said.get(4)
        before: set[bytes] = {row.first_hash} if seq == 1 else set()
        if type(seq) is int and seq > 1:
            place = (batch.lane.device_id, seq - 1)
            before = set(self.books.aside.get(place, frozenset()))
            before |= {self.books.held[place]} if place in self.books.held else set()
        begin = intake.begins_at(seq, previous, end=_end(row), held_before=before)
        return verify_chain(
            events, certificate=row.certificate, seq=begin[0], previous_hash=begin[1]
        )

    def _take_in(self, verified: Sequence[VerifiedEvent]) -> bytes:
        books, device = self.books, verified[0].event.device_id
        row = books.devices[device]
        held = {
            item.event.seq: books.held[device, item.event.seq]
            for item in verified
            if (device, item.event.seq) in books.held
        }
        end = _end(row)
        if self._plant is Plant.NOTHING_IS_SENT_BEFORE:
            held, end = {}, replace(end, next_seq=verified[0].event.seq)
            end = replace(end, last_hash=verified[0].event.previous_hash)
        found = intake.take_in(verified, end=end, held=held)
        self._store(found, device)
        return found.answer

    def _store(self, found: intake.Intake, device: bytes) -> None:
        books = self.books
        if self._plant is not Plant.OTHER_VERSION_DROPPED:
            for item in found.aside:
                place = (device, item.event.seq)
                books.aside[place] = books.aside.get(place, frozenset()) | {item.event_hash}
        if found.suspends and books.devices[device].state == ACTIVE:
            books.devices[device] = replace(books.devices[device], state=SUSPENDED)
        if not found.fresh:
            return
        fresh = list(found.fresh)
        last = fresh[-1]
        if self._plant is Plant.LAST_OF_A_FULL_BATCH_DROPPED and len(fresh) == BATCH_MAX:
            fresh, last = fresh[:-1], fresh[-2]
        for item in fresh:
            books.held[device, item.event.seq] = item.event_hash
        kept = fresh
        if self._plant is Plant.OLD_CLOCK_DROPPED:
            kept = [item for item in kept if item.event.claimed_at > _OLD_CLOCK]
        if self._plant is Plant.ACKNOWLEDGED_BEFORE_STORED and self._dice.random() < 0.2:
            kept = []
        books.inbox += [merge_event(item) for item in kept]
        for item in kept:
            self._move(item.event, item.event_hash)
        books.devices[device] = replace(
            books.devices[device], next_seq=last.event.seq + 1, last_hash=last.event_hash
        )

    def _move(self, event: Event, digest: bytes) -> None:
        """Move what a phone released, by its own word or by what the other one holds of it."""
        handover = event.handover
        if handover is not None and handover.release is not None:
            other = self.books.devices[handover.other_device_id].certificate
            release = verify_event(handover.release, certificate=other)
            if is_release_for(release, event):
                self._move(release, event_hash(handover.release))
        elif handover is not None and event.kind is EventKind.ROW_RELEASED:
            origin, taker = event.lease_id or b"", handover.other_lease_id or b""
            if digest not in self.books.moves:
                self.books.moves.add(digest)
                self._move_rows(origin, taker, handover.tags)

    def _move_rows(self, origin: bytes, taker: bytes, tags: Sequence[bytes]) -> None:
        books = self.books
        rows, state = dict(books.facts.lease_rows), books.lists[origin]
        is_freed = books.devices[state.device].state == REVOKED and state.state not in (
            PREPARED,
            RETURNED,
        )
        accounts = {books.facts.accounts.get(tag) for tag in tags}
        for lease, account, unit in books.facts.lease_rows:
            if lease == origin and account in accounts:
                key = (taker, account, unit)
                rows[origin, account, unit], rows[key] = moved(
                    rows[origin, account, unit], rows.get(key), origin=origin, is_freed=is_freed
                )
        books.facts = replace(books.facts, lease_rows=rows)

    def merge(self, limit: int) -> None:
        """Merge the oldest events of the inbox, as one chunk of the log."""
        books = self.books
        taken, books.inbox = books.inbox[:limit], books.inbox[limit:]
        if self._plant is Plant.NOTHING_IS_SENT_BEFORE:
            books.facts = replace(books.facts, hashes_by_place={}, hashes_by_id={})
        first = {event.event_id: event.event_hash for event in reversed(taken)}
        taken = [event for event in taken if not self._is_collision(event, first)]
        if not taken:
            return
        if self._plant is Plant.OVERDRAWN:
            rows = books.facts.lease_rows
            wide = {key: LeaseRow(row.quantity + 9, row.claimed) for key, row in rows.items()}
            more = {key: Balance(b.available + 9) for key, b in books.facts.balances.items()}
            outcomes = merge(taken, replace(books.facts, lease_rows=wide, balances=more))
        else:
            outcomes = merge(taken, books.facts)
        books.facts = after(books.facts, outcomes)
        for outcome in outcomes:
            self._count(outcome)
        rows_hashed = tuple(event.event_hash for event in taken)
        salt = self._dice.randbytes(32)
        leaf = b"\0" + sha256(salt + journal.rows_root(salt, rows_hashed)).digest()
        books.chunks.append(len(self.log))
        self.log.append(Chunk(leaf, salt, rows_hashed))

    def _is_collision(self, event: MergeEvent, first: dict[bytes, bytes]) -> bool:
        """Set an event aside whose id an earlier event bears, and suspend its phone."""
        known = self.books.facts.hashes_by_id.get(event.event_id, frozenset())
        known |= {first[event.event_id]}
        if not known - {event.event_hash}:
            return False
        place = (event.device_id, event.seq)
        self.books.aside[place] = self.books.aside.get(place, frozenset()) | {event.event_hash}
        row = self.books.devices[event.device_id]
        if row.state == ACTIVE:
            self.books.devices[event.device_id] = replace(row, state=SUSPENDED)
        return True

    def _count(self, outcome: MergeOutcome) -> None:
        books, event = self.books, outcome.event
        if outcome.outcome is Outcome.EXCESS:
            if self._plant is Plant.EXCESS_DROPPED:
                return
            if self._plant is Plant.EXCESS_OF_NOBODY:
                outcome = replace(outcome, event=replace(event, device_id=bytes(16)))
        books.outcomes[event.event_hash] = outcome
        if outcome.outcome is not Outcome.REPLAYED:
            books.counted[event.event_hash] += 1
        if event.kind.name == "LEASE_RETURNED" and event.lease_id in books.lists:
            state = books.lists[event.lease_id]
            books.lists[event.lease_id] = replace(state, state=RETURNED)

    def back_up(self) -> None:
        """Copy the books away; what was merged by now is proven from now on."""
        self._backup = self.books.copied()

    def restore(self) -> None:
        """Lose everything since the last backup but the log, which lies elsewhere."""
        self.books = self._backup.copied()
        if self._plant is Plant.LOG_ROLLED_BACK:
            del self.log[len(self.log) // 2 :]
            self.books.chunks = [chunk for chunk in self.books.chunks if chunk < len(self.log)]

    def holds(self, device: bytes, answer: bytes) -> bool:
        """Return whether the office has the event that an answer names."""
        _, _, seq, digest = dcbor.decode(answer)
        books, place = self.books, (device, seq)
        return books.held.get(place) == digest or digest in books.aside.get(place, frozenset())

    def tell(self, device: bytes, seqs: Sequence[int]) -> Told:
        """Return where a phone's journal ends here, with the proofs of these events."""
        row, held = self.books.devices[device], self.books.held
        hashes = [tree.leaf_hash(chunk.leaf) for chunk in self.log]
        wanted = {held[device, seq]: seq for seq in seqs if (device, seq) in held}
        is_early = self._plant is Plant.PROVEN_BEFORE_COPIED
        copied = self.books.chunks if is_early else self._backup.chunks
        proofs = [
            proof
            for index, chunk in ((at, self.log[at]) for at in copied if at < len(self.log))
            if not wanted.keys().isdisjoint(chunk.rows)
            for proof in _proofs(index, chunk, hashes, wanted)
        ]
        root = tree.root_of_hashes(hashes) if hashes else tree.EMPTY_ROOT
        return Told(row.next_seq, row.last_hash, len(hashes), root, tuple(proofs))

    def grown_from(self, size: int) -> list[bytes]:
        """Return the proof that the log continues what a phone saw of it."""
        hashes = [tree.leaf_hash(chunk.leaf) for chunk in self.log]
        return tree.consistency_proof(size, hashes) if 0 < size <= len(hashes) else []


def _end(row: DeviceState) -> intake.JournalEnd:
    return intake.JournalEnd(row.next_seq, row.last_hash, row.state == ACTIVE)


def _proofs(index: int, chunk: Chunk, leaves: list[bytes], wanted: dict[bytes, int]) -> list[Proof]:
    own = [place for place, row in enumerate(chunk.rows) if row in wanted]
    hashes = journal.row_hashes(chunk.salt, chunk.rows)
    salts = journal.row_salts(chunk.salt, len(hashes))
    leaf_path = tuple(tree.inclusion_proof(index, leaves))
    root = tree.root_of_hashes(hashes)
    return [
        Proof(
            wanted[chunk.rows[place]],
            index,
            chunk.leaf,
            leaf_path,
            place,
            len(hashes),
            salts[place],
            tuple(path),
            root,
        )
        for place, path in zip(own, tree.inclusion_proofs(own, hashes), strict=True)
    ]
