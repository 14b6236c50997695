"""Set-based reading and writing: COPY for rows in, one statement for rows out."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from struct import Struct
from typing import Any

import psycopg
from django.db import IntegrityError, connections
from psycopg import postgres
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types.json import JsonbLoader

Parameters = Sequence[Any] | Mapping[str, Any]
_BULK_MEMORY_MIB = 128
_FRAMES_AT_ONCE = 500
_SENT_AT_ONCE = 1 << 16
_COPY_BEGINS, _COPY_ENDS = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_WIDTH, _NULL = Struct("!h").pack, b"\xff\xff\xff\xff"
_ARRAY_HEAD, _LENGTH = Struct("!iiIii").pack, Struct("!i").pack
_BIGINT, _EMPTY_ARRAY, _EIGHT = postgres.types["int8"].oid, 12, b"\0\0\0\x08"


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
        connections[using].wrap_database_errors,
        cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)


def copy_binary(
    using: str, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]
) -> None:
    """
    Write rows into a table by binary COPY, inside the caller's transaction.

    For many rows with bytes in them, which the text form doubles in length.
    Shape: `columns` is column to PostgreSQL type name, from our own code; each row has one value
    of exactly that type per column, in order.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    with (
        connections[using].cursor() as cursor,
        connections[using].wrap_database_errors,
        cursor.copy(f'COPY "{table}" ({names}) FROM STDIN (FORMAT binary)') as copy,
    ):
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)


def framed(values: Sequence[bytes | None]) -> bytes:
    """
    Return one row for `copy_framed`: each value in the server's binary form of its column's type.

    Source: PostgreSQL, COPY, binary format.
    """
    parts = [_WIDTH(len(values))]
    for value in values:
        if value is None:
            parts.append(_NULL)
        else:
            parts += (_LENGTH(len(value)), value)
    return b"".join(parts)


def copy_framed(
    using: str, table: str, columns: Sequence[str], rows: Iterable[bytes | memoryview]
) -> None:
    """
    Write rows made by `framed` into a table, inside the caller's transaction.

    For imports: several times quicker than having each value adapted. Types are not checked here;
    the server refuses a value of a wrong length.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    rest = iter(rows)
    with (
        connections[using].cursor() as cursor,
        connections[using].wrap_database_errors,
        cursor.copy(f'COPY "{table}" ({names}) FROM STDIN (FORMAT binary)') as copy,
    ):
        copy.write(_COPY_BEGINS)
        while some := list(islice(rest, _FRAMES_AT_ONCE)):
            block = some[0] if len(some) == 1 else b"".join(some)
            for at in range(0, len(block), _SENT_AT_ONCE):
                copy.write(block[at : at + _SENT_AT_ONCE])
        copy.write(_COPY_ENDS)


def broken_rule(error: IntegrityError) -> str:
    """Return the name of the constraint or column that a write broke, or an empty text."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error):
        return ""
    return cause.diag.constraint_name or cause.diag.column_name or ""


def widen_memory(using: str) -> None:
    """
    Let the statements of the caller's transaction sort and join a whole register in memory.

    The server's own setting is for many small statements: with it, a join of the register walks
    random indexes instead of hashing one side.
    """
    execute(using, f"SET LOCAL work_mem = '{_BULK_MEMORY_MIB}MB'")


@contextmanager
def only_one(using: str, name: str) -> Iterator[bool]:
    """
    Yield whether nobody else does the work of this name now; it is ours until the end, or a kill.

    For work longer than a transaction: the lock is the connection's.
    """
    [(is_mine,)] = fetch(using, "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (name,))
    try:
        yield is_mine
    finally:
        if is_mine:
            fetch(using, "SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (name,))


def fetch(using: str, statement: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """Return all rows of one statement."""
    with connections[using].cursor() as cursor:
        # Django leaves jsonb as text for its own fields; rows read here want values
        cursor.cursor.adapters.register_loader("jsonb", JsonbLoader)
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def run_prepared(using: str, statement: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """
    Return all rows of a statement that is run again and again: planned once, values in binary.

    Parameters need a cast in the statement where their type is not plain from their place.
    Raises: the errors of django.db, like every other statement.
    """
    connection = connections[using]
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection) as cursor,
    ):
        cursor.adapters.register_dumper(Octets, _OctetsDumper)
        cursor.adapters.register_dumper(Identifiers, _IdentifiersDumper)
        cursor.execute(statement, parameters, prepare=True, binary=True)
        rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
    return rows


@contextmanager
def pipelined(using: str) -> Iterator[None]:
    """
    Send the statements run inside to the server together and wait for it once, at the end.

    Only for statements of `run_prepared` that return nothing.
    Raises: the errors of django.db, of any of them, at the end.
    """
    connection = connections[using]
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


class Octets(list[bytes]):
    """Byte strings for one bytea[] parameter of `run_prepared`, packed quickly."""


class Identifiers(list[bytes]):
    """Identifiers of 16 bytes for one uuid[] parameter of `run_prepared`."""


def _packed(items: Sequence[bytes], element: int) -> bytes:
    """Return a one-dimensional array in the server's binary form. Source: its array_recv."""
    parts = [_ARRAY_HEAD(1, 0, element, len(items), 1)]
    for item in items:
        parts += (_LENGTH(len(item)), item)
    return b"".join(parts)


class _OctetsDumper(Dumper):
    format = Format.BINARY
    oid = postgres.types["bytea"].array_oid

    def dump(self, obj: Octets) -> bytes:
        return _packed(obj, postgres.types["bytea"].oid)


class _IdentifiersDumper(Dumper):
    format = Format.BINARY
    oid = postgres.types["uuid"].array_oid

    def dump(self, obj: Identifiers) -> bytes:
        return _packed(obj, postgres.types["uuid"].oid)


def wide_array(values: Collection[bytes]) -> bytes:
    """Return whole numbers of eight bytes each as the binary form of a bigint[], for `framed`."""
    if not values:
        return _ARRAY_HEAD(0, 0, _BIGINT, 0, 0)[:_EMPTY_ARRAY]
    return _ARRAY_HEAD(1, 0, _BIGINT, len(values), 1) + _EIGHT + _EIGHT.join(values)


def execute(using: str, statement: str, parameters: Parameters = ()) -> int:
    """Run one statement and return how many rows it touched."""
    with connections[using].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount
