"""
Remember a small value for a short time, for all processes: how often somebody tried to sign in.

Nothing of the registry changes by it, so it has no leaf.
"""

from typing import Any

from django.db import transaction

from despensa.records.databases import REGISTRY
from despensa.records.staff import short_memory


def add(key: bytes, value: Any, *, until: float, now: float) -> bool:
    """Return whether nothing was remembered under the key; now the value is."""
    with transaction.atomic(using=REGISTRY):
        return short_memory.add(key, value, until=until, now=now)


def get(key: bytes, *, now: float) -> tuple[Any] | None:
    """Return what is remembered under the key, as a tuple of one, or None."""
    return short_memory.find(key, now=now)


def put(key: bytes, value: Any, *, until: float, now: float) -> None:
    """Remember a value under the key in place of another; what is over is forgotten."""
    with transaction.atomic(using=REGISTRY):
        short_memory.write(key, value, until=until, now=now)


def forget(key: bytes) -> bool:
    """Return whether something was remembered under the key; now nothing is."""
    with transaction.atomic(using=REGISTRY):
        return short_memory.delete(key)


def forget_all() -> None:
    """Forget everything."""
    with transaction.atomic(using=REGISTRY):
        short_memory.delete_all()
