"""
Writes of the register: whole batches by COPY, inside the use case's transaction.

Only use cases import this. Source: docs/explanation/design.md, section 3.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError
from psycopg.types.json import Jsonb

from despensa.domain.act import Acting
from despensa.domain.matching.normalise import fold
from despensa.domain.ports.keeper import Access
from despensa.domain.reach import lineage, smallest_around
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import private_entry
from despensa.records import journal_rows, journal_store
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import REGISTRY

_IMPORTS_TAKE_TURNS = 1
PCODE_MAX = 32
FILE_OUT_OF_REACH = (
    "This file has households outside the area your role is for today: nothing was taken in. Send "
    "only the rows of your area, with the area's code, or ask the security officer."
)


class FileKnown(RuntimeError):
    """The same file is in the register or waits for approval already."""


@dataclass(frozen=True, slots=True)
class KnownOrigin:
    """The household a record of a source became, and what the source said of it (domain `said`)."""

    household: UUID
    said: bytes


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area."""

    id: UUID
    parent: UUID | None
    pcode: str
    level: int
    names: Mapping[str, str]


def lock_register() -> None:
    """
    Let imports take turns, so that two files with the same household cannot both find it new.

    Locks: the register's advisory lock, until the transaction ends.
    """
    fetch(REGISTRY, "SELECT 1 FROM pg_advisory_xact_lock(%s)", (_IMPORTS_TAKE_TURNS,))


def known_origins(refs: Sequence[bytes]) -> dict[bytes, KnownOrigin]:
    """Return what is known under each known origin reference."""
    rows = fetch(
        REGISTRY,
        "SELECT origin_ref, row, said FROM origin WHERE origin_ref = ANY(%s)",
        (list(refs),),
    )
    return {bytes(ref): KnownOrigin(row, bytes(said)) for ref, row, said in rows}


def add_pairs(
    pairs: Iterable[tuple[int, UUID, int, UUID | None]], *, register_import: UUID
) -> None:
    """Write what each household of a file became: (place, household, effect, operation)."""
    copy_rows(
        REGISTRY,
        "import_pair",
        ("register_import", "place", "household_id", "effect", "change"),
        ((register_import, *pair) for pair in pairs),
    )


def areas_by_pcode() -> dict[str, UUID]:
    """Return every area's id by p-code."""
    return dict(fetch(REGISTRY, "SELECT pcode, id FROM area"))


def add_areas(areas: Sequence[AreaRow]) -> None:
    """Write areas, parents before children."""
    copy_rows(
        REGISTRY,
        "area",
        ("id", "parent_id", "pcode", "level", "names"),
        ((a.id, a.parent, a.pcode, a.level, Jsonb(dict(a.names))) for a in areas),
    )


def area_code(pcode: str | None, name: str | None, root_pcode: str) -> str:
    """Return the p-code a household's place has or gets: its own, one made of its name, or all."""
    return pcode or (f"~{fold(name)}"[:PCODE_MAX] if name else root_pcode)


def area_around(places: Iterable[tuple[str | None, str | None]], root_pcode: str) -> UUID:
    """
    Return the smallest area that all places (p-code, name) lie in.

    A place nobody knows yet is made below the root, so that only the root is around it.
    """
    rows = fetch(REGISTRY, "SELECT pcode, id, parent_id FROM area")
    by_pcode = {pcode: area for pcode, area, _ in rows}
    root = by_pcode[root_pcode]
    codes = {area_code(pcode, name, root_pcode) for pcode, name in places}
    parents = {area: parent for _, area, parent in rows}
    return smallest_around((by_pcode.get(code, root) for code in codes), parents) or root


def lies_in(area: UUID, outer: UUID) -> bool:
    """Return whether an area is another one or lies in it."""
    return outer in lineage(area, dict(fetch(REGISTRY, "SELECT id, parent_id FROM area")))


