"""
How many phones are served at once: the rest are told when to come again, and lose nothing.

A herd that reconnects is spread over a minute. What is turned away was not read, and every event
stays with its phone until it has a proof.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from despensa.entrypoints.api.problems import Problem

AT_ONCE = 16
WAIT_SECONDS = 2.0
RETRY_MIN = 5
RETRY_SPREAD = 55


class Gate:
    """Lets so many in at once; the next ones wait a moment and are then sent away."""

    def __init__(self, at_once: int = AT_ONCE, wait_seconds: float = WAIT_SECONDS) -> None:
        """Make a gate with room for so many."""
        self._room = threading.BoundedSemaphore(at_once)
        self._wait_seconds = wait_seconds

    @contextmanager
    def entered(self, dice: bytes) -> Iterator[None]:
        """
        Hold a place; `dice`, two random bytes, say how long who finds none is sent away.

        Raises: Problem 503 with Retry-After.
        """
        if not self._room.acquire(timeout=self._wait_seconds):
            raise Problem(
                503,
                "busy",
                "Many phones are sending now",
                "Nothing was taken in. Keep the events and send them again later.",
                retry_after=retry_after(dice),
            )
        try:
            yield
        finally:
            self._room.release()


def retry_after(dice: bytes) -> int:
    """Return after how many seconds to come again: 5 to 60, by chance."""
    return RETRY_MIN + int.from_bytes(dice, "big") % (RETRY_SPREAD + 1)
