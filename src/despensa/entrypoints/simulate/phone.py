"""
A simulated phone: its disk, and what it does with cards and answers, dying at any await.

The order of its steps is the phone app's: record first, then the next key, then the person.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain.card.verify import Verdict
from despensa.domain.device import (
    DeviceCertificate,
    Protection,
    certificate_hash,
    first_certificate,
    sign_certificate,
)
from despensa.domain.encoding import dcbor
from despensa.domain.event import (
    Event,
    EventKind,
    Handover,
    Means,
    Supervised,
    event_hash,
    sign_event,
)
from despensa.domain.event.sealing import (
    Lane,
    SealedBatch,
    encode_batch,
    next_chain_key,
    seal_event,
)
from despensa.domain.lease import Lease, LeaseEntitlement
from despensa.domain.payload import Goods
from despensa.domain.redemption.decide import (
    Attempt,
    Collected,
    Delivered,
    ListFacts,
    Refused,
    Standing,
    decide,
)
from despensa.domain.redemption.locate import LeaseIndex, index_lease, match_of
from despensa.domain.refusal import AbortReason, Offered, RefusalReason
from despensa.domain.transparency import tree
from despensa.entrypoints.simulate.office import BATCH_MAX, Told
from despensa.entrypoints.simulate.plants import Plant

DAY_SECONDS = 86_400
_WRAPPED = bytes(48)


class Crash(Exception):
    """The phone dies here; what is on its disk stays."""


@dataclass(frozen=True, slots=True)
class Written:
    """One event on the disk."""

    seq: int
    hash: bytes
    lane: int
    place: int
    sealed: bytes


@dataclass(slots=True)
class Disk:
    """What outlives a crash; a copy of it is a rollback, or a clone."""

    journal: list[Written] = field(default_factory=list)
    lanes: list[tuple[bytes, bytes]] = field(default_factory=list)
    chain_key: bytes = b""
    key_place: int = 1
    collected: set[bytes] = field(default_factory=set)
    contested: set[bytes] = field(default_factory=set)
    returned: set[bytes] = field(default_factory=set)
    released: set[bytes] = field(default_factory=set)
    taken: tuple[LeaseEntitlement, ...] = ()
    acknowledged: int = 0
    seen_size: int = 0
    seen_root: bytes = tree.EMPTY_ROOT
    head: bytes = b""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Noted:
    """What the oracle is told of an event the moment it is durable on the phone."""

    event: Event
    hash: bytes


class Phone:
    """One phone; `skew` is how far its clock is off."""

    def __init__(self, name: int, dice: Random, now: int, plant: Plant | None) -> None:
        """Make a phone with fresh keys."""
        self.name = name
        self._dice = dice
        self._plant = plant
        self._key = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        self._public = self._key.public_key().public_bytes_raw()
        self.device = dice.randbytes(16)
        authority = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        self.certificate: DeviceCertificate = first_certificate(
            device=self.device,
            workspace=bytes(16),
            signing_key=self._public,
            sealing_key=bytes(32),
            area=bytes(16),
            protection=Protection.WRAPPED_SEED,
            now=now,
        )
        self.certificate_data = sign_certificate(
            self.certificate,
            public_key=authority.public_key().public_bytes_raw(),
            signer=authority.sign,
        )
        self.disk = Disk(head=certificate_hash(self.certificate_data))
        self.index: LeaseIndex | None = None
        self._list: Lease | None = None
        self.skew = 0
        self.fuse: int | None = None
        self.noted: list[Noted] = []
        self.sent: dict[bytes, int] = {}
        self.forgotten: set[int] = set()
        self.log_faults = 0
        self.wrong_forgets = 0
        self.is_honest = True
        self.is_single = True
        self.is_wiped = False
        self.last_signed = b""

    def clone(self, dice: Random) -> "Phone":
        """Return a second phone with the same keys and a copy of the disk."""
        other: Phone = object.__new__(Phone)
        for name, value in vars(self).items():
            setattr(other, name, value)
        other._dice = dice
        other.disk = deepcopy(self.disk)
        other.noted, other.sent, other.forgotten = [], {}, set()
        self.is_single = other.is_single = False
        return other

    def roll_back(self, disk: Disk) -> None:
        """Go on from an older copy of the disk."""
        self.disk, self.is_single = deepcopy(disk), False
        self._reindex()

    def load(self, lease: Lease) -> None:
        """Take a list: a new lane of message keys begins with it."""
        self._list = lease
        self.disk.released, self.disk.taken = set(), ()
        self._reindex()
        key = self._dice.randbytes(32)
        self.disk.lanes.append((lease.lease_id, key + _WRAPPED))
        self.disk.chain_key, self.disk.key_place = key, 1

    def restart(self) -> None:
        """Come up again: the key is moved on to the place after the last record."""
        self.fuse = None
        disk = self.disk
        self._drop_returned()
        place = disk.journal[-1].place if disk.journal and self._in_lane(disk.journal[-1]) else 0
        while disk.key_place < place + 1:
            disk.chain_key = next_chain_key(disk.chain_key)
            disk.key_place += 1
        if self._plant is Plant.RECORD_NOT_DURABLE and len(disk.journal) > 1:
            disk.journal.pop()
        if disk.journal:
            disk.seq, disk.head = disk.journal[-1].seq, disk.journal[-1].hash

    def _reindex(self) -> None:
        """Serve what the list holds and what was taken over, less what was released."""
        if self._list is None:
            return
        # what came back stands once
        rows = {one.cards[0].tag: one for one in (*self._list.entitlements, *self.disk.taken)}
        listed = tuple(rows.values())
        if self._plant is not Plant.RELEASED_ROWS_SERVED and self.is_honest:
            listed = tuple(one for one in listed if not self._is_released(one))
        self.index = index_lease(replace(self._list, entitlements=listed))

    def _is_released(self, one: LeaseEntitlement) -> bool:
        return any(card.tag in self.disk.released for card in one.cards)

    def release(self, other: "Phone", true_now: int, operator: bytes) -> Sequence[LeaseEntitlement]:
        """Return what this phone released to another one: what it did not hand out, maybe nothing."""
        mine, theirs, rest = self.index, other.index, self.rest()
        now = self.now(true_now)
        if mine is None or theirs is None or not rest or now >= mine.lease.expires_at:
            return ()
        tags = tuple(card.tag for one in rest for card in one.cards)
        self.write(
            EventKind.ROW_RELEASED, now, operator,
            handover=Handover(other.device, tags, other_lease_id=theirs.lease.lease_id),
        )  # fmt: skip
        return rest

    def rest(self) -> tuple[LeaseEntitlement, ...]:
        """Return what is on the list and was not handed out."""
        if self.index is None:
            return ()
        return tuple(
            one
            for one in self.index.lease.entitlements
            if not any(card.tag in self.disk.collected for card in one.cards)
            and not self._is_released(one)
        )

    def take_over(
        self, other: "Phone", rows: Sequence[LeaseEntitlement], true_now: int, operator: bytes
    ) -> None:
        """Take over what another phone released, on its signed word."""
        tags = tuple(card.tag for one in rows for card in one.cards)
        if self.index is None or not self.index.by_tag.keys().isdisjoint(tags):
            return
        self._await()
        self.write(
            EventKind.TAKEN_OVER, self.now(true_now), operator,
            handover=Handover(other.device, tags, release=other.last_signed), taken=tuple(rows),
        )  # fmt: skip
        self._reindex()

    def _in_lane(self, item: Written) -> bool:
        return item.lane == len(self.disk.lanes) - 1

    def _await(self) -> None:
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse <= 0:
                raise Crash

    def now(self, true_now: int) -> int:
        """Return what this phone's clock says."""
        return max(0, true_now + self.skew)

    def scan(self, tag: bytes, true_now: int, operators: tuple[bytes, bytes]) -> None:
        """Serve whoever holds a card: hand over, refuse, and offer what a refusal offers."""
        index, now = self.index, self.now(true_now)
        self._await()
        place = None if index is None else index.by_tag.get(tag)
        match = (
            None
            if index is None or place is None
            else match_of([place], index, confirmed=frozenset(self.disk.collected))
        )
        if match is not None and self._plant is Plant.SERVED_AFTER_RETURN:
            match = replace(match, collected=Collected.NO)
        contested = match is not None and match.collected is Collected.CONFIRMED
        decision = decide(
            Attempt(Verdict.GENUINE, None, now, now // DAY_SECONDS, contested=contested),
            Standing(
                session_open=True,
                list_facts=None if index is None else self._terms(index),
                match=match,
                contest_used=tag in self.disk.contested,
            ),
        )
        if isinstance(decision, Delivered):
            self._deliver(tag, decision.match.goods, now, operators[0], None)
        elif isinstance(decision, Refused):
            self._refuse(tag, decision, now, operators)

    def _terms(self, index: LeaseIndex) -> ListFacts:
        lease = index.lease
        return ListFacts(lease.expires_at, lease.point_id, lease.hours.day, lease.check)

    def _refuse(
        self, tag: bytes, refused: Refused, now: int, operators: tuple[bytes, bytes]
    ) -> None:
        self.write(EventKind.REFUSED, now, operators[0], reason=refused.reason, means=Means.CAMERA)
        if refused.offered is Offered.SUPERVISED and self._dice.random() < 0.7:
            second = Supervised(operators[1], refused.reason)
            if refused.reason is RefusalReason.COLLECTED_CONFIRMED:
                self.disk.contested.add(tag)
            self._deliver(tag, ((1, 1),), now, operators[0], second)

    def _deliver(
        self, tag: bytes, goods: Goods, now: int, operator: bytes, second: Supervised | None
    ) -> None:
        self.write(
            EventKind.DELIVERED, now, operator, tag=tag, goods=goods, means=Means.CAMERA,
            supervised=second,
        )  # fmt: skip

    def abort(self, true_now: int, operator: bytes) -> None:
        """End a scan without a verdict."""
        self.write(EventKind.ABORTED, self.now(true_now), operator, reason=AbortReason.OPERATOR)

    def give_back(self, true_now: int, operator: bytes) -> None:
        """Return the list: nothing of it is handed out afterwards."""
        if self.index is None:
            return
        self.write(EventKind.LEASE_RETURNED, self.now(true_now), operator)
        self._drop_returned()

    def _drop_returned(self) -> None:
        """Serve no list that was given back; the promise is the record, not what follows it."""
        self._reindex()
        is_returned = self.index is not None and self.index.lease.lease_id in self.disk.returned
        if is_returned and self._plant is not Plant.SERVED_AFTER_RETURN:
            self.index = self._list = None

    def write(
        self,
        kind: EventKind,
        now: int,
        operator: bytes,
        *,
        event_id: bytes | None = None,
        lease: bytes | None = None,
        taken: tuple[LeaseEntitlement, ...] = (),
        **particulars: object,
    ) -> None:
        """Number, chain, sign, seal and keep an event; a crash leaves it whole or not at all."""
        disk, index = self.disk, self.index
        if not disk.lanes:
            return
        event = Event(
            event_id=event_id or self._dice.randbytes(16),
            device_id=self.device,
            seq=disk.seq + 1,
            previous_hash=disk.head,
            kind=kind,
            claimed_at=now,
            session_id=bytes(16) if index is None else index.lease.session_id,
            lease_id=lease or (None if index is None else index.lease.lease_id),
            operator_id=operator,
            **particulars,  # type: ignore[arg-type]
        )
        data = sign_event(event, public_key=self._public, signer=self._key.sign)
        place = disk.key_place
        lane = Lane(self.device, disk.lanes[-1][0])
        sealed = seal_event(data, chain_key=disk.chain_key, lane=lane, place=place)
        self._await()
        digest = event_hash(data)
        disk.journal.append(Written(event.seq, digest, len(disk.lanes) - 1, place, sealed))
        disk.seq, disk.head = event.seq, digest
        self.last_signed = data
        if kind is EventKind.ROW_RELEASED and event.handover is not None:
            disk.released |= set(event.handover.tags)
            self._reindex()
        if taken:
            disk.taken += taken
            disk.released -= {card.tag for one in taken for card in one.cards}
        if event.tag is not None:
            disk.collected.add(event.tag)
        if kind is EventKind.LEASE_RETURNED and event.lease_id is not None:
            disk.returned.add(event.lease_id)
        self.noted.append(Noted(event, digest))
        self._await()
        disk.chain_key = next_chain_key(disk.chain_key)
        disk.key_place = place + 1
        self._await()

    @property
    def unsent(self) -> list[Written]:
        """Return what the office has not acknowledged."""
        return [item for item in self.disk.journal if item.seq > self.disk.acknowledged]

    def batch(self) -> bytes | None:
        """Return the oldest events of one lane that were not acknowledged, as they are sent."""
        waiting = self.unsent
        if not waiting:
            return None
        lane = waiting[0].lane
        chosen = [item for item in waiting if item.lane == lane][:BATCH_MAX]
        for item in chosen:
            self.sent[item.hash] = self.sent.get(item.hash, 0) + 1
        lease, wrapped = self.disk.lanes[lane]
        return encode_batch(
            SealedBatch(
                Lane(self.device, lease),
                wrapped,
                chosen[0].place,
                tuple(item.sealed for item in chosen),
            )
        )

    def answered(self, answer: bytes) -> None:
        """Take an answer to a batch: what it names is the office's as well from now on."""
        _, _, seq, digest = dcbor.decode(answer)
        self._await()
        mine = {item.seq: item.hash for item in self.disk.journal}
        if mine.get(seq) == digest:
            self.disk.acknowledged = max(self.disk.acknowledged, seq)
        if self._plant is Plant.FORGOTTEN_WHEN_ACKNOWLEDGED:
            self._forget(
                {item.seq for item in self.disk.journal if item.seq <= seq}, is_proven=False
            )

    def told(self, told: Told, grown: Sequence[bytes]) -> None:
        """Take an answer about states: send again what is not there, forget what is proven."""
        disk = self.disk
        if not self._continues(told, grown):
            self.log_faults += 1
            return
        disk.seen_size, disk.seen_root = told.size, told.root
        disk.acknowledged = min(disk.acknowledged, told.next_seq - 1)
        mine = {item.seq: item.hash for item in disk.journal}
        proven = {
            proof.seq
            for proof in told.proofs
            if proof.seq in mine
            and tree.verify_inclusion(
                proof.leaf_index, told.size, tree.leaf_hash(proof.leaf), proof.leaf_path, told.root
            )
            and tree.verify_inclusion(
                proof.row_index,
                proof.row_count,
                tree.leaf_hash(proof.row_salt + mine[proof.seq]),
                proof.row_path,
                proof.rows_root,
            )
        }
        self._await()
        self._forget(proven, is_proven=True)

    def _continues(self, told: Told, grown: Sequence[bytes]) -> bool:
        if self.disk.seen_size == 0:
            return True
        return tree.verify_consistency(
            self.disk.seen_size, told.size, grown, self.disk.seen_root, told.root
        )

    def _forget(self, seqs: set[int], *, is_proven: bool) -> None:
        last = self.disk.seq
        gone = {seq for seq in seqs if seq <= self.disk.acknowledged and seq != last}
        self.wrong_forgets += 0 if is_proven else len(gone)
        self.forgotten |= gone
        self.disk.journal = [item for item in self.disk.journal if item.seq not in gone]
