"""
Rows of the journal that are about no person: what was inserted or updated, in the open.

Rows about a person are sealed by the use case that writes them. Source: docs/reference/formats.md,
section 8, Row.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from despensa.domain.transparency import journal
from despensa.records.tables import TABLE_NUMBER

Keyed = tuple[bytes, Mapping[int | str, Any]]


def inserted(table: str, rows: Iterable[Keyed]) -> list[bytes]:
    """Return the bytes of inserted rows, each (primary key, {column: value})."""
    return _rows(table, journal.Op.INSERT, rows)


def updated(table: str, rows: Iterable[Keyed]) -> list[bytes]:
    """Return the bytes of updated rows, each (primary key, {changed column: new value})."""
    return _rows(table, journal.Op.UPDATE, rows)


def deleted(table: str, rows: Iterable[Keyed]) -> list[bytes]:
    """Return the bytes of deleted rows, each (primary key, nothing)."""
    return _rows(table, journal.Op.DELETE, rows)


def _rows(table: str, op: journal.Op, rows: Iterable[Keyed]) -> list[bytes]:
    number = TABLE_NUMBER[table]
    return journal.encode_rows(
        journal.Row(number, op, key, journal.Seal.NONE, journal.encode_columns(columns))
        for key, columns in rows
    )
