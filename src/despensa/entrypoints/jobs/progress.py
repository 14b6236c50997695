"""How far a long act of this process is: told by whoever does it, asked by the page that shows it."""

import threading
import time
from dataclasses import dataclass
from uuid import UUID


class Stopped(RuntimeError):
    """Somebody asked that the act stop."""


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How many are done of the stage at hand, and how many a second since it began.

    Shape: `stage` is a word of the act's own, empty when it has but one; `total` 0 while unknown.
    """

    done: int
    per_second: int
    stage: str = ""
    total: int = 0

    @property
    def seconds_left(self) -> int | None:
        """Return how long the stage still takes at this rate; None while that is unknown."""
        if not self.per_second or self.done >= self.total:
            return None
        return max(1, (self.total - self.done) // self.per_second)


@dataclass(slots=True)
class _Act:
    began: float
    done: int = 0
    stage: str = ""
    total: int = 0
    is_to_stop: bool = False


class _Told:
    """What acts of this process told last; an act that ended is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._acts: dict[UUID, _Act] = {}

    def begin(self, subject: UUID, stage: str = "", total: int = 0) -> None:
        """Begin an act, or its next stage. Raises: Stopped."""
        with self._lock:
            known = self._acts.get(subject)
            if known is not None and known.is_to_stop:
                raise Stopped("Stopped, as was asked: nothing was changed.")
            self._acts[subject] = _Act(time.monotonic(), 0, stage, total)

    def say(self, subject: UUID, done: int) -> None:
        """Tell how many are done of the stage at hand. Raises: Stopped."""
        with self._lock:
            act = self._acts.setdefault(subject, _Act(time.monotonic()))
            act.done = done
            if act.is_to_stop:
                raise Stopped("Stopped, as was asked: nothing was changed.")

    def tell(self, subject: UUID, stage: str, done: int, total: int) -> None:
        """Tell of a stage how many are done and of how many, begun when it is new. Raises: Stopped."""
        seen = self.of(subject)
        if seen is None or (seen.stage, seen.total) != (stage, total):
            self.begin(subject, stage, total)
        self.say(subject, done)

    def stop(self, subject: UUID) -> bool:
        """Ask an act to stop when it tells the next time; say whether there is one."""
        with self._lock:
            act = self._acts.get(subject)
            if act is not None:
                act.is_to_stop = True
            return act is not None

    def end(self, subject: UUID) -> None:
        """Forget an act."""
        with self._lock:
            self._acts.pop(subject, None)

    def of(self, subject: UUID) -> Progress | None:
        """Return how far an act is, or None."""
        with self._lock:
            act = self._acts.get(subject)
            if act is None:
                return None
            rate = round(act.done / max(time.monotonic() - act.began, 0.1))
            return Progress(act.done, rate, act.stage, act.total)


_told = _Told()
begin, say, tell, stop, end, of = (
    _told.begin, _told.say, _told.tell, _told.stop, _told.end, _told.of,
)  # fmt: skip
