"""
The keeper's own copy: an append-only file of what it was asked, written before it answers.

One record: u32 length, DCBOR. It lies outside PostgreSQL, so that reads and card batches stay
known when the databases are rolled back. Source: docs/explanation/design.md, section 5.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from despensa.domain.encoding import dcbor

_HEAD_LENGTH = 4

NewestFirst = Callable[[int], Iterator[dict[int, Any]]]
Check = Callable[[NewestFirst, int], None]


class OwnCopy:
    """Appends records durably; safe for the threads of several processes."""

    def __init__(self, path: Path) -> None:
        """Open the copy, cutting a record that a crash left half-written."""
        self._path = path
        self._lock = threading.Lock()
        self._end = 0
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor, self._process = self._opened(), os.getpid()
        with self._alone():
            self._cut_half_written()

    def append(self, record: dict[int, Any], *, check: Check | None = None) -> None:
        """
        Write one record and wait until it is on the disk.

        `check` is asked first, while nobody else can write: it gets a function that yields the
        records from a place on, newest first, and the place where they end. What it raises leaves
        nothing written.
        """
        data = dcbor.encode(record)
        with self._alone():
            self._cut_half_written()
            if check is not None:
                check(self._newest_first, self._end)
            framed = len(data).to_bytes(_HEAD_LENGTH, "big") + data
            if os.write(self._descriptor, framed) != len(framed):
                os.ftruncate(self._descriptor, self._end)
                raise OSError(f"{self._path}: the disk took only a part of the record")
            os.fsync(self._descriptor)
            self._end += len(framed)

    def records(self) -> Iterator[dict[int, Any]]:
        """Yield every record, oldest first."""
        for data in self._whole(0):
            yield dcbor.decode(data)

    def _newest_first(self, start: int) -> Iterator[dict[int, Any]]:
        """Yield the records that begin at a place or behind it; only what is asked for is read."""
        places: list[tuple[int, int]] = []
        with self._path.open("rb") as file:
            file.seek(start)
            while len(head := file.read(_HEAD_LENGTH)) == _HEAD_LENGTH:
                length = int.from_bytes(head, "big")
                places.append((file.tell(), length))
                file.seek(length, os.SEEK_CUR)
            for place, length in reversed(places):
                file.seek(place)
                yield dcbor.decode(file.read(length))

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _cut_half_written(self) -> None:
        """Move behind what other processes wrote; cut what one that was killed did not finish."""
        size = os.fstat(self._descriptor).st_size
        if size == self._end:
            return
        self._end += sum(_HEAD_LENGTH + len(record) for record in self._whole(self._end))
        os.ftruncate(self._descriptor, self._end)

    def _whole(self, start: int) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            file.seek(start)
            while len(head := file.read(_HEAD_LENGTH)) == _HEAD_LENGTH:
                data = file.read(int.from_bytes(head, "big"))
                if len(data) < int.from_bytes(head, "big"):
                    return
                yield data

    def _opened(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._process != os.getpid():
            # a fork shares the parent's open file, and with it the parent's lock; what another
            # thread of the parent held while it forked is never given back here
            self._lock = threading.Lock()
            self._descriptor, self._process = self._opened(), os.getpid()
        with self._lock:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
