"""How far a long act of this process is: told by whoever does it, asked by the page that shows it."""

import threading
import time
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Progress:
    """How many are done, and how many a second since it began."""

    done: int
    per_second: int


class _Told:
    """What acts of this process told last; an act that ended is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._acts: dict[UUID, tuple[float, int]] = {}

    def begin(self, subject: UUID) -> None:
        with self._lock:
            self._acts[subject] = (time.monotonic(), 0)

    def say(self, subject: UUID, done: int) -> None:
        with self._lock:
            began, _ = self._acts.get(subject, (time.monotonic(), 0))
            self._acts[subject] = (began, done)

    def end(self, subject: UUID) -> None:
        with self._lock:
            self._acts.pop(subject, None)

    def of(self, subject: UUID) -> Progress | None:
        with self._lock:
            found = self._acts.get(subject)
        if found is None:
            return None
        began, done = found
        return Progress(done, round(done / max(time.monotonic() - began, 0.1)))


_told = _Told()
begin, say, end, of = _told.begin, _told.say, _told.end, _told.of
