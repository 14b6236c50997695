"""
Says that somebody uses the embedded server, in a way that ends with the process however it ends.

Everybody who uses the server keeps the writing end of one named pipe open; `watchdog.py` reads
it. Children of `os.fork` give up the inherited end at once, so that they do not keep the server
alive after their parent was killed; programs that are started afresh never inherit it.
"""

import errno
import os
import weakref
from pathlib import Path


class Use:
    """The open writing end of the pipe; the server runs at least until `end` is called."""

    def __init__(self, descriptor: int) -> None:
        """Take over an open descriptor."""
        self._descriptor: int | None = descriptor
        _open_uses.add(self)

    def end(self) -> None:
        """Stop using the server; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


_open_uses: "weakref.WeakSet[Use]" = weakref.WeakSet()


def _leave_to_parent() -> None:
    for use in list(_open_uses):
        use.end()


os.register_at_fork(after_in_child=_leave_to_parent)


def begin(pipe: Path) -> tuple[Use, int]:
    """Return the first use of a new pipe, and the reading end for the watchdog to inherit."""
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    return Use(os.open(pipe, os.O_WRONLY)), reading


def join(pipe: Path) -> Use | None:
    """Return a use of the running server behind `pipe`, None when nobody supervises one."""
    try:
        descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in {errno.ENXIO, errno.ENOENT}:
            return None
        raise
    use = Use(descriptor)
    try:
        is_same = os.path.samestat(os.fstat(descriptor), pipe.stat())
    except FileNotFoundError:
        is_same = False
    if not is_same:
        # The watchdog moved it away in this moment and is closing, or will put it back.
        use.end()
        return None
    return use


def is_last(pipe: Path) -> bool:
    """Return whether nobody else uses the server; the caller has ended its own use."""
    try:
        reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return True
    try:
        return os.read(reading, 1) == b""
    except BlockingIOError:
        return False
    finally:
        os.close(reading)
