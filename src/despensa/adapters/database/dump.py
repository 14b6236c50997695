"""
Dumps of one database and their way back, by pg_dump and pg_restore of the wheel.

The owner role does both. Passwords travel in the environment of the child, never on its command
line. Source: PostgreSQL documentation, pg_dump and pg_restore.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from despensa.adapters.database.binaries import locate
from despensa.adapters.database.problem import DatabaseProblem

# libpq's variables for the parts of an address. Source: PostgreSQL documentation, section 34.15.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class DumpFailed(DatabaseProblem):
    """pg_dump or pg_restore ended with an error; the text holds its last line."""


def dump(owner_url: str, target: Path) -> dict[str, int]:
    """
    Write one moment of a database into a file and return the rows of each table at that moment.

    Raises: DumpFailed; psycopg.Error.
    """
    with psycopg.connect(owner_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        [snapshot] = _row(connection, sql.SQL("SELECT pg_export_snapshot()"))
        counts = _counts(connection)
        _run("pg_dump", owner_url, "--format=custom", f"--snapshot={snapshot}",
             f"--file={target}")  # fmt: skip
    return counts


def restore(owner_url: str, source: Path) -> dict[str, int]:
    """
    Fill an empty database from a dump and return the rows of each table.

    Holds: all or nothing. Privileges are not part of it: an upgrade gives them.
    Raises: DumpFailed, also when the database is not empty; psycopg.Error.
    """
    with psycopg.connect(owner_url) as connection:
        if _counts(connection):
            raise DumpFailed(
                f"The database {connection.info.dbname} is not empty. A backup is restored into "
                "new databases only: make empty ones, or give another folder."
            )
    _run("pg_restore", owner_url, "--exit-on-error", "--single-transaction", "--dbname",
         str(conninfo_to_dict(owner_url)["dbname"]), str(source))  # fmt: skip
    with psycopg.connect(owner_url) as connection:
        return _counts(connection)


def server_version(address: str) -> int:
    """Return the server's major version, such as 18."""
    with psycopg.connect(address) as connection:
        return connection.info.server_version // 10_000


def _counts(connection: psycopg.Connection) -> dict[str, int]:
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    return {
        table: _row(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))[0]
        for (table,) in tables
    }


def _row(connection: psycopg.Connection, statement: sql.SQL | sql.Composed) -> tuple[Any, ...]:
    row = connection.execute(statement).fetchone()
    if row is None:
        raise DumpFailed("The database gave no answer to a count.")
    return tuple(row)


def _run(program: str, address: str, *arguments: str) -> None:
    parts = conninfo_to_dict(address)
    environment = {
        variable: str(parts[name]) for name, variable in _VARIABLES.items() if name in parts
    }
    ended = subprocess.run(
        [str(locate().program(program)), "--no-owner", "--no-privileges", *arguments],
        env={"PATH": os.defpath, "LC_ALL": "C", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        said = ended.stderr.strip().splitlines() or ["no explanation"]
        raise DumpFailed(f"{program} of the database failed: {said[-1]}")
