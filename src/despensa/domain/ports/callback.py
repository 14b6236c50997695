"""The port through which an answer is sent out to a partner."""

from typing import Protocol


class CallbackFailed(RuntimeError):
    """The answer did not arrive; the text says why."""


class Callback(Protocol):
    """
    Sends one body to one registered address.

    Guarantee: only https, only to a public address of exactly that host, no redirect followed; a
    return means that the other side took it.
    """

    def send(self, address: str, body: bytes) -> None:
        """Send a JSON body. Raises: CallbackFailed."""
