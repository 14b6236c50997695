"""
The office on the books of a test: a client per member of the cast, and a server for the browser.

Built on `tests.workspace_fixture`; the doors get the tools of those books, with the test's clock.
"""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

# Playwright keeps an event loop in the test's thread; Django would take the thread for one of it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.books import Books


@pytest.fixture
def doors(monkeypatch) -> Callable[["Books"], None]:
    """Return what lets the doors serve these books."""

    def serve(books: "Books") -> None:
        from django.core.cache import cache

        from despensa.entrypoints import wiring

        cache.clear()
        monkeypatch.setattr(wiring, "tools", lambda: books.tools)

    return serve


@pytest.fixture
def signed_in(doors) -> Callable[["Books", str], "Client"]:
    """Return a client signed in as one of the cast."""

    def as_one(books: "Books", username: str) -> "Client":
        from django.contrib.auth.models import User
        from django.test import Client

        doors(books)
        client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(
            User.objects.using("registry").get(username=username),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        return client

    return as_one


@pytest.fixture
def office_address(doors) -> Iterator[Callable[["Books"], str]]:
    """Return what serves these books to a browser, worker included."""
    from contextlib import ExitStack

    from django.core.wsgi import get_wsgi_application

    from despensa.entrypoints.jobs import worker
    from despensa.entrypoints.serving import served

    with ExitStack() as stack:

        def serve(books: "Books") -> str:
            doors(books)
            port = stack.enter_context(served(get_wsgi_application(), 18_000))
            worker.start(books.tools)
            stack.callback(worker.stop)
            return f"http://localhost:{port}"

        yield serve
