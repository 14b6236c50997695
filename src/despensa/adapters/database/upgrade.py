"""
Migrations: the only place where tables are made, by the owner roles, each app in its own database.

After the migrations the app roles get exactly the privileges of the reviewed grants file.
Source: docs/explanation/design.md, sections 5 and 10.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from urllib.parse import unquote, urlsplit

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from despensa.adapters.database.endpoints import Endpoints
from despensa.adapters.database.grants import apply_grants

_ALIASES = ("registry", "ledger")


def upgrade(endpoints: Endpoints) -> None:
    """
    Bring both databases to this release; again is nothing.

    Django must be set up. Raises: psycopg.Error when an owner role may not do its work.
    """
    owners = {"registry": endpoints.registry_owner, "ledger": endpoints.ledger_owner}
    apps = {"registry": endpoints.registry_app, "ledger": endpoints.ledger_app}
    grants = reviewed_grants()
    for alias in _ALIASES:
        with _as_owner(alias, owners[alias]):
            call_command("migrate", database=alias, verbosity=0, interactive=False)
        role = role_of(apps[alias])
        if role != role_of(owners[alias]):
            apply_grants(owners[alias], grants[alias], role)
            _grant_beyond_tables(owners[alias], alias, role)


def reviewed_grants() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return the reviewed privileges: database, table, list."""
    text = resources.files("despensa.records").joinpath("grants.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def pending(endpoints: Endpoints) -> list[str]:
    """Return the migrations that were not applied yet, as app.name; reads with the owner roles."""
    from django.db.migrations.executor import MigrationExecutor

    owners = {"registry": endpoints.registry_owner, "ledger": endpoints.ledger_owner}
    found = []
    for alias in _ALIASES:
        with _as_owner(alias, owners[alias]):
            executor = MigrationExecutor(connections[alias])
            targets = executor.loader.graph.leaf_nodes()
            found += [
                f"{step.app_label}.{step.name}" for step, _ in executor.migration_plan(targets)
            ]
    return found


def role_of(address: str) -> str:
    """Return the role a PostgreSQL URL signs in as."""
    return unquote(urlsplit(address).username or "")


@contextmanager
def _as_owner(alias: str, owner_url: str) -> Iterator[None]:
    """Let an alias sign in as its owner for the time of a migration."""
    parts = urlsplit(owner_url)
    connection = connections[alias]
    connection.close()
    kept = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.settings_dict["USER"] = unquote(parts.username or "")
    connection.settings_dict["PASSWORD"] = unquote(parts.password or "")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def _grant_beyond_tables(owner_url: str, alias: str, role: str) -> None:
    """Give what is no table: temporary tables of decisions and fades, the function that locks accounts."""
    name = sql.Identifier(role)
    with psycopg.connect(owner_url) as connection:
        if alias == "ledger":
            connection.execute(
                sql.SQL("GRANT EXECUTE ON FUNCTION lock_accounts(bytea[]) TO {}").format(name)
            )
        database = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(database, name))
