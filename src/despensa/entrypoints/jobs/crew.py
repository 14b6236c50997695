"""
Workers beside a process, for what is worth it: parts go out, results come back in order.

Parts and results are laid into memory that a worker shares with its process alone, and the pipe says
how long they are: millions of bytes through a pipe would be copied six times. What is longer than
that goes by the pipe. Results lie in two places in turn, so that one is read while the worker makes
the next.
A worker is a fork: it has the keys the process has, in memory, and they go nowhere else. It ends
with its pipe: when the process dies, however it dies, its workers read the end of it.
"""

import mmap
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, cycle, islice
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Generic

from despensa.domain.ports.crew import Alone, Buffer, Item, Kept, Result, Work

# one more than cores: while the database writes one part and a worker waits to be heard, none idles
WORKERS = min(8, (os.cpu_count() or 1) + 1)
# who writes is what everything waits for: the database and its process go first
_NICER = 10
_FINISH = b""
_SENT, _FAILED, _LAID = b"\0", b"\1", b"\2"
# a slice of an import with the search tokens of several; only what is written is taken up
_SHARED_BYTES = 32 << 20
_PLACES = 3
# a fork inherits the pipes of every crew of the process: the end of a pipe that another crew's
# worker holds too would never be read
_forking = threading.Lock()
_pipes: set[Connection] = set()


class WorkerFailed(RuntimeError):
    """A worker could not do its part; nothing was written."""


class Forks:
    """A crew of forks; implements `ports.crew.Crew`. What has one part only is done without."""

    def __init__(self, workers: int = WORKERS) -> None:
        """Work with so many processes."""
        self._count = workers

    def each(
        self, work: Work[Item, Result], items: Iterable[tuple[Item, Kept]]
    ) -> Iterator[tuple[Kept | None, Result]]:
        """
        Yield what was kept beside each part and its result.

        Raises: WorkerFailed.
        """
        rest = iter(items)
        first = list(islice(rest, 2))
        if len(first) < 2 or not hasattr(os, "fork"):
            yield from Alone().each(work, chain(first, rest))
            return
        workers: list[_Fork[Item, Result]] = []
        try:
            while len(workers) < self._count:
                workers.append(_Fork(work))
            yield from _passed_round(workers, chain(first, rest))
        finally:
            for worker in workers:
                worker.end()


def _passed_round(
    workers: "list[_Fork[Item, Result]]", items: Iterator[tuple[Item, Kept]]
) -> Iterator[tuple[Kept | None, Result]]:
    """Keep every worker busy: a worker gets its next part as soon as its result was taken."""
    busy: deque[tuple[_Fork[Item, Result], Kept]] = deque()
    for worker, (item, kept) in zip(workers, items, strict=False):
        worker.begin(item)
        busy.append((worker, kept))
    while busy:
        worker, kept = busy.popleft()
        result = worker.result()
        following = next(items, None)
        if following is not None:
            worker.begin(following[0])
            busy.append((worker, following[1]))
        yield kept, result
    for worker in workers:
        worker.begin(None)
        yield None, worker.result()


class _Fork(Generic[Item, Result]):
    """One worker and the pipe to it."""

    def __init__(self, work: Work[Item, Result]) -> None:
        """Fork; the child leaves the pipes of the others alone and never comes back."""
        self._work = work
        self._part, *self._results = _places()
        self._taken = 0
        with _forking:
            self._pipe, far = Pipe()
            _pipes.add(self._pipe)
            self._process = os.fork()
            if self._process == 0:
                _serve(work, far, self._part, self._results)
            far.close()

    def begin(self, item: Item | None) -> None:
        """Send a part; None asks for what is held back."""
        if item is None:
            self._pipe.send_bytes(_FINISH)
        else:
            _send(self._pipe, self._work.encode_item(item), self._part)

    def result(self) -> Result:
        """Wait for the result, which lies there until the next but one. Raises: WorkerFailed."""
        try:
            data = self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            raise WorkerFailed("a worker ended before its part was done") from error
        if data[:1] == _FAILED:
            raise WorkerFailed(data[1:].decode(errors="replace"))
        place = self._results[self._taken % len(self._results)]
        self._taken += 1
        return self._work.decode_result(_received(data, place))

    def end(self) -> None:
        """Let the worker go."""
        with _forking:
            _pipes.discard(self._pipe)
            self._pipe.close()
        os.waitpid(self._process, 0)


def _places() -> list[memoryview]:
    """Return memory that this process and its forks share, until nobody looks at it."""
    return [memoryview(mmap.mmap(-1, _SHARED_BYTES)) for _ in range(_PLACES)]


def _send(pipe: Connection, pieces: Sequence[Buffer], place: memoryview) -> None:
    """Lay pieces side by side and say how long they are, or send them."""
    length = sum(map(len, pieces))
    if length > len(place):
        pipe.send_bytes(b"".join((_SENT, *pieces)))
        return
    at = 0
    for piece in pieces:
        place[at : at + len(piece)] = piece
        at += len(piece)
    pipe.send_bytes(_LAID + length.to_bytes(8, "big"))


def _received(data: bytes, place: memoryview) -> memoryview:
    """Return what was laid or sent."""
    if data[:1] == _SENT:
        return memoryview(data)[1:]
    return place[: int.from_bytes(data[1:], "big")]


def _serve(
    work: Work[Item, Result], pipe: Connection, part: memoryview, results: Sequence[memoryview]
) -> None:
    """Work until the pipe ends; leave without the parent's farewells, which are not the child's."""
    try:
        os.nice(_NICER)
        for other in _pipes:
            other.close()
        for place in cycle(results):
            data = pipe.recv_bytes()
            if data == _FINISH:
                result = work.finish()
            else:
                result = work.do(work.decode_item(_received(data, part)))
            _send(pipe, work.encode_result(result), place)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        os._exit(0)
    except BaseException as error:  # noqa: BLE001  (said to the parent, which raises)
        _say(pipe, error)
        os._exit(1)


def _say(pipe: Connection, error: BaseException) -> None:
    """Tell the parent what kind of error it was: its text may hold what nobody may read."""
    try:
        pipe.send_bytes(_FAILED + f"a worker failed: {type(error).__name__}".encode())
    except OSError:
        return
