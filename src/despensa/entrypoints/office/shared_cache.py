"""
The framework's cache as a table, so that limits on tries count for all processes together.

Only lists of instants and marks are kept in it, as JSON: nothing that is loaded from it can run.
Keys are hashed, because they hold user names and addresses. Source: Django, custom cache backend.
"""

import hashlib
import hmac
import time
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from despensa.usecases import remember_shortly as shortly


class SharedCache(BaseCache):
    """Keeps small JSON values in the registry until their time is over."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        """Prepare the cache; no table is touched before its first use."""
        super().__init__(params)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        """Return whether the key was free; of two at once one gets it."""
        now = time.time()
        return shortly.add(
            self._hash(key, version), value, until=self._until(now, timeout), now=now
        )

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Return a value whose time is not over."""
        found = shortly.get(self._hash(key, version), now=time.time())
        return default if found is None else found[0]

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> None:
        """Keep a value until its time is over."""
        now = time.time()
        shortly.put(self._hash(key, version), value, until=self._until(now, timeout), now=now)

    def delete(self, key: Any, version: Any = None) -> bool:
        """Forget a value; return whether there was one."""
        return shortly.forget(self._hash(key, version))

    def clear(self) -> None:
        """Forget everything."""
        shortly.forget_all()

    def _hash(self, key: Any, version: Any) -> bytes:
        made = self.make_and_validate_key(key, version=version)
        return hmac.digest(settings.SECRET_KEY.encode(), made.encode(), hashlib.sha256)

    def _until(self, now: float, timeout: Any) -> float:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return now + (float(seconds) if seconds is not None else 86_400.0)
