"""The stage of a sealing: leaves written down before the tree changes, so no crash loses them."""

from dataclasses import dataclass
from pathlib import Path

from despensa.domain.encoding import dcbor
from despensa.domain.ports.log_storage import LogDamaged, LogRefused
from despensa.domain.transparency import tree

_VERSION = 1
_BYTES_MAX = 1 << 31


@dataclass(frozen=True, slots=True)
class Stage:
    """Leaves on their way into the tree, the size they follow and the root they lead to."""

    old_size: int
    root: bytes
    leaves: list[bytes]

    @property
    def size(self) -> int:
        """The size the tree will have."""
        return self.old_size + len(self.leaves)

    def encoded(self) -> bytes:
        """Return the stage as a file's content."""
        return dcbor.encode([_VERSION, self.old_size, self.root, self.leaves])


def parse_stage(data: bytes, path: Path) -> Stage:
    """
    Return a stage from a file's content; `path` is named in messages.

    Raises: LogDamaged; LogRefused when a newer version wrote it.
    """
    try:
        version, old_size, root, leaves = dcbor.decode(data, bytes_max=_BYTES_MAX)
    except (TypeError, ValueError) as error:
        raise LogDamaged(_DAMAGED.format(path=path)) from error
    if type(version) is int and version > _VERSION:
        raise LogRefused(f"{path} was written by a newer version; finish the sealing with that one")
    parts_fit = (
        version == _VERSION
        and type(old_size) is int
        and old_size >= 0
        and type(root) is bytes
        and len(root) == tree.HASH_LENGTH
        and type(leaves) is list
        and all(type(leaf) is bytes for leaf in leaves)
    )
    if not parts_fit:
        raise LogDamaged(_DAMAGED.format(path=path))
    return Stage(old_size, root, leaves)


_DAMAGED = (
    "{path} is damaged. Set the file aside and seal again: its leaves are still queued in the "
    "database."
)
