"""What limits tries counts in every process, and nothing that is kept so can run."""

import time

import pytest
from django.core.cache import cache

from despensa.entrypoints.office.shared_cache import SharedCache
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.observing import at_once, count, raised


@pytest.fixture
def other(founded_books):
    """Return the cache as another process has it."""
    return SharedCache("", {})


def test_the_office_uses_it():
    assert isinstance(cache._connections[cache._alias], SharedCache)


def test_what_one_process_remembers_another_knows_until_its_time_is_over(other, monkeypatch):
    cache.set("tries:nour", [1.5, 2.25], 60)
    assert other.get("tries:nour") == [1.5, 2.25]
    assert other.get("tries:jorge", []) == []

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)

    assert other.get("tries:nour") is None
    assert other.add("tries:nour", [], 60) is True
    assert cache.delete("tries:nour") is True
    assert cache.delete("tries:nour") is False


def test_of_several_at_once_one_gets_the_lock(other):
    ended = at_once(*(lambda: cache.add("tries:lock", True, 10) for _ in range(3)))

    assert raised(ended) == []
    assert sorted(ended) == [False, False, True]


def test_names_and_addresses_stand_nowhere(other):
    cache.set("tries:nour:203.0.113.7", [1], 60)

    [(key, value)] = fetch(REGISTRY, "SELECT key, value::text FROM short_memory")
    assert len(bytes(key)) == 32
    assert value == "[1]"


def test_what_is_over_is_forgotten(other, monkeypatch):
    cache.set("one", 1, 60)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)

    cache.set("two", 2, 60)

    assert count(REGISTRY, "short_memory") == 1


def test_only_plain_values_are_kept(other):
    with pytest.raises(TypeError):
        cache.set("code", object(), 60)
