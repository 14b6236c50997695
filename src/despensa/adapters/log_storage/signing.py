"""
The record of the last signing, flushed before a signature is made.

It is what keeps a restored or copied folder from signing a second root at a size signed before.
"""

from pathlib import Path

from despensa.adapters.log_storage import durable
from despensa.domain.ports.log_storage import LogRefused
from despensa.domain.transparency import checkpoint as note

BRING_BACK = (
    "The log folder looks older than what was signed before, as after restoring a backup. Bring "
    "back the newer `tile` folder and `checkpoint` from the public mirror, the keeper's copy or a "
    "later backup; nothing is signed until then."
)


class SigningRecord:
    """Size and root that were signed last for one origin, in one small file."""

    def __init__(self, path: Path, origin: str) -> None:
        """Look at a record; the file need not exist yet."""
        self._path = path
        self._origin = origin

    def last(self) -> note.Checkpoint | None:
        """
        Return what was signed last, or None before the first signing.

        Raises: LogRefused when the record cannot be read or is of another log; LogUnavailable.
        """
        data = durable.read_file(self._path)
        if data is None:
            return None
        try:
            last = note.parse_text(data.decode())
        except (note.MalformedCheckpoint, UnicodeDecodeError) as error:
            raise LogRefused(
                f"{self._path} is not readable, so it cannot be told what was signed last; bring "
                "it back from a backup or write the newest known checkpoint's first three lines "
                "into it"
            ) from error
        if last.origin != self._origin:
            raise LogRefused(f"{self._path} is about {last.origin}, not about {self._origin}")
        return last

    def remember(self, checkpoint: note.Checkpoint) -> None:
        """
        Write down what is about to be signed.

        Raises: LogRefused when a larger tree, or another root at this size, was signed before.
        """
        last = self.last()
        if last is not None and last.size > checkpoint.size:
            raise LogRefused(
                f"{last.size} leaves were signed before and this tree would have "
                f"{checkpoint.size}. {BRING_BACK}"
            )
        if last is not None and last.size == checkpoint.size and last.root != checkpoint.root:
            raise LogRefused(
                f"another root was signed at {checkpoint.size} leaves, and two logs must not go "
                f"by one name. {BRING_BACK}"
            )
        durable.write_files([(self._path, checkpoint.text.encode())])
