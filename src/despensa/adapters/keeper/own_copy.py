"""
The keeper's own copy: an append-only file of what it was asked, written before it answers.

One record: u32 length, DCBOR. It lies outside PostgreSQL, so that reads and card batches stay
known when the databases are rolled back. Source: docs/explanation/design.md, section 5.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from despensa.domain.encoding import dcbor


class OwnCopy:
    """Appends records durably; safe for the threads of one process."""

    def __init__(self, path: Path) -> None:
        """Open the copy, cutting a record that a crash left half-written."""
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.ftruncate(self._descriptor, sum(4 + len(record) for record in self._whole()))

    def append(self, record: dict[int, Any]) -> None:
        """Write one record and wait until it is on the disk."""
        data = dcbor.encode(record)
        with self._lock:
            os.write(self._descriptor, len(data).to_bytes(4, "big") + data)
            os.fsync(self._descriptor)

    def records(self) -> Iterator[dict[int, Any]]:
        """Yield every record, oldest first."""
        for data in self._whole():
            yield dcbor.decode(data)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _whole(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while len(head := file.read(4)) == 4:
                data = file.read(int.from_bytes(head, "big"))
                if len(data) < int.from_bytes(head, "big"):
                    return
                yield data
