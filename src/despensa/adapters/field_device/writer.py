"""
Writing events: number, chain, sign, seal, store, and only then forget the key.

Decides the order of these steps and how a phone that died between two of them goes on.
Source: docs/reference/formats.md section 4.
"""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from despensa.adapters import hpke
from despensa.adapters.field_device.journal import (
    Acknowledged,
    Entry,
    Journal,
    JournalDamaged,
    LaneBegun,
    Mark,
    ScanBegun,
    StoredEvent,
    sync_folder,
)
from despensa.adapters.field_device.keys import DeviceKeys, write_atomically
from despensa.domain.device import certificate_hash
from despensa.domain.encoding import dcbor
from despensa.domain.event import Event, EventKind, event_hash, sign_event
from despensa.domain.event.sealing import (
    BATCH_BYTES_MAX,
    CHAIN_KEY_LENGTH,
    Lane,
    SealedBatch,
    encode_batch,
    inbox_info,
    next_chain_key,
    seal_event,
)

_JOURNAL_FILE = "journal"
_LANE_FILE = "lane.cbor"


@dataclass(slots=True)
class State:
    """What the journal says about the phone, folded from its records in order."""

    seq: int = 0
    head: bytes = b""
    acknowledged: int = 0
    place: int = 0
    wrapped_key: bytes = b""
    lane_lease: bytes = b""
    is_session_open: bool = False
    scan: ScanBegun | None = None
    operator: bytes | None = None
    returned: set[bytes] = field(default_factory=set)
    collected: set[bytes] = field(default_factory=set)
    contested: set[bytes] = field(default_factory=set)

    def take(self, entry: Entry) -> None:
        """Take the next record into account."""
        match entry:
            case LaneBegun(lease_id, wrapped_key):
                self.lane_lease, self.wrapped_key, self.place = lease_id, wrapped_key, 0
            case ScanBegun():
                self.scan, self.operator = entry, entry.operator_id
            case Acknowledged(seq):
                self.acknowledged = max(self.acknowledged, seq)
            case StoredEvent():
                self._take_event(entry)

    def _take_event(self, entry: StoredEvent) -> None:
        self.seq, self.head, self.place = entry.seq, entry.event_hash, entry.place
        if entry.kind in (EventKind.DELIVERED, EventKind.REFUSED, EventKind.ABORTED):
            self.scan = None
        elif entry.kind in (EventKind.SESSION_OPENED, EventKind.SESSION_CLOSED):
            self.is_session_open = entry.kind == EventKind.SESSION_OPENED
        if entry.ends_lease is not None:
            self.returned.add(entry.ends_lease)
        for mark, tag in entry.marks:
            marked = self.collected if mark is Mark.COLLECTED else self.contested
            marked.add(tag)


@dataclass(frozen=True, slots=True)
class Written:
    """An event as the phone still sees it in the moment of writing."""

    event: Event
    data: bytes
    event_hash: bytes


