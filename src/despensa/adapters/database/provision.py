"""
Makes the two databases and their four roles, each shut against the other.

Asking twice changes nothing, so that it runs at every start. Table privileges are not set here
but in `grants.py`, after the migrations. SQL within PostgreSQL 15.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from despensa.adapters.database.endpoints import Endpoints, url
from despensa.adapters.database.problem import DatabaseProblem

DATABASES = ("registry", "ledger")
_BUILTIN_LOCALE_SINCE = 170000
_NOT_OF_SERVER = frozenset({"user", "password", "dbname", "passfile"})


class NotSuperuser(DatabaseProblem):
    """The address given for making roles and databases may not do that."""


@dataclass(frozen=True, slots=True)
class Names:
    """
    The names of databases and roles that begin with one prefix.

    >>> Names("despensa").app("ledger")
    'despensa_ledger_app'
    """

    prefix: str

    def database(self, kind: str) -> str:
        """Return the database of `kind`, which is registry or ledger."""
        return f"{self.prefix}_{kind}"

    def owner(self, kind: str) -> str:
        """Return the role that owns the tables and runs the migrations."""
        return f"{self.prefix}_{kind}_owner"

    def app(self, kind: str) -> str:
        """Return the role the running program uses."""
        return f"{self.prefix}_{kind}_app"

    def roles(self) -> tuple[str, ...]:
        """Return all four roles, database by database."""
        return tuple(role for kind in DATABASES for role in (self.owner(kind), self.app(kind)))


def provision(
    superuser_url: str, passwords: Mapping[str, str], *, prefix: str = "despensa"
) -> None:
    """
    Make both databases and the four roles of `prefix`, or set them right where they exist.

    Holds: roles are plain (no super-user, no right to make databases or roles); only its own
    owner and app enter a database; only the owner makes tables in schema public. `passwords`
    has one entry per role of `Names(prefix).roles()`; they travel as SCRAM verifiers only.
    Raises: NotSuperuser; psycopg.Error when the server fails.
    """
    names = Names(prefix)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        _require_superuser(connection)
        for role in names.roles():
            _role(connection, role, passwords[role])
        for kind in DATABASES:
            _database(connection, names, kind)
    for kind in DATABASES:
        with psycopg.connect(make_conninfo(superuser_url, dbname=names.database(kind))) as inside:
            _schema(inside, names, kind)


def drop(superuser_url: str, *, prefix: str) -> None:
    """Remove the databases and roles of `prefix`, ending connections to them; for tests."""
    names = Names(prefix)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for kind in DATABASES:
            name = sql.Identifier(names.database(kind))
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        for role in names.roles():
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def close_shared_databases(superuser_url: str) -> None:
    """
    Shut `postgres` and `template1` against everybody but the super-user.

    For a server that is ours alone; on somebody else's server this would not be ours to do.
    """
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for name in ("postgres", "template1"):
            connection.execute(
                sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
            )


def endpoints_of(
    superuser_url: str, passwords: Mapping[str, str], *, prefix: str = "despensa"
) -> Endpoints:
    """Return the addresses of what `provision` made on the server of `superuser_url`."""
    names = Names(prefix)
    server = {
        key: str(value)
        for key, value in conninfo_to_dict(superuser_url).items()
        if key not in _NOT_OF_SERVER
    }

    def address(role: str, kind: str) -> str:
        return url(
            role=role, password=passwords[role], database=names.database(kind), server=server
        )

    return Endpoints(
        registry_app=address(names.app("registry"), "registry"),
        registry_owner=address(names.owner("registry"), "registry"),
        ledger_app=address(names.app("ledger"), "ledger"),
        ledger_owner=address(names.owner("ledger"), "ledger"),
        superuser=superuser_url,
    )


def _require_superuser(connection: psycopg.Connection) -> None:
    query = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    row = connection.execute(query).fetchone()
    if row is None or not row[0]:
        message = (
            "Making the databases needs a super-user of the PostgreSQL server, and the given role "
            "is none. Use the server's administrator role (usually postgres)."
        )
        raise NotSuperuser(message)


def _role(connection: psycopg.Connection, role: str, password: str) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    plain = sql.SQL(
        "{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
        "PASSWORD {verifier}"
    )
    connection.execute(
        plain.format(
            verb=sql.SQL("ALTER" if exists else "CREATE"),
            role=sql.Identifier(role),
            verifier=sql.Literal(verifier),
        )
    )


def _database(connection: psycopg.Connection, names: Names, kind: str) -> None:
    name, owner = names.database(kind), names.owner(kind)
    known = "SELECT 1 FROM pg_database WHERE datname = %s"
    if connection.execute(known, (name,)).fetchone() is None:
        creation = sql.SQL(
            "CREATE DATABASE {name} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' {locale}"
        )
        connection.execute(
            creation.format(
                name=sql.Identifier(name), owner=sql.Identifier(owner), locale=_locale(connection)
            )
        )
    for statement in (
        "ALTER DATABASE {database} OWNER TO {owner}",
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC, {app}",
        "GRANT CONNECT ON DATABASE {database} TO {owner}, {app}",
    ):
        connection.execute(_fill(statement, names, kind))


def _locale(connection: psycopg.Connection) -> sql.Composable:
    """Order by bytes, so that sorting never changes with the system's locale files."""
    if connection.info.server_version >= _BUILTIN_LOCALE_SINCE:
        return sql.SQL("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'")
    # Letters outside ASCII have an upper and a lower case only with this one.
    row = connection.execute(
        "SELECT collctype FROM pg_collation"
        " WHERE lower(replace(collctype, '-', '')) = 'c.utf8' ORDER BY collctype LIMIT 1"
    ).fetchone()
    return sql.SQL("LC_COLLATE 'C' LC_CTYPE {}").format(sql.Literal(row[0] if row else "C"))


def _schema(connection: psycopg.Connection, names: Names, kind: str) -> None:
    for statement in (
        "ALTER SCHEMA public OWNER TO {owner}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC, {app}",
        "GRANT USAGE ON SCHEMA public TO {app}",
    ):
        connection.execute(_fill(statement, names, kind))


def _fill(statement: str, names: Names, kind: str) -> sql.Composed:
    return sql.SQL(statement).format(
        database=sql.Identifier(names.database(kind)),
        owner=sql.Identifier(names.owner(kind)),
        app=sql.Identifier(names.app(kind)),
    )
