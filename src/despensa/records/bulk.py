"""Set-based reading and writing: COPY for rows in, one statement for rows out."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections
from psycopg.types.json import JsonbLoader


def copy_rows(
    using: str, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """
    Write rows into a table by COPY, inside the caller's transaction.

    `table` and `columns` are names from our own code, never from input.
    Shape: each row has one value per column, in order.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    with (
        connections[using].cursor() as cursor,
        cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)


def fetch(using: str, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return all rows of one statement."""
    with connections[using].cursor() as cursor:
        # Django leaves jsonb as text for its own fields; rows read here want values
        cursor.cursor.adapters.register_loader("jsonb", JsonbLoader)
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def execute(using: str, statement: str, parameters: Sequence[Any] = ()) -> int:
    """Run one statement and return how many rows it touched."""
    with connections[using].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount
