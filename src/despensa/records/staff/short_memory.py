"""Values remembered for a short time. Only use cases import this."""

import json
from typing import Any

from psycopg.types.json import Jsonb

from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY


def add(key: bytes, value: Any, *, until: float, now: float) -> bool:
    """Write a value where none is, or one whose time is over; of two at once one succeeds."""
    return (
        execute(
            REGISTRY,
            """INSERT INTO short_memory (key, value, until) VALUES (%s, %s, %s)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value, until = excluded.until
               WHERE short_memory.until <= %s""",
            (key, Jsonb(value), until, now),
        )
        == 1
    )


def find(key: bytes, *, now: float) -> tuple[Any] | None:
    """Return a value whose time is not over, as a tuple of one."""
    rows = fetch(
        REGISTRY,
        "SELECT value::text FROM short_memory WHERE key = %s AND until > %s",
        (key, now),
    )
    return (json.loads(rows[0][0]),) if rows else None


def write(key: bytes, value: Any, *, until: float, now: float) -> None:
    """Write a value, and delete those whose time is over."""
    execute(REGISTRY, "DELETE FROM short_memory WHERE until <= %s AND key <> %s", (now, key))
    execute(
        REGISTRY,
        """INSERT INTO short_memory (key, value, until) VALUES (%s, %s, %s)
           ON CONFLICT (key) DO UPDATE SET value = excluded.value, until = excluded.until""",
        (key, Jsonb(value), until),
    )


def delete(key: bytes) -> bool:
    """Delete a value; return whether there was one."""
    return execute(REGISTRY, "DELETE FROM short_memory WHERE key = %s", (key,)) == 1


def delete_all() -> None:
    """Delete every value."""
    execute(REGISTRY, "DELETE FROM short_memory")
