"""Template databases and copied folders: every test gets its own books at the price of a copy."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import psycopg
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from despensa.adapters.database.endpoints import Endpoints
from despensa.adapters.database.provision import DATABASES, Names, endpoints_of, provision
from despensa.adapters.database.upgrade import upgrade
from despensa.config.settings import database
from tests.factories import books
from tests.factories.books import Books


def point_django_at(endpoints: Endpoints) -> None:
    """Let Django's aliases use these databases from now on."""
    urls = {"registry": endpoints.registry_app, "ledger": endpoints.ledger_app}
    connections.close_all()
    for alias, url in urls.items():
        given = connections.configure_settings({"default": {}, alias: database(url)})[alias]
        connections.settings[alias] = given
        connections[alias].close()
        del connections[alias]


class Shelf:
    """One pair of databases for the test at hand, and a template pair per stage."""

    def __init__(self, superuser: str, folder: Path, *, prefix: str) -> None:
        """Make the pair and its tables."""
        self._superuser = superuser
        self._folder = folder
        self._names = Names(prefix)
        self._stages: dict[str, Books] = {}
        self._given: Books | None = None
        passwords = {role: f"{role}-is-for-tests" for role in self._names.roles()}
        provision(superuser, passwords, prefix=prefix)
        self.endpoints = endpoints_of(superuser, passwords, prefix=prefix)
        point_django_at(self.endpoints)
        upgrade(self.endpoints)

    @property
    def names(self) -> Names:
        """The names of the databases and roles given out."""
        return self._names

    def take(self, stage: str) -> Books:
        """Return fresh books at a stage; the ones given out before are gone."""
        if stage not in self._stages:
            earlier = books.BEFORE[stage]
            made = self._empty() if earlier is None else self.take(earlier)
            getattr(books, stage)(made)
            self._keep(stage, made)
        return self._copy(stage)

    def give_back(self) -> None:
        """Close what the test left open."""
        if self._given is not None:
            self._given.tools.keeper.close()
            self._given = None
        connections.close_all()

    def close(self) -> None:
        """Remove databases and roles."""
        self.give_back()
        with psycopg.connect(self._superuser, autocommit=True) as connection:
            for kind in DATABASES:
                for name in (kind, *(f"{kind}_{stage}" for stage in self._stages)):
                    connection.execute(
                        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                            sql.Identifier(self._names.database(name))
                        )
                    )
            for role in self._names.roles():
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

    def _empty(self) -> Books:
        folder = self._folder / "empty"
        shutil.rmtree(folder, ignore_errors=True)
        self._given = books.empty(folder, self.endpoints)
        return self._given

    def _keep(self, stage: str, made: Books) -> None:
        shutil.copytree(made.folder, self._folder / stage)
        self.give_back()
        self._duplicate("{kind}", f"{{kind}}_{stage}")
        self._stages[stage] = made

    def _copy(self, stage: str) -> Books:
        self.give_back()
        self._duplicate(f"{{kind}}_{stage}", "{kind}")
        folder = self._folder / "given"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self._folder / stage, folder)
        point_django_at(self.endpoints)
        kept = self._stages[stage]
        self._given = replace(
            kept, tools=books.open_tools(folder), folder=folder, **_fresh_containers(kept)
        )
        return self._given

    def _duplicate(self, source: str, target: str) -> None:
        for kind in DATABASES:
            names = {
                "source": sql.Identifier(self._names.database(source.format(kind=kind))),
                "target": sql.Identifier(self._names.database(target.format(kind=kind))),
                "owner": sql.Identifier(self._names.owner(kind)),
                "app": sql.Identifier(self._names.app(kind)),
            }
            with psycopg.connect(self._superuser, autocommit=True) as connection:
                for statement in _DUPLICATE:
                    connection.execute(sql.SQL(statement).format(**names))
                connection.execute(
                    sql.SQL("GRANT TEMPORARY ON DATABASE {target} TO {app}").format(**names)
                )


# The privileges of a database itself do not come with its template.
_DUPLICATE = (
    "DROP DATABASE IF EXISTS {target} WITH (FORCE)",
    "CREATE DATABASE {target} TEMPLATE {source} OWNER {owner}",
    "REVOKE ALL ON DATABASE {target} FROM PUBLIC, {app}",
    "GRANT CONNECT ON DATABASE {target} TO {owner}, {app}",
)


def _fresh_containers(kept: Books) -> Mapping[str, object]:
    return {"staff": dict(kept.staff), "card_texts": dict(kept.card_texts)}


def as_owner(endpoints: Endpoints, kind: str) -> psycopg.Connection:
    """Return a connection of the role that owns the tables of one database."""
    return psycopg.connect(getattr(endpoints, f"{kind}_owner"), autocommit=True)


def as_app(endpoints: Endpoints, kind: str) -> psycopg.Connection:
    """Return a connection of the role the running program uses."""
    return psycopg.connect(getattr(endpoints, f"{kind}_app"), autocommit=True)


def into(address: str, dbname: str) -> str:
    """Return an address with another database."""
    return make_conninfo(address, dbname=dbname)
