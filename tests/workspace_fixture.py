"""
Workspaces for tests: founded, staffed, and as far along the main job as a test asks for.

Each stage is made once per run through the real use cases and kept as template databases and a
copy of the folder; a test gets a fresh copy in a fraction of a second and may spoil it. Works on
the embedded server and, through DESPENSA_REGISTRY_URL and DESPENSA_LEDGER_URL, on any other.
`registered_books.tools` is what the doors get, with a clock that only the test moves.
"""

import importlib.util
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Imported where used: the tests of the domain load this plugin where Django is absent.
if TYPE_CHECKING:
    from tests.factories.books import Books
    from tests.factories.shelf import Shelf


@pytest.hookimpl(trylast=True)
def pytest_configure():
    """Let test modules import tables and doors; no database is touched by this."""
    if importlib.util.find_spec("django"):
        import django

        django.setup()


@pytest.fixture(scope="session")
def shelf(endpoints, django_db_blocker) -> Iterator["Shelf"]:
    """Keep the stages of this run; what it gives out is one pair of databases, used in turn."""
    from tests.factories.shelf import Shelf

    folder = Path(tempfile.mkdtemp(prefix="despensa-books-"))
    with django_db_blocker.unblock():
        kept = Shelf(endpoints.superuser, folder, prefix=f"books_{secrets.token_hex(4)}")
        try:
            yield kept
        finally:
            kept.close()
            shutil.rmtree(folder, ignore_errors=True)


def _stage(name: str) -> Callable[..., Iterator["Books"]]:
    def books(shelf, django_db_blocker):
        with django_db_blocker.unblock():
            given = shelf.take(name)
            yield given
            shelf.give_back()

    return books


founded_books = pytest.fixture(name="founded_books")(_stage("founded"))
"""Areas and staff, nothing else."""
registered_books = pytest.fixture(name="registered_books")(_stage("registered"))
"""Eight households taken in with a second person's approval."""
decided_books = pytest.fixture(name="decided_books")(_stage("decided"))
"""A programme with its published rule and one decided cycle."""
carded_books = pytest.fixture(name="carded_books")(_stage("carded"))
"""A signed, released and handed-over batch of cards; two unassigned ones."""
opened_books = pytest.fixture(name="opened_books")(_stage("opened"))
"""The cycle open: accounts credited, tags derived."""
leased_books = pytest.fixture(name="leased_books")(_stage("leased"))
"""A point with a session today and an enrolled phone that holds its lease."""
