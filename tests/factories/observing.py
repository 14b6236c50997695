"""Looking at the books from outside: digests of every table, two people at once, sudden death."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from despensa.adapters.database.endpoints import Endpoints
from despensa.domain.encoding import dcbor
from despensa.domain.transparency.leaf import PublicKind, PublicLeaf, parse_leaf
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY

WAIT_SECONDS = 60


class Killed(BaseException):
    """The process dies here; nothing may catch this."""


def digests(endpoints: Endpoints) -> dict[str, tuple[int, str]]:
    """Return rows and their digest of every table of both databases, as `registry.household`."""
    found = {}
    for kind in ("registry", "ledger"):
        with psycopg.connect(getattr(endpoints, f"{kind}_owner")) as connection:
            for (table,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            ).fetchall():
                row = connection.execute(
                    sql.SQL(
                        "SELECT count(*), coalesce(md5(string_agg(t::text, E'\\n' ORDER BY"
                        " t::text COLLATE \"C\")), '') FROM {} t"
                    ).format(sql.Identifier(table))
                ).fetchone()
                found[f"{kind}.{table}"] = row
    return found


def count(using: str, table: str, where: str = "true", *parameters: Any) -> int:
    """Return how many rows of a table fit."""
    [(number,)] = fetch(using, f"SELECT count(*) FROM {table} WHERE {where}", parameters)
    return number


def announced(kind: PublicKind) -> list[dict[int, Any]]:
    """Return the bodies of the registry's public leaves of a kind, oldest first."""
    rows = fetch(REGISTRY, "SELECT leaf FROM leaf_queue ORDER BY position")
    leaves = [parse_leaf(bytes(leaf)) for (leaf,) in rows]
    return [
        dcbor.decode(leaf.body)
        for leaf in leaves
        if isinstance(leaf, PublicLeaf) and leaf.kind == kind
    ]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Return what each act gave or raised when all of them began together."""
    start = threading.Barrier(len(acts))
    ended: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(WAIT_SECONDS)
            ended[place] = act()
        except BaseException as error:
            ended[place] = error
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(place, act), daemon=True)
        for place, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive(), "two acts wait for each other"
    return ended


def raised(ended: Sequence[Any]) -> list[BaseException]:
    """Return what was raised among the ends of `at_once`."""
    return [end for end in ended if isinstance(end, BaseException)]


def dies(monkeypatch, owner: Any, name: str, *, after: bool = False) -> None:
    """Make a function kill its caller, before or after it has done its work."""
    real = getattr(owner, name)

    def killer(*arguments: Any, **named: Any) -> Any:
        if after:
            real(*arguments, **named)
        raise Killed(name)

    monkeypatch.setattr(owner, name, killer)
