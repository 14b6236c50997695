"""
The databases of the test run: one fixture, `endpoints`, made once per run.

Without settings it starts the embedded server in a temporary folder. With DESPENSA_REGISTRY_URL
and DESPENSA_LEDGER_URL set to an administrator's addresses on another server (PostgreSQL 15 in
continuous integration), it makes databases with names of its own there and removes them after.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Imported where used: the tests of the domain load this plugin where psycopg is absent.
if TYPE_CHECKING:
    from despensa.adapters.database.endpoints import Endpoints


@pytest.fixture(scope="session")
def endpoints() -> Iterator["Endpoints"]:
    """Give both databases, empty, with their four roles; `superuser` is an administrator."""
    administrator = os.environ.get("DESPENSA_REGISTRY_URL")
    if administrator and os.environ.get("DESPENSA_LEDGER_URL"):
        yield from _on_given_server(administrator)
    else:
        yield from _embedded()


def _embedded() -> Iterator["Endpoints"]:
    from despensa.adapters.database.embedded import EmbeddedDatabase

    folder = Path(tempfile.mkdtemp(prefix="despensa-test-"))
    try:
        with EmbeddedDatabase(folder, durable=False) as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _on_given_server(administrator: str) -> Iterator["Endpoints"]:
    from despensa.adapters.database.provision import Names, drop, endpoints_of, provision

    prefix = f"despensa_test_{secrets.token_hex(4)}"
    passwords = {role: secrets.token_hex(16) for role in Names(prefix).roles()}
    try:
        provision(administrator, passwords, prefix=prefix)
        yield endpoints_of(administrator, passwords, prefix=prefix)
    finally:
        drop(administrator, prefix=prefix)
