"""
Makes the privileges of an app role exactly those of a reviewed list, and reads them back.

A grant is written as SELECT, INSERT, UPDATE or DELETE, or limited to columns as
`UPDATE(amount,state)`. Tables lie in schema public. SQL within PostgreSQL 15.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql

from despensa.adapters.database.problem import DatabaseProblem

GRANTABLE = ("SELECT", "INSERT", "UPDATE", "DELETE")
_LIMITED = ("SELECT", "INSERT", "UPDATE")
_NOTATION = re.compile(r"(?P<verb>[A-Z]+)(?:\((?P<columns>[^()]+)\))?")

Grants = Mapping[str, Sequence[str]]


class GrantError(DatabaseProblem):
    """A grant is not written in the notation above, or names something that does not exist."""


def canonical(grants: Grants) -> dict[str, tuple[str, ...]]:
    """
    Return the grants in the form of `read_grants`, so that both can be compared.

    Shape: tables in alphabetical order, each with its sorted privileges; columns sorted; a table
    without privileges is left out.
    Raises: GrantError.

    >>> canonical({"leaf": ["INSERT", "UPDATE( b, a)"], "empty": []})
    {'leaf': ('INSERT', 'UPDATE(a,b)')}
    """
    written = {
        table: tuple(sorted({_write(*_parse(table, grant)) for grant in grants[table]}))
        for table in sorted(grants)
    }
    return {table: privileges for table, privileges in written.items() if privileges}


def apply_grants(owner_url: str, grants: Grants, app_role: str) -> None:
    """
    Give `app_role` exactly these table privileges, and USAGE, SELECT on every sequence.

    Holds: all or nothing; privileges on tables that `grants` does not name are taken away.
    Raises: GrantError for a table or column that does not exist; psycopg.Error when `owner_url`
    does not own the tables.
    """
    wanted = canonical(grants)
    role = sql.Identifier(app_role)
    with psycopg.connect(owner_url) as connection:
        _require_known(wanted, _columns(connection))
        for kind in ("TABLES", "SEQUENCES"):
            connection.execute(
                sql.SQL("REVOKE ALL ON ALL {} IN SCHEMA public FROM {}, PUBLIC").format(
                    sql.SQL(kind), role
                )
            )
        connection.execute(
            sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role)
        )
        for table, privileges in wanted.items():
            for privilege in privileges:
                connection.execute(_statement(table, privilege, role))


def read_grants(address: str, app_role: str) -> dict[str, tuple[str, ...]]:
    """
    Return what `app_role` may really do to each table, however it came by it.

    Shape: as `canonical`; also TRUNCATE, REFERENCES and TRIGGER where the role has them.
    Holds: privileges through PUBLIC, through another role and by ownership are included.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    with psycopg.connect(address) as connection:
        for table, privilege in connection.execute(_TABLE_PRIVILEGES, {"role": app_role}):
            found[table].append(privilege)
        for table, privilege, columns in connection.execute(_COLUMN_PRIVILEGES, {"role": app_role}):
            found[table].append(_write(privilege, tuple(columns)))
    return {table: tuple(sorted(found[table])) for table in sorted(found)}


_TABLES = """
    SELECT c.oid, c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
_TABLE_PRIVILEGES = f"""
    SELECT t.relname, p.verb FROM ({_TABLES}) t
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
                            'TRIGGER']) AS p (verb)
    WHERE has_table_privilege(%(role)s, t.oid, p.verb)
"""  # noqa: S608 (constants of this module only)
_COLUMN_PRIVILEGES = f"""
    SELECT t.relname, p.verb, array_agg(a.attname::text ORDER BY a.attname) FROM ({_TABLES}) t
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS p (verb)
    WHERE has_column_privilege(%(role)s, t.oid, a.attnum, p.verb)
      AND NOT has_table_privilege(%(role)s, t.oid, p.verb)
    GROUP BY t.relname, p.verb
"""  # noqa: S608 (constants of this module only)


def _columns(connection: psycopg.Connection) -> dict[str, set[str]]:
    query = f"""
        SELECT t.relname, array_agg(a.attname::text) FROM ({_TABLES}) t
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        GROUP BY t.relname
    """  # noqa: S608 (constants of this module only)
    return {table: set(columns) for table, columns in connection.execute(query)}


def _require_known(wanted: Grants, columns: Mapping[str, set[str]]) -> None:
    for table, privileges in wanted.items():
        if table not in columns:
            message = f"The grants name the table {table!r}, which does not exist in this database."
            raise GrantError(message)
        for privilege in privileges:
            unknown = set(_parse(table, privilege)[1]) - columns[table]
            if unknown:
                message = (
                    f"The grant {privilege!r} on {table!r} names columns that do not exist: "
                    f"{', '.join(sorted(unknown))}."
                )
                raise GrantError(message)


def _parse(table: str, grant: str) -> tuple[str, tuple[str, ...]]:
    match = _NOTATION.fullmatch(grant.strip())
    verb = match["verb"] if match else ""
    columns = match["columns"] if match else None
    listed = sorted(part.strip() for part in columns.split(",")) if columns else []
    # An empty name would turn a limited grant into one on the whole table.
    if verb not in (GRANTABLE if columns is None else _LIMITED) or "" in listed:
        message = (
            f"The grant {grant!r} on {table!r} cannot be read. Write SELECT, INSERT, UPDATE or "
            "DELETE, or limit the first three to columns: UPDATE(state,amount)."
        )
        raise GrantError(message)
    return verb, tuple(listed)


def _write(verb: str, columns: Sequence[str]) -> str:
    return f"{verb}({','.join(columns)})" if columns else verb


def _statement(table: str, privilege: str, role: sql.Identifier) -> sql.Composed:
    verb, columns = _parse(table, privilege)
    limit: sql.Composable = sql.SQL("")
    if columns:
        limit = sql.SQL(" ({})").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
    return sql.SQL("GRANT {}{} ON {} TO {}").format(
        sql.SQL(verb), limit, sql.Identifier("public", table), role
    )
