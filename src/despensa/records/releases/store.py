"""Writes of releases. Only use cases import this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY

PACKAGE, REPORT = 1, 2
BEGUN, READY, DESTROYED = 1, 2, 3
_NUMBERING = 0x72_65_6C


@dataclass(frozen=True, slots=True)
class NewRelease:
    """A release whose making begins."""

    id: UUID
    kind: int
    cycle: UUID
    recipient: str
    key: bytes | None
    reason: int
    destroy_by: date
    checkpoint: str = field(default="", repr=False)


def begin(release: NewRelease, *, now: int) -> int:
    """
    Write a release and return its number: one more than the last, without a gap.

    Locks: the numbering, until the transaction ends.
    """
    fetch(REGISTRY, "SELECT pg_advisory_xact_lock(%s)", (_NUMBERING,))
    [(number,)] = fetch(
        REGISTRY,
        """INSERT INTO release (id, number, kind, cycle_id, recipient, recipient_key, reason,
                                destroy_by, state, checkpoint, begun_at)
           SELECT %s, coalesce(max(number), 0) + 1, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM release
           RETURNING number""",
        (
            release.id, release.kind, release.cycle, release.recipient, release.key,
            release.reason, release.destroy_by, BEGUN, release.checkpoint, now,
        ),
    )  # fmt: skip
    return int(number)


def columns(release: NewRelease, number: int) -> dict[int | str, Any]:
    """Return a new release as the journal keeps it."""
    return {
        "number": number,
        "kind": release.kind,
        "cycle_id": release.cycle.bytes,
        "recipient": release.recipient,
        "recipient_key": release.key,
        "reason": release.reason,
        "destroy_by": release.destroy_by.isoformat(),
    }


def finish(
    release: UUID, *, sha256: bytes, length: int, content: Mapping[str, Any] | None, now: int
) -> bool:
    """Return whether a release that was begun is ready now; False when it was before."""
    changed = execute(
        REGISTRY,
        """UPDATE release SET state = %s, sha256 = %s, length = %s, content = %s, made_at = %s
           WHERE id = %s AND state = %s""",
        (
            READY, sha256, length, None if content is None else Jsonb(dict(content)), now, release,
            BEGUN,
        ),
    )  # fmt: skip
    return changed == 1


def destroy(release: UUID, *, now: int) -> bool:
    """Return whether a release is marked as destroyed now; what it held goes with it."""
    changed = execute(
        REGISTRY,
        """UPDATE release SET state = %s, content = NULL, destroyed_at = %s
           WHERE id = %s AND state = %s""",
        (DESTROYED, now, release, READY),
    )
    return changed == 1


def add_fetch(entry: UUID, release: UUID, *, staff: UUID, now: int) -> None:
    """Write that somebody takes a copy out."""
    execute(
        REGISTRY,
        "INSERT INTO release_fetch (id, release_id, staff, at) VALUES (%s, %s, %s, %s)",
        (entry, release, staff, now),
    )