def areas_inside(outer: UUID) -> set[UUID] | None:
    """Return an area and all that lie in it, None for the whole workspace."""
    rows = fetch(
        REGISTRY,
        """WITH RECURSIVE inside AS (
               SELECT id, parent_id FROM area WHERE id = %s
               UNION ALL SELECT area.id, area.parent_id
               FROM area JOIN inside ON area.parent_id = inside.id
           ) SELECT id, parent_id FROM inside""",
        (outer,),
    )
    is_root = any(area == outer and parent is None for area, parent in rows)
    return None if is_root else {area for area, _ in rows}


def rows_taken_alone(day: date, staff: UUID) -> tuple[int, int]:
    """Return how many rows one person, and all, took in on a day without a second person."""
    [(own, every)] = fetch(
        REGISTRY,
        """SELECT coalesce(sum(rows) FILTER (WHERE staff = %s), 0)::bigint,
                  coalesce(sum(rows), 0)::bigint
           FROM rows_taken_alone WHERE day = %s""",
        (staff, day),
    )
    return own, every


def take_rows_alone(day: date, staff: UUID, rows: int) -> None:
    """Add rows to what a person took in on a day without a second person."""
    execute(
        REGISTRY,
        """INSERT INTO rows_taken_alone AS taken (day, staff, rows) VALUES (%s, %s, %s)
           ON CONFLICT (day, staff) DO UPDATE SET rows = taken.rows + excluded.rows""",
        (day, staff, rows),
    )


def area_journal(areas: Sequence[AreaRow]) -> list[bytes]:
    """Return the journal rows of new areas."""
    return journal_rows.inserted(
        "area",
        (
            (
                area.id.bytes,
                {
                    "parent_id": None if area.parent is None else area.parent.bytes,
                    "pcode": area.pcode,
                    "level": area.level,
                    "names": dict(area.names),
                },
            )
            for area in areas
        ),
    )


def add_import(
    *,
    register_import: UUID,
    digest: bytes,
    kind: str,
    file_name: str,
    counts: Mapping[str, int],
    proposal: UUID | None,
    area: UUID,
    staff: UUID,
    now: int,
) -> None:
    """
    Record a file on its way in.

    Raises: FileKnown when the same file waits or was taken in before.
    """
    try:
        execute(
            REGISTRY,
            """INSERT INTO register_import
               (id, file_sha256, kind, file_name, state, counts, proposal, area_id, staff,
                staged_at)
               VALUES (%s, %s, %s, %s, 1, %s, %s, %s, %s, %s)""",
            (
                register_import,
                digest,
                kind,
                file_name,
                Jsonb(dict(counts)),
                proposal,
                area,
                staff,
                now,
            ),
        )
    except IntegrityError as error:
        raise FileKnown(
            "This file was taken in before, or waits for approval: nothing was changed."
        ) from error


def finish_import(register_import: UUID, counts: Mapping[str, int], *, now: int) -> None:
    """Mark a file as taken in; its counts of rows stay beside what the register gained."""
    execute(
        REGISTRY,
        """UPDATE register_import SET state = 2, committed_at = %s, counts = counts || %s
           WHERE id = %s""",
        (now, Jsonb(dict(counts)), register_import),
    )


def refuse_imports(proposals: Sequence[UUID]) -> None:
    """Mark the files of refused or expired proposals."""
    execute(
        REGISTRY,
        "UPDATE register_import SET state = 3 WHERE proposal = ANY(%s)",
        (list(proposals),),
    )


def record_look(access: Access, *, acting: Acting) -> None:
    """Write who looks at these people, for each of them to read, and the entry of the journal."""
    entry, staff = UUID(bytes=access.entry), UUID(bytes=access.staff)
    fields = [int(column) for column in access.fields]
    copy_rows(
        REGISTRY,
        "access_entry",
        ("entry", "person", "at", "staff", "purpose", "fields"),
        (
            (entry, UUID(bytes=person), access.at, staff, int(access.purpose), fields)
            for person in access.persons
        ),
    )
    shown = journal.Access(access.persons, int(access.purpose), tuple(fields), access.case)
    act = journal_store.act(REGISTRY, journal.READ, acting)
    look = private_entry(act, entry=entry, salt=acting.new_salt(), access=shown)
    journal_store.append(REGISTRY, [look])
