"""
Writes of the catalogue of facts, inside the use case's transaction. Only use cases import this.

Whoever stores facts holds the catalogue's lock together with others (the trigger of migrations/0002
takes it); whoever changes what may be stored waits until they have ended.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from despensa.records import journal_rows
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY

# "catalogu"; migrations/0002 writes the same number
LOCK = 0x636174616C6F6775


def lock() -> None:
    """Wait until nobody stores facts, and let nobody begin before the transaction ends."""
    fetch(REGISTRY, "SELECT pg_advisory_xact_lock(%s)", (LOCK,))


def lock_shared() -> None:
    """Let the catalogue stay as it is until the transaction ends."""
    fetch(REGISTRY, "SELECT pg_advisory_xact_lock_shared(%s)", (LOCK,))


def add(
    version: int,
    *,
    text: str,
    digest: bytes,
    facts: Sequence[str],
    proposal: UUID | None,
    now: int,
) -> list[bytes]:
    """Write a version that is in force from now on, and return its journal row."""
    execute(
        REGISTRY,
        """INSERT INTO catalogue (version, text, hash, proposal, published_at)
           VALUES (%s, %s, %s, %s, %s)""",
        (version, text, digest, proposal, now),
    )
    execute(
        REGISTRY,
        """INSERT INTO catalogue_fact (version, name)
           SELECT %s, name FROM unnest(%s::text[]) AS given (name)""",
        (version, list(facts)),
    )
    columns: dict[int | str, Any] = {
        "hash": digest,
        "proposal": None if proposal is None else proposal.bytes,
    }
    return journal_rows.inserted("catalogue", [(version.to_bytes(4, "big"), columns)])


def destroy(name: str, versions: Sequence[int], *, now: int) -> tuple[int, list[bytes]]:
    """
    Delete every value of a fact; return how many there were, and the journal rows that say so.

    What a file's update had replaced loses the fact as well, and is not counted.
    The count stands with the newest of the versions. Locks: the rows that held the fact.
    """
    count = sum(
        execute(REGISTRY, f"UPDATE {table} SET facts = facts - %s WHERE facts ? %s", (name, name))
        for table in ("household", "registrant")
    )
    for table in ("household_before", "registrant_before"):
        execute(REGISTRY, f"UPDATE {table} SET facts = facts - %s WHERE facts ? %s", (name, name))
    newest = max(versions)
    execute(
        REGISTRY,
        """UPDATE catalogue_fact
           SET destroyed_at = %s, destroyed_values = CASE WHEN version = %s THEN %s ELSE 0 END
           WHERE name = %s AND version = ANY(%s)""",
        (now, newest, count, name, list(versions)),
    )
    rows = journal_rows.updated(
        "catalogue_fact",
        (
            (
                version.to_bytes(4, "big") + name.encode(),
                {"destroyed_at": now, "destroyed_values": count if version == newest else 0},
            )
            for version in versions
        ),
    )
    return count, rows