class EventWriter:
    """The journal of one phone together with the key chain its events are sealed under."""

    def __init__(self, folder: Path, keys: DeviceKeys) -> None:
        self._keys = keys
        self._lane_path = folder / _LANE_FILE
        self._journal = Journal(folder / _JOURNAL_FILE)
        self.state = State()
        for entry in self._journal.entries:
            self.state.take(entry)
        self._chain_key = self._recover_chain_key()

    def begin_lane(self, *, lease_id: bytes, inbox_key: bytes) -> None:
        """
        Start a new chain of message keys, sealed to an inbox key.

        The new key is stored before the record that speaks of it: dying in between leaves a key
        nobody used.
        """
        chain_key = os.urandom(CHAIN_KEY_LENGTH)
        lane = Lane(self._keys.device_id, lease_id)
        wrapped = hpke.seal(inbox_key, chain_key, inbox_info(lane))
        self._store_chain_key(wrapped, chain_key, place=1)
        sync_folder(self._lane_path.parent)
        self._append(LaneBegun(lease_id, wrapped))
        self._chain_key = chain_key

    @property
    def needs_lane(self) -> bool:
        """Return whether no event can be written before a new lane begins."""
        return not self._chain_key

    def begin_scan(self, scan: ScanBegun) -> None:
        """
        Note that a scan began.

        Not synced: a power cut before the verdict takes the scan and its note together.
        """
        self._append(scan, durable=False)

    def write(
        self,
        event: Event,
        *,
        certificate: bytes,
        marks: tuple[tuple[Mark, bytes], ...] = (),
    ) -> Written:
        """
        Return an event once it is numbered, chained, signed, sealed and durable.

        `seq` and `previous_hash` of the event are set here. Crash order: the record first, then
        the next key; if only the record is there, the key is moved on at the next start.
        """
        previous = self.state.head or certificate_hash(certificate)
        event = replace(event, seq=self.state.seq + 1, previous_hash=previous)
        data = sign_event(event, public_key=self._keys.public.signing, signer=self._keys.sign)
        place = self.state.place + 1
        lane = Lane(self._keys.device_id, self.state.lane_lease)
        stored = StoredEvent(
            seq=event.seq,
            event_hash=event_hash(data),
            kind=int(event.kind),
            place=place,
            sealed=seal_event(data, chain_key=self._chain_key, lane=lane, place=place),
            ends_lease=event.lease_id if event.kind is EventKind.LEASE_RETURNED else None,
            marks=marks,
        )
        self._append(stored)
        self._chain_key = next_chain_key(self._chain_key)
        self._store_chain_key(self.state.wrapped_key, self._chain_key, place=place + 1)
        return Written(event, data, stored.event_hash)

    def batch(self, events_max: int) -> bytes | None:
        """
        Return the oldest unacknowledged events of one lane as they are sent, None if none wait.

        Shape: see `encode_batch`; at most `events_max` events, fewer where they are large.
        """
        lane: LaneBegun | None = None
        chosen: LaneBegun | None = None
        waiting: list[StoredEvent] = []
        # half of what a reader takes leaves room for everything around the events
        bytes_left = BATCH_BYTES_MAX // 2
        for entry in self._journal.entries:
            if isinstance(entry, LaneBegun):
                lane = entry
            elif isinstance(entry, StoredEvent) and entry.seq > self.state.acknowledged:
                chosen = chosen or lane
                bytes_left -= len(entry.sealed)
                if lane is not chosen or len(waiting) == events_max or bytes_left < 0:
                    break
                waiting.append(entry)
        if chosen is None:
            return None
        return encode_batch(
            SealedBatch(
                lane=Lane(self._keys.device_id, chosen.lease_id),
                wrapped_key=chosen.wrapped_key,
                first=waiting[0].place,
                sealed=tuple(entry.sealed for entry in waiting),
            )
        )

    def hash_at(self, seq: int) -> bytes | None:
        """Return the hash of the event with a number, None if there is none."""
        for entry in reversed(self._journal.entries):
            if isinstance(entry, StoredEvent) and entry.seq == seq:
                return entry.event_hash
        return None

    def acknowledge(self, seq: int) -> None:
        """Note that the server holds every event up to a number."""
        if seq > self.state.acknowledged:
            self._append(Acknowledged(seq))

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def _append(self, entry: Entry, *, durable: bool = True) -> None:
        self._journal.append(entry, durable=durable)
        self.state.take(entry)

    def _store_chain_key(self, wrapped: bytes, chain_key: bytes, *, place: int) -> None:
        write_atomically(self._lane_path, dcbor.encode({0: wrapped, 1: place, 2: chain_key}))

    def _recover_chain_key(self) -> bytes:
        """
        Return the key for the next place, empty where a new lane must begin.

        The stored key is for that place or an earlier one, if the phone died after a record; a
        key ahead of the journal means that the journal lost its end.
        """
        if not self._lane_path.exists():
            return b""
        stored = dcbor.decode(self._lane_path.read_bytes())
        is_this_lane = stored[0] == self.state.wrapped_key
        if not is_this_lane and stored[1] == 1:
            # died between storing a new lane's key and its record: the old key is gone
            return b""
        ahead = self.state.place + 1 - stored[1]
        if not is_this_lane or ahead < 0:
            raise JournalDamaged(
                "the device journal lost its end: export it, write this phone off, enrol it again"
            )
        chain_key = bytes(stored[2])
        for _ in range(ahead):
            chain_key = next_chain_key(chain_key)
        return chain_key
