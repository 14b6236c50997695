"""
Port: where the log's tree, leaves and checkpoint are kept.

Source: docs/explanation/design.md section 5.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from despensa.domain.transparency.checkpoint import Checkpoint

Signer = Callable[[bytes], bytes]
# (public key, signature) of each key that signs beside the log's own
Cosigner = Callable[[bytes], Sequence[tuple[bytes, bytes]]]


def nobody(_: bytes) -> list[tuple[bytes, bytes]]:
    """Return no signature: the cosigner of a log that has had one key only."""
    return []


class LogUnavailable(RuntimeError):
    """The storage cannot be read or written now; nothing is lost and trying again is safe."""


class LogDamaged(RuntimeError):
    """What is stored contradicts itself; the message names the piece."""


class LogRefused(RuntimeError):
    """Signing was refused because it could make the log contradict what it signed before."""


class LogStorage(Protocol):
    """
    An append-only tree of leaves under a signed checkpoint.

    Guarantees: what a checkpoint covers is durable before the checkpoint is visible; a leaf that
    is already in the tree is not appended again, so every call may be repeated after a crash; two
    different roots are never signed at one size; a tree smaller than one signed or seen before is
    never signed. Reads answer for the last visible checkpoint.
    """

    @property
    def size(self) -> int:
        """The number of leaves under the visible checkpoint; 0 before the first."""

    def append(
        self,
        leaves: Sequence[bytes],
        *,
        sign: Signer,
        cosign: Cosigner = nobody,
        adopt_from: int = 0,
        last_seen: Checkpoint | None = None,
    ) -> list[int]:
        """
        Return the leaf numbers of these leaves once a checkpoint covers them.

        `sign` signs raw bytes with the log's Ed25519 key, `cosign` with one before it. Leaves are looked for among those
        numbered `adopt_from` and up, and appended if not there: the first number the caller has
        not recorded yet keeps this short, 0 looks through the whole tree.
        `last_seen` is a verified checkpoint kept elsewhere, which the tree has to continue.
        Raises: LogUnavailable, LogDamaged, LogRefused.
        """

    def checkpoint(self) -> str:
        """
        Return the visible checkpoint's text.

        Raises: LogUnavailable before the first append.
        """

    def read_leaves(self, first: int, end: int) -> list[bytes]:
        """
        Return the bytes of leaves `first` up to, not including, `end`.

        Raises: LogUnavailable, LogDamaged; ValueError when the tree has no such leaves.
        """

    def inclusion_proof(self, number: int, *, size: int) -> list[bytes]:
        """
        Return the audit path of a leaf in the tree of `size` leaves.

        Raises: LogUnavailable, LogDamaged; ValueError when that tree has no such leaf.
        """

    def consistency_proof(self, old_size: int, *, size: int) -> list[bytes]:
        """
        Return the proof that the tree of `size` leaves continues that of `old_size`.

        Raises: LogUnavailable, LogDamaged; ValueError when the sizes do not fit.
        """
