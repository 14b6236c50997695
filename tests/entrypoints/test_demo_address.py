"""The demo has an address of its own in its identity cards, unless somebody set another."""

import contextlib
import os
from types import SimpleNamespace

import pytest

from despensa.entrypoints.demo import serve
from despensa.entrypoints.jobs import wallet


@pytest.fixture
def told(monkeypatch):
    """What the demo takes for its address when its port 8000 was taken and 8017 free."""
    found = []

    @contextlib.contextmanager
    def served(_application, _port):
        yield 8017

    def play(*_):
        found.append(wallet.public_address())
        raise KeyboardInterrupt

    for name, stand_in in (
        ("served", served),
        ("get_wsgi_application", lambda: None),
        ("_welcome", lambda *_: None),
        ("_play", play),
        ("demonstration", SimpleNamespace(begin=lambda *_, **__: None)),
    ):
        monkeypatch.setattr(serve, name, stand_in)
    # the fixture gives back whatever was there
    monkeypatch.setenv(wallet.ADDRESS_VARIABLE, "")
    return found


class _Stage:
    cast: dict[str, object] = {}


def _serve():
    with pytest.raises(KeyboardInterrupt):
        serve.serve(_Stage(), 8000, lambda _: None, lambda _: None)


def test_it_is_the_port_that_was_taken(told, monkeypatch):
    monkeypatch.delenv(wallet.ADDRESS_VARIABLE)
    _serve()
    assert told == ["http://localhost:8017"]
    os.environ.pop(wallet.ADDRESS_VARIABLE)


def test_another_address_is_left_as_it_is(told, monkeypatch):
    monkeypatch.setenv(wallet.ADDRESS_VARIABLE, "https://despensa.example")
    _serve()
    assert told == ["https://despensa.example"]
