"""
The worker: carries out what was approved, and does the regular rounds, beside the requests.

It asks the registry what was approved and not done, at its start and again and again, so an
approved proposal is never lost with a process. One worker at a time works on a workspace: the
registry's advisory lock chooses it.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connections

from despensa.entrypoints.cli.problems import sentence_of
from despensa.entrypoints.jobs import actions, erasing, rounds
from despensa.entrypoints.wiring import Tools
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.proposals import queries

ROUND_SECONDS = 10.0
RETRY_SECONDS = 600
STAGED_KEPT_SECONDS = 73 * 3600
# what a database says of a row may hold the row: it stays in the server's own log
UNEXPECTED = (
    "This failed in a way nobody foresaw, and nothing was changed. The server's log says more: ask "
    "whoever runs it, or run despensa doctor."
)
_LOCK = 0x64657370656E7361  # "despensa"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Failure:
    text: str
    at: float


@dataclass(slots=True)
class Task:
    """Something long that a person asked for: `problem` says why it stopped."""

    word: str
    done: threading.Event = field(default_factory=threading.Event)
    problem: str = ""


class Worker:
    """One thread that works through approved proposals, tasks and rounds."""

    def __init__(self, tools: Tools) -> None:
        """Prepare the worker of a workspace; `start` begins its work."""
        self._tools = tools
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._round_ended = threading.Condition()
        self._failures: dict[UUID, _Failure] = {}
        self._tasks: dict[UUID, Task] = {}
        self._waiting: list[tuple[Task, Callable[[], object]]] = []
        self._thread = threading.Thread(target=self._work, name="despensa-worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """End after the piece of work at hand."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=60)

    def wake(self, *, wait_seconds: float = 0.0) -> None:
        """Ask for a round now, and wait for its end for at most so long."""
        with self._round_ended:
            self._wake.set()
            if wait_seconds:
                self._round_ended.wait(wait_seconds)

    def run(self, subject: UUID, word: str, work: Callable[[], object]) -> Task:
        """Return the task that does this work; the same subject is never worked on twice at once."""
        known = self._tasks.get(subject)
        if known is not None and not known.done.is_set():
            return known
        task = self._tasks[subject] = Task(word)
        self._waiting.append((task, work))
        self._wake.set()
        return task

    def task(self, subject: UUID) -> Task | None:
        """Return the last task about a subject, or None."""
        return self._tasks.get(subject)

    def problem(self, proposal: UUID) -> str:
        """Return why an approved proposal could not be carried out, or an empty text."""
        failure = self._failures.get(proposal)
        return "" if failure is None else failure.text

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self._round()
            except Exception:  # noqa: BLE001 - the next round tries again
                _log.exception("a round of the worker failed")
            finally:
                with self._round_ended:
                    self._round_ended.notify_all()
            self._wake.wait(ROUND_SECONDS)
        connections.close_all()

    def _round(self) -> None:
        while self._waiting:
            task, work = self._waiting.pop(0)
            try:
                work()
            except Exception as error:  # noqa: BLE001 - told on the page, whatever it was
                _log.exception("a task failed")
                task.problem = told(error)
            finally:
                task.done.set()
        [(is_chosen,)] = fetch(REGISTRY, "SELECT pg_try_advisory_lock(%s)", (_LOCK,))
        if not is_chosen:
            return
        try:
            carry_out_waiting(self._tools, self._tried_and_failed)
            rounds.round_trip(self._tools)
            forget_old_files(self._tools)
            erasing.forget_links(self._tools)
        finally:
            fetch(REGISTRY, "SELECT pg_advisory_unlock(%s)", (_LOCK,))

    def _tried_and_failed(self, proposal: UUID, error: Exception | None) -> bool:
        """Remember how a try ended; without an error, say whether it is too early to try again."""
        if error is not None:
            self._failures[proposal] = _Failure(told(error), time.monotonic())
            return True
        failure = self._failures.get(proposal)
        return failure is not None and time.monotonic() < failure.at + RETRY_SECONDS


def told(error: Exception) -> str:
    """Return what a page may say of a failure: the sentence of a known one, never raw text."""
    known = sentence_of(error)
    return UNEXPECTED if known is None else known[0]


def carry_out_waiting(
    tools: Tools, failed: Callable[[UUID, Exception | None], bool] = lambda *_: False
) -> list[UUID]:
    """
    Carry out what was approved and not done, and return what was done now.

    `failed(proposal, None)` says whether to leave a proposal for later; `failed(proposal, error)`
    hears of one that could not be done. The others go on.
    """
    done = []
    for view in queries.approved():
        if failed(view.id, None):
            continue
        try:
            actions.carry_out(view.id, tools)
        except Exception as error:  # noqa: BLE001 - the others go on, this one is told
            _log.warning("proposal %s was not carried out: %s", view.id, error)
            failed(view.id, error)
        else:
            done.append(view.id)
    return done


def forget_old_files(tools: Tools) -> None:
    """Destroy staged files and previews whose proposal can no longer be approved."""
    for path in (tools.workspace.run / "staging").glob("*.sealed"):
        if path.stat().st_mtime < tools.now() - STAGED_KEPT_SECONDS:
            tools.keeper.staging.destroy(bytes.fromhex(path.stem), at=tools.now())


class _Running:
    """The worker of this process, if it runs one."""

    worker: Worker | None = None


def running() -> Worker | None:
    """Return this process's worker, or None when another process does the work."""
    return _Running.worker


def start(tools: Tools) -> Worker:
    """Return this process's worker, started."""
    _Running.worker = Worker(tools)
    _Running.worker.start()
    return _Running.worker


def stop() -> None:
    """End this process's worker."""
    if _Running.worker is not None:
        _Running.worker.stop()
        _Running.worker = None
