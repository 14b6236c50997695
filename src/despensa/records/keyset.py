"""
Turning the pages of a list by key instead of by offset: page 1,000 costs as much as page 1.

A list is sorted newest first by a column and the row's id; the page before or after a row is
found from that row's key alone.
"""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Turn:
    """
    Where a page begins: after the row with this key, going older, or before it, going newer.

    Units: `key` is the sorted column's own value.
    """

    key: object
    id: UUID
    is_newer: bool = False


def page_sql(column: str, id_column: str, turn: Turn | None) -> tuple[str, list[Any], str]:
    """
    Return the condition of a page, its values, and the ORDER BY that reads it.

    A page of newer rows is read oldest first, so that the nearest come; `newest_first` turns it.
    Column names are from our own code, never from input.

    >>> page_sql("staged_at", "id", None)
    ('true', [], 'staged_at DESC, id DESC')
    """
    is_newer = turn is not None and turn.is_newer
    direction = "ASC" if is_newer else "DESC"
    order = f"{column} {direction}, {id_column} {direction}"
    if turn is None:
        return "true", [], order
    condition = f"({column}, {id_column}) {'>' if is_newer else '<'} (%s, %s)"
    return condition, [turn.key, turn.id], order


def newest_first(rows: list[Row], turn: Turn | None) -> list[Row]:
    """Return the rows of a page newest first, whichever way they were read."""
    return rows[::-1] if turn is not None and turn.is_newer else rows
