"""The condition that somebody's reach covers a row, for lists that only SQL may cut into pages."""

from typing import Any

from despensa.domain.reach import Reach


def within(reach: Reach | None, programme: str, area: str) -> tuple[str, list[Any]]:
    """
    Return the condition that a reach covers a row's programme and area, and its values.

    Columns are from our own code, never from input; NULL in them is every programme, or the whole
    workspace. Holds: true for exactly the rows for which `Reach.covers` is.

    >>> within(None, "proposal.programme", "proposal.area")
    ('true', [])
    """
    if reach is None:
        return "true", []
    conditions, values = ["false"], list[Any]()
    for stretch in reach.stretches:
        parts = ["true"]
        if stretch.programme is not None:
            parts.append(f"{programme} = %s")
            values.append(stretch.programme)
        if stretch.inside is not None:
            parts.append(f"{area} = ANY(%s)")
            values.append(list(stretch.inside))
        conditions.append(" AND ".join(parts))
    return f"({' OR '.join(conditions)})", values
