"""
Journal entries ready to be written: header, content and leaf made together.

Decides nothing new: it puts `journal` and `leaf` together so that every write path makes its entries
in one way. Ids and salts are arguments. Source: docs/reference/formats.md, section 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from despensa.domain.encoding import dcbor
from despensa.domain.transparency import journal, leaf, tree


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry with the leaf that commits to it."""

    entry: UUID
    leaf: bytes
    salt: bytes
    stored: bytes

    @property
    def leaf_hash(self) -> bytes:
        """Return the hash under which the tree holds the leaf."""
        return tree.leaf_hash(self.leaf)


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what, when, in which database and under which proposal."""

    database: int
    at: int
    actor: bytes | None
    action: str
    proposal: bytes | None = None


def private_entry(
    act: Act,
    *,
    entry: UUID,
    salt: bytes,
    rows: Sequence[bytes] = (),
    access: journal.Access | None = None,
    chunk_keys: Sequence[journal.ChunkKey] = (),
    keep_rows: bool = True,
) -> Entry:
    """
    Return an entry whose leaf tells nothing.

    `rows` are row bytes after sealing, at most 10,000; with `keep_rows` false only their root is
    kept, because the rows lie elsewhere under the same hashes (redemptions and refusals).
    """
    content = journal.encode_content(
        journal.Content(
            entry=entry.bytes,
            database=act.database,
            at=act.at,
            actor=act.actor,
            action=act.action,
            proposal=act.proposal,
            row_count=len(rows),
            rows_root=journal.rows_root(salt, rows),
            access=access,
        )
    )
    kept = tuple(rows) if keep_rows else ()
    stored = journal.encode_stored(journal.Stored(content, kept, tuple(chunk_keys)))
    return Entry(entry, leaf.private_leaf(content, salt), salt, stored)


def public_entry(
    act: Act, *, entry: UUID, salt: bytes, kind: leaf.PublicKind, body: dict[int, Any]
) -> Entry:
    """Return an entry whose leaf everybody may read; `body` is what it announces."""
    public = leaf.public_leaf(entry=entry.bytes, kind=kind, at=act.at, body=dcbor.encode(body))
    content = journal.encode_content(
        journal.Content(
            entry=entry.bytes,
            database=act.database,
            at=act.at,
            actor=act.actor,
            action=act.action,
            proposal=act.proposal,
            row_count=0,
            rows_root=tree.EMPTY_ROOT,
        )
    )
    stored = journal.encode_stored(journal.Stored(content, (dcbor.encode(body),)))
    return Entry(entry, public, salt, stored)
