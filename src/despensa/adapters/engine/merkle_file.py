"""
The tree over a frozen cycle's rows, kept as a file so that a path costs a few reads.

Shape: 32-byte hashes, all leaves in row order, then every higher level in turn, up to the root.
Source: RFC 6962 section 2.1; docs/explanation/design.md section 7.2.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from despensa.domain.ports.engine import EngineError

HASH_LENGTH = 32
_NODE = b"\x01"


def write_tree(path: Path, leaf_hashes: Iterable[bytes]) -> bytes:
    """
    Write the tree over leaf hashes given as joined chunks, and return its root.

    Holds: a last node without a partner rises unchanged, which gives RFC 6962's root; no leaves
        give the hash of nothing.
    """
    with path.open("wb") as file:
        level = bytearray()
        for chunk in leaf_hashes:
            level += chunk
        file.write(level)
        while len(level) > HASH_LENGTH:
            level = _parents(level)
            file.write(level)
    return bytes(level) or hashlib.sha256(b"").digest()


def read_path(path: Path, row: int, rows: int) -> tuple[bytes, ...]:
    """
    Return the hashes that lead from one row's leaf to the root.

    Raises: EngineError when the file is shorter than a tree of so many rows.
    """
    found = []
    start, size = 0, rows
    with path.open("rb") as file:
        while size > 1:
            sibling = row ^ 1
            if sibling < size:
                file.seek((start + sibling) * HASH_LENGTH)
                value = file.read(HASH_LENGTH)
                if len(value) != HASH_LENGTH:
                    raise EngineError(f"{path} is cut short: freeze the cycle again")
                found.append(value)
            start, size, row = start + size, (size + 1) // 2, row // 2
    return tuple(found)


def _parents(level: bytearray) -> bytearray:
    view = memoryview(level)
    double = 2 * HASH_LENGTH
    paired = len(level) // double * double
    parents = bytearray(
        b"".join(
            hashlib.sha256(_NODE + view[at : at + double]).digest()
            for at in range(0, paired, double)
        )
    )
    return parents + level[paired:]
