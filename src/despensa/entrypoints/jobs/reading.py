"""
Files that are read beside the requests: how far each is, and what stood in its way.

A large upload is read by a thread of this process, one file at a time; its page asks how far it is
and may be closed meanwhile. The upload has no name any more, so it goes with the process: after a
restart the file is sent again.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connections

from despensa.entrypoints.jobs import progress

_KEPT = 100


class Stopped(Exception):
    """Whoever sent the file does not want it any more."""


@dataclass(slots=True)
class Reading:
    """A file being read for one person; with a `problem` it was not read."""

    id: UUID
    staff: UUID
    at: int
    file_name: str
    problem: str = ""
    is_over: bool = False
    is_stopped: bool = field(default=False, repr=False)

    @property
    def progress(self) -> progress.Progress | None:
        """Return how many rows were read, or None before the first."""
        return progress.of(self.id)


class _Readings:
    """The files of this process that are read, and the last that were."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turn = threading.Semaphore(1)
        self._known: dict[UUID, Reading] = {}

    def begin(
        self,
        reading: Reading,
        work: Callable[[Callable[[int], None]], object],
        told: Callable[[Exception], str],
    ) -> None:
        """Read a file; `work` is given what hears how far it is, `told` says why it failed."""
        with self._lock:
            for old in [one.id for one in self._known.values() if one.is_over][:-_KEPT]:
                del self._known[old]
            self._known[reading.id] = reading
        threading.Thread(
            target=self._read, args=(reading, work, told), name="despensa-reading", daemon=True
        ).start()

    def of(self, reading_id: UUID, staff: UUID) -> Reading | None:
        """Return a file to the person who sent it, to nobody else."""
        with self._lock:
            found = self._known.get(reading_id)
        return found if found is not None and found.staff == staff else None

    def stop(self, reading: Reading) -> None:
        """Read no further, and forget the file."""
        reading.is_stopped = True
        with self._lock:
            self._known.pop(reading.id, None)

    def _read(
        self,
        reading: Reading,
        work: Callable[[Callable[[int], None]], object],
        told: Callable[[Exception], str],
    ) -> None:
        def hear(rows: int) -> None:
            if reading.is_stopped:
                raise Stopped
            progress.say(reading.id, rows)

        try:
            with self._turn:
                hear(0)
                progress.begin(reading.id)
                work(hear)
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - told on the page, whatever it was
            reading.problem = told(error)
        finally:
            progress.end(reading.id)
            reading.is_over = True
            connections.close_all()


_readings = _Readings()
begin, of, stop = _readings.begin, _readings.of, _readings.stop
