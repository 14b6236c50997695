"""How far a decision is, told on standard error."""

import time
from uuid import UUID

from despensa.entrypoints.cli.showing import tell
from despensa.entrypoints.jobs import progress

_EVERY_SECONDS = 2.0
_STAGES = {
    "resume": "going on with the facts that an earlier attempt froze",
    "copy": "copying the facts",
    "freeze": "freezing them",
    "decide": "deciding",
    "keep": "writing the decisions",
}
_ROWS = {"copy": "rows", "freeze": "households", "keep": "households"}


class DecideProgress:
    """Tells each stage as it begins, then every other second how far it is."""

    def __init__(self, cycle: UUID) -> None:
        """Tell of the decision of a cycle."""
        self._cycle = cycle
        self._stage = ""
        self._next = 0.0

    def told(self, stage: str, done: int, total: int) -> None:
        """Hear a stage, how much of it is done and of how much; 0 while unknown."""
        if stage != self._stage:
            self._stage, self._next = stage, time.monotonic() + _EVERY_SECONDS
            tell(_STAGES[stage])
        progress.tell(self._cycle, stage, done, total)
        seen = progress.of(self._cycle)
        if seen is None or not done or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_SECONDS
        of = f" of about {total:,}" if total else ""
        left = "" if seen.seconds_left is None else f", {seen.seconds_left} seconds left"
        tell(f"  {done:,}{of} {_ROWS[stage]}, {seen.per_second:,} a second{left}")
