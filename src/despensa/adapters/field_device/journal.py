"""
The device journal: one file that only grows, and that survives a phone dying at any moment.

Decides how records are framed, made durable and found again. A record cut off by a dying phone
was never answered for and is dropped; anything else that does not fit stops the phone, because
a journal that lost its end would sign two versions of it. Events in it are sealed: the phone
itself cannot read them. Source: docs/explanation/design.md sections 7.7 and 7.8.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from despensa.domain.encoding import dcbor

_LENGTH_BYTES = 4
_CHECK_BYTES = 8
_HEAD_BYTES = _LENGTH_BYTES + _CHECK_BYTES
_RECORD_MAX = 1 << 20


class JournalDamaged(Exception):
    """The file is not what this phone wrote: it must not sign anything more."""


class Record(IntEnum):
    """What a line of the journal is about (key 0 of its map)."""

    LANE_BEGUN = 1
    SCAN_BEGUN = 2
    EVENT = 3
    ACKNOWLEDGED = 4


class Mark(IntEnum):
    """What the phone keeps of a delivery it can no longer read."""

    COLLECTED = 1
    CONTEST_SERVED = 2


@dataclass(frozen=True, slots=True)
class LaneBegun:
    """A new chain of message keys; `wrapped_key` is its first key, sealed to the inbox."""

    lease_id: bytes
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class ScanBegun:
    """A scan that has no verdict yet: whoever made it, and when."""

    now: int
    operator_id: bytes


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One sealed event; `ends_lease` names the lease it returned, `mark` what was spent."""

    seq: int
    event_hash: bytes
    kind: int
    place: int
    sealed: bytes
    ends_lease: bytes | None = None
    marks: tuple[tuple[Mark, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The server holds every event up to this number."""

    seq: int


Entry = LaneBegun | ScanBegun | StoredEvent | Acknowledged


class Journal:
    """An open device journal; one process at a time (the caller holds the lock)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        is_new = not path.exists()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        if is_new:
            sync_folder(path.parent)
        self.entries: list[Entry] = []
        self._end = 0
        for entry, end in _read(path.read_bytes()):
            self.entries.append(entry)
            self._end = end
        os.ftruncate(self._file, self._end)

    def append(self, entry: Entry, *, durable: bool = True) -> None:
        """
        Add one record; when this returns, `durable` records outlive a power cut.

        Raises: OSError when the disk refuses; the journal is then as it was before.
        """
        body = dcbor.encode(_to_map(entry))
        framed = len(body).to_bytes(_LENGTH_BYTES, "big") + _check(body) + body
        try:
            self._write(framed)
            if durable:
                os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._end += len(framed)
        self.entries.append(entry)

    def _write(self, framed: bytes) -> None:
        if os.write(self._file, framed) != len(framed):
            raise OSError(f"{self._path}: the disk took only a part of the record")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def sync_folder(folder: Path) -> None:
    """Make new and renamed files of a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:_CHECK_BYTES]


def _read(data: bytes) -> Iterator[tuple[Entry, int]]:
    start = 0
    while start < len(data):
        length = int.from_bytes(data[start : start + _LENGTH_BYTES], "big")
        end = start + _HEAD_BYTES + length
        if end > len(data) or len(data) - start < _HEAD_BYTES:
            return
        body = data[start + _HEAD_BYTES : end]
        if data[start + _LENGTH_BYTES : start + _HEAD_BYTES] != _check(body):
            if end == len(data):
                return
            raise JournalDamaged(f"the record at byte {start} of the device journal was changed")
        yield _from_map(dcbor.decode(body, bytes_max=_RECORD_MAX)), end
        start = end


def _to_map(entry: Entry) -> dict[int, Any]:
    match entry:
        case LaneBegun(lease_id, wrapped_key):
            return {0: int(Record.LANE_BEGUN), 1: lease_id, 2: wrapped_key}
        case ScanBegun(now, operator_id):
            return {0: int(Record.SCAN_BEGUN), 1: now, 2: operator_id}
        case Acknowledged(seq):
            return {0: int(Record.ACKNOWLEDGED), 1: seq}
        case StoredEvent():
            return {
                0: int(Record.EVENT),
                1: entry.seq,
                2: entry.event_hash,
                3: entry.kind,
                4: entry.place,
                5: entry.sealed,
                6: entry.ends_lease,
                7: [[int(mark), tag] for mark, tag in entry.marks],
            }


def _from_map(fields: dict[int, Any]) -> Entry:
    match fields[0]:
        case Record.LANE_BEGUN:
            return LaneBegun(fields[1], fields[2])
        case Record.SCAN_BEGUN:
            return ScanBegun(fields[1], fields[2])
        case Record.ACKNOWLEDGED:
            return Acknowledged(fields[1])
        case Record.EVENT:
            marks = tuple((Mark(mark), tag) for mark, tag in fields[7])
            seq, digest, kind, place, sealed, ends_lease = (fields[key] for key in range(1, 7))
            return StoredEvent(seq, digest, kind, place, sealed, ends_lease, marks)
        case _:
            raise JournalDamaged("the device journal was written by a newer program: update this")
