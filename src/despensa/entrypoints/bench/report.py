"""
What a benchmark prints: its figures as one object, its progress on the way.

Source: docs/explanation/design.md, section 11; docs/reference/benchmarks.md.
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version

Tell = Callable[[str], None]

_KIB_PER_MIB = 1024
_TELL_EVERY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Figures:
    """
    The result of one benchmark.

    Units: `seconds` for `n` things; `limit_seconds` for the same things done bare.
    """

    bench: str
    thing: str
    n: int
    seconds: float
    limit_seconds: float
    parts: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the object `--json` prints; its keys are a contract."""
        rate, limit = per_second(self.n, self.seconds), per_second(self.n, self.limit_seconds)
        return {
            "bench": self.bench,
            "n": self.n,
            "seconds": round(self.seconds, 3),
            f"{self.thing}_per_second": rate,
            "limit_per_second": limit,
            "ratio": round(rate / limit, 4) if limit else 0.0,
            "peak_mib": peak_mib(),
            "cores": os.cpu_count(),
            "version": version("despensa"),
            **{name: round(seconds, 3) for name, seconds in self.parts.items()},
        }


def per_second(count: int, seconds: float) -> int:
    """Return a whole rate; 0 for something too quick to measure."""
    return round(count / seconds) if seconds > 0 else 0


def peak_mib() -> int:
    """
    Return the largest resident memory of this process or of a child that has ended, in MiB.

    The PostgreSQL server is no child of ours and is not counted: its shared buffers have a fixed
    size and its sort memory is its own setting.
    """
    used = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    # macOS counts bytes, Linux KiB
    return int(used // (_KIB_PER_MIB**2 if sys.platform == "darwin" else _KIB_PER_MIB))


class Progress:
    """Tells how far a count has come: rate and time left, every two seconds."""

    def __init__(self, what: str, total: int, tell: Tell) -> None:
        """Begin now."""
        self._what, self._total, self._tell = what, total, tell
        self._began = self._told = time.monotonic()

    def at(self, done: int) -> None:
        """Say that so many are done."""
        now = time.monotonic()
        if now - self._told < _TELL_EVERY_SECONDS or not done:
            return
        self._told = now
        rate = done / (now - self._began)
        left = (self._total - done) / rate
        self._tell(
            f"{self._what}: {done:,} of {self._total:,}, {rate:,.0f} a second, {left:.0f} s left"
        )
