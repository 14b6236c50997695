"""Reads of releases, and of what a package holds of a cycle."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections

from despensa.domain.reach import Reach
from despensa.records.bulk import fetch, widen_memory
from despensa.records.databases import REGISTRY
from despensa.records.keyset import Turn, newest_first, page_sql
from despensa.records.within import within

PACKAGE, REPORT = 1, 2
BEGUN, READY, DESTROYED = 1, 2, 3
_GZIP = 31


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """One release."""

    id: UUID
    number: int
    kind: int
    cycle: UUID
    cycle_code: str
    programme: UUID
    programme_names: Mapping[str, str]
    programme_area: UUID
    recipient: str
    recipient_key: bytes | None
    reason: int
    destroy_by: date
    state: int
    checkpoint: str = field(repr=False)
    sha256: bytes | None
    length: int | None
    content: Mapping[str, Any] | None = field(repr=False)
    begun_at: int
    made_at: int | None
    destroyed_at: int | None
    fetches: int


_RELEASE = """
    SELECT release.id, release.number, release.kind, release.cycle_id, cycle.code, programme.id,
           programme.names, programme.area_id, release.recipient, release.recipient_key,
           release.reason, release.destroy_by, release.state, release.checkpoint, release.sha256,
           release.length, release.content, release.begun_at, release.made_at,
           release.destroyed_at,
           (SELECT count(*) FROM release_fetch WHERE release_fetch.release_id = release.id)
    FROM release JOIN cycle ON cycle.id = release.cycle_id
    JOIN programme ON programme.id = cycle.programme_id
"""


def release(release_id: UUID) -> ReleaseView | None:
    """Return one release, or None."""
    rows = fetch(REGISTRY, f"{_RELEASE} WHERE release.id = %s", (release_id,))
    return _view(rows[0]) if rows else None


def releases(
    limit: int | None = None, *, reach: Reach | None, turn: Turn | None = None
) -> list[ReleaseView]:
    """Return the releases in reach, newest first, of the page that begins at `turn`."""
    covered, values = within(reach, "programme.id", "programme.area_id")
    page, keys, order = page_sql("release.number", "release.id", turn)
    rows = fetch(
        REGISTRY,
        f"{_RELEASE} WHERE {covered} AND {page} ORDER BY {order} LIMIT %s",
        (*values, *keys, limit),
    )
    return newest_first([_view(row) for row in rows], turn)


def due(today: date) -> list[tuple[UUID, int]]:
    """Return (id, kind) of what is ready and whose destroy-by date has come, oldest first."""
    return fetch(
        REGISTRY,
        "SELECT id, kind FROM release WHERE state = %s AND destroy_by <= %s ORDER BY number",
        (READY, today),
    )


def kept() -> dict[UUID, int]:
    """Return the state of the packages whose file is here, or is being made."""
    return dict(
        fetch(
            REGISTRY,
            "SELECT id, state FROM release WHERE kind = %s AND state <> %s",
            (PACKAGE, DESTROYED),
        )
    )


def public_leaves_with(pieces: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Return (number in the log, bytes) of the public leaves that hold one of these, in order."""
    return [
        (number, bytes(leaf))
        for number, leaf in fetch(
            REGISTRY,
            """SELECT numbered.number, queued.leaf
               FROM leaf_queue queued JOIN leaf_number numbered USING (entry)
               WHERE substring(queued.leaf FROM 1 FOR 1) = '\\x01'::bytea
                 AND EXISTS (SELECT FROM unnest(%s::bytea[]) AS piece (held)
                             WHERE position(held IN queued.leaf) > 0)
               ORDER BY numbered.number""",
            (list(pieces),),
        )
    ]


def decided_lines(cycle: UUID, units: Sequence[int]) -> Iterator[bytes]:
    """
    Yield what the books hold of a cycle's decisions, packed by gzip, without any household.

    Shape: CSV by frozen row: row, outcome, codes parted by commas, the quantity of each of these
        units, the quantity of any other. The same books give the same bytes.
    """
    amounts = "".join(
        f", coalesce(sum(quantity) FILTER (WHERE unit = {int(unit)}), 0)::bigint AS of_{int(unit)}"
        for unit in units
    )
    listed = ", ".join(str(int(unit)) for unit in units) or "NULL"
    kept = "".join(f", coalesce(of_{int(unit)}, 0)" for unit in units)
    statement = f"""COPY (
        SELECT frozen_row, outcome, array_to_string(clauses, ','){kept}, coalesce(of_others, 0)
        FROM decision LEFT JOIN (
            SELECT household_id{amounts},
                   coalesce(sum(quantity) FILTER (WHERE unit NOT IN ({listed})), 0)::bigint
                   AS of_others
            FROM benefit_line WHERE cycle_id = '{cycle}' GROUP BY household_id) given
        USING (household_id) WHERE cycle_id = '{cycle}' ORDER BY frozen_row
    ) TO STDOUT (FORMAT csv)"""
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    connection = connections[REGISTRY]
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            widen_memory(REGISTRY)
            with cursor.copy(statement) as copy:
                for part in copy:
                    if packed := packer.compress(bytes(part)):
                        yield packed
        finally:
            cursor.execute("COMMIT")
    yield packer.flush()


def _view(row: tuple) -> ReleaseView:
    values = list(row)
    for at in (9, 14):
        values[at] = None if values[at] is None else bytes(values[at])
    return ReleaseView(*values)
