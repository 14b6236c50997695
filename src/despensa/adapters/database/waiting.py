"""Waits for the embedded server: its lock, and its recovery as long as that progresses."""

import fcntl
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from despensa.adapters.database.problem import DatabaseProblem

_logger = logging.getLogger(__name__)

# The server says every 5 s how far recovery is; this long without a word is no progress.
_SILENCE_MAX_SECONDS = 180.0
_PAUSE_SECONDS = 0.03
# A process that was killed a moment ago still counts as a user of the server.
_GRACE_SECONDS = 1.0
_SECONDS_BETWEEN_LINES = 10.0


class ServerNotStarted(DatabaseProblem):
    """The server ended or fell silent before it accepted connections."""


class Silence:
    """Measures how long a log has not grown."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._size = -1
        self._since = time.monotonic()
        self._told = self._since

    def check(self, who: str) -> None:
        """Pause a moment; raise ServerNotStarted when the log has been silent for too long."""
        now = time.monotonic()
        size = self._log.stat().st_size if self._log.exists() else 0
        if size != self._size:
            self._size, self._since = size, now
        if now - self._since > _SILENCE_MAX_SECONDS:
            message = (
                f"{who} has not answered and not progressed for {_SILENCE_MAX_SECONDS:.0f} "
                f"seconds: {last_words(self._log)} Look into {self._log}, then try again."
            )
            raise ServerNotStarted(message)
        if now - self._told > _SECONDS_BETWEEN_LINES:
            self._told = now
            _logger.info("Waiting for the database: %s", last_words(self._log))
        time.sleep(_PAUSE_SECONDS)


def take_lock(path: Path, log: Path, *, refuse: Callable[[], None]) -> int:
    """
    Return the descriptor of the server lock, which is held from here on.

    A server that is stopping or recovering under somebody else holds it too: wait while it
    progresses, and let `refuse` give up as soon as there is a server to attach to.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    silence = Silence(log)
    refuse_from = time.monotonic() + _GRACE_SECONDS
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > refuse_from:
                    refuse()
                silence.check("The server that another process runs in this workspace")
            else:
                return descriptor
    except BaseException:
        os.close(descriptor)
        raise


def last_words(log: Path) -> str:
    """Return the last line of a log, for people who wait."""
    if not log.exists():
        return "it wrote nothing."
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 2000))
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else "it wrote nothing."
