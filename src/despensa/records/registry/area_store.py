"""Areas as a boundary table is compared with them, and their changes; only use cases import this."""

from collections.abc import Sequence

from psycopg.types.json import Jsonb

from despensa.domain.registration.gazetteer import Known
from despensa.records import journal_rows
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.registry.store import AreaRow


def known() -> dict[str, Known]:
    """Return every area by p-code, with the p-code of the one it lies in."""
    rows = fetch(
        REGISTRY,
        """SELECT area.pcode, parent.pcode, area.level, area.names
           FROM area LEFT JOIN area parent ON parent.id = area.parent_id""",
    )
    return {pcode: Known(pcode, parent, level, names) for pcode, parent, level, names in rows}


def root_pcode() -> str:
    """Return the p-code of the workspace's own area."""
    [(pcode,)] = fetch(REGISTRY, "SELECT pcode FROM area WHERE parent_id IS NULL")
    return str(pcode)


def change(areas: Sequence[AreaRow]) -> list[bytes]:
    """Write where known areas lie and what they are called; return the journal rows."""
    execute(
        REGISTRY,
        """UPDATE area SET parent_id = new.parent, level = new.level, names = new.names
           FROM unnest(%s::uuid[], %s::uuid[], %s::smallint[], %s::jsonb[])
                AS new (id, parent, level, names)
           WHERE area.id = new.id""",
        (
            [one.id for one in areas],
            [one.parent for one in areas],
            [one.level for one in areas],
            [Jsonb(dict(one.names)) for one in areas],
        ),
    )
    return journal_rows.updated(
        "area",
        (
            (
                one.id.bytes,
                {
                    "parent_id": None if one.parent is None else one.parent.bytes,
                    "level": one.level,
                    "names": dict(one.names),
                },
            )
            for one in areas
        ),
    )
