"""
One lock for the keeper's files, held by one thread of one process at a time.

The office, the worker and a command in a second terminal may work on one workspace; each opens the
files anew, so that only the operating system can keep them apart. The lock ends with its process.
"""

import fcntl
import os
import threading
from pathlib import Path
from types import TracebackType


class KeeperLock:
    """A lock file; entering it again in the same thread is allowed."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made when the lock is first taken."""
        self._path = path
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._thread = threading.RLock()
        self._process = os.getpid()
        self._depth = 0
        self._descriptor = -1

    def __enter__(self) -> None:
        """Wait until nobody else holds the lock."""
        if self._process != os.getpid():
            # what another thread of the parent held while it forked is never given back here
            self._begin_anew()
        self._thread.acquire()
        try:
            if self._depth == 0:
                self._descriptor = self._taken()
            self._depth += 1
        except BaseException:
            self._thread.release()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lock free when the outermost user leaves."""
        self._depth -= 1
        if self._depth == 0:
            # a fork of another thread may hold the descriptor too: closing it here is not enough
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
        self._thread.release()

    def _taken(self) -> int:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor
