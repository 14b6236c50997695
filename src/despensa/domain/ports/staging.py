"""The keeper's port for files that wait for approval. Source: docs/explanation/design.md, section 5."""

from collections.abc import Iterable, Iterator
from typing import Protocol


class StagedFileDamaged(ValueError):
    """A staged file is not the one that was sealed under its key."""


class StagedFileStands(ValueError):
    """A file waits under the id already and is not exchanged."""


class StagingVault(Protocol):
    """
    Keeps a file that waits for approval under a random key of its own.

    Guarantee: after `destroy` nobody can read the file, from whatever copy, and when it was asked
    for stands in the keeper's own copy; a file that waits is not exchanged for another. Parts are held one at
    a time; a part that is missing, damaged or in another place is found before anything is made of
    it or of what follows. What is sealed beside a file is destroyed with it.
    """

    def seal(self, proposal: bytes, content: bytes) -> None:
        """Store the content sealed, under the proposal's id. Raises: StagedFileStands."""

    def seal_parts(self, proposal: bytes, parts: Iterable[bytes]) -> None:
        """Store content made part by part, sealed, under the id. Raises: StagedFileStands."""

    def open(self, proposal: bytes) -> bytes:
        """
        Return the content.

        Raises: FileNotFoundError when it was destroyed; StagedFileDamaged.
        """

    def open_parts(self, proposal: bytes) -> Iterator[bytes]:
        """Yield the parts of the content. Raises: as `open`, at any part."""

    def seal_beside(self, proposal: bytes, parts: Iterable[bytes]) -> None:
        """Store more that belongs to the proposal, sealed, beside its file."""

    def open_beside(self, proposal: bytes) -> Iterator[bytes]:
        """Yield the parts of what lies beside. Raises: as `open`, at any part."""

    def destroy(self, proposal: bytes, *, at: int) -> None:
        """Destroy key and file, and what lies beside; again is nothing."""
