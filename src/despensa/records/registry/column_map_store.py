"""Writes of column maps; only use cases import this."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from despensa.records import journal_rows
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY

_TABLE = "column_map"


def put(
    new_id: UUID, *, source: str, headings: bytes, fields: Mapping[str, str], staff: UUID, now: int
) -> list[bytes]:
    """
    Remember what columns mean for a source and its headings; return the journal rows.

    Shape: empty when the same was remembered before, so that the same map twice changes nothing.
    Locks: the row of this source and headings.
    """
    known = fetch(
        REGISTRY,
        "SELECT id, fields FROM column_map WHERE source = %s AND headings = %s FOR UPDATE",
        (source, headings),
    )
    if known and known[0][1] == dict(fields):
        return []
    written: dict[int | str, Any] = {"fields": dict(fields), "staff": staff.bytes, "at": now}
    if known:
        execute(
            REGISTRY,
            "UPDATE column_map SET fields = %s, staff = %s, at = %s WHERE id = %s",
            (Jsonb(dict(fields)), staff, now, known[0][0]),
        )
        return journal_rows.updated(_TABLE, [(known[0][0].bytes, written)])
    execute(
        REGISTRY,
        """INSERT INTO column_map (id, source, headings, fields, staff, at)
           VALUES (%s, %s, %s, %s, %s, %s)""",
        (new_id, source, headings, Jsonb(dict(fields)), staff, now),
    )
    columns: dict[int | str, Any] = {"source": source, "headings": headings, **written}
    return journal_rows.inserted(_TABLE, [(new_id.bytes, columns)])
