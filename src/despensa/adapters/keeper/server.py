"""
The keeper's process: takes connections, asks who is at the other end, answers one call at a time.

A connection is a process of its own, forked from one that holds the keys and nothing else: what a
call opens in memory ends with its process, a crash ends one connection, and bulk work does not wait
for anybody. They end when the keeper ends, however it ends.
"""

import os
import selectors
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from despensa.adapters.keeper import doors, guards, wire
from despensa.adapters.keeper.held_people import HeldPeople
from despensa.adapters.keeper.in_process import InProcessKeeper

CONNECTIONS_MAX = 64
AT_WORK_SECONDS = 5
_WAITING = 64
_CREDENTIALS = struct.Struct("3i")
_SOCKET_MODE = 0o660


class KeeperRuns(OSError):
    """Another keeper answers at this socket already."""


class Server:
    """A keeper behind a socket."""

    def __init__(
        self,
        keeper: InProcessKeeper,
        path: Path,
        *,
        users: Collection[int],
        guard: guards.Guard,
    ) -> None:
        """
        Listen at `path`, for processes of these user ids and no other.

        Raises: KeeperRuns; OSError where the socket cannot be made.
        """
        self._keeper = keeper
        self._path = path
        self._users = frozenset(users)
        self._guard = guard
        self._children: set[int] = set()
        self._listening = _listening(path)
        # every connection's process holds the far end and sees the keeper end
        self._alive, self._ended = os.pipe()

    def serve(self) -> None:
        """Answer until SIGTERM or SIGINT."""
        signal.signal(signal.SIGTERM, _end)
        signal.signal(signal.SIGINT, _end)
        try:
            while True:
                link, _ = self._listening.accept()
                self._reap()
                self._take(link)
        except _Ended:
            return
        finally:
            self._path.unlink(missing_ok=True)
            self._listening.close()
            for process in self._children:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGTERM)

    def _take(self, link: socket.socket) -> None:
        """Give a connection a process of its own, or refuse it with a sentence."""
        with closing(link):
            refused = self._refusal(link)
            if refused is not None:
                with suppress(OSError, ValueError):
                    wire.send(link, [wire.ERROR, "permission", refused])
                return
            process = os.fork()
            if process:
                self._children.add(process)
                return
            _leave_after(lambda: self._answer_all(link))

    def _refusal(self, link: socket.socket) -> str | None:
        data = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, user, _ = _CREDENTIALS.unpack(data)
        if user not in self._users:
            return f"The keeper does not speak with the system user {user}."
        if len(self._children) >= CONNECTIONS_MAX:
            return "The keeper has as many connections as it takes. Try again in a moment."
        return None

    def _reap(self) -> None:
        for process in list(self._children):
            with suppress(ChildProcessError):
                if os.waitpid(process, os.WNOHANG)[0] == 0:
                    continue
            self._children.discard(process)

    def _answer_all(self, link: socket.socket) -> None:
        """Answer the calls of one connection; runs in its process."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._listening.close()
        os.close(self._ended)
        connection = Connection(self._keeper, link, self._guard)
        with selectors.DefaultSelector() as ready:
            ready.register(link, selectors.EVENT_READ)
            ready.register(self._alive, selectors.EVENT_READ)
            while all(key.fd != self._alive for key, _ in ready.select()):
                connection.answer_one()


class Connection:
    """One connection's end in the keeper."""

    def __init__(self, keeper: InProcessKeeper, link: socket.socket, guard: guards.Guard) -> None:
        """Answer over `link`."""
        self._link = link
        self._guard = guard
        self._doors: dict[str, Any] = {
            "vault": keeper.vault,
            "people": HeldPeople(keeper.vault),
            "staging": keeper.staging,
            "cards": keeper.cards,
            "wallet": keeper.wallet,
            "cycles": keeper.cycles,
            "signatory": keeper.signatory,
            "bulk": keeper.bulk,
            "payments": keeper.payments,
            "keys": keeper.keys,
        }
        self._writing = threading.Lock()

    def answer_one(self) -> None:
        """
        Read one call and answer it.

        Raises: PeerGone and FrameBroken, after which the connection is of no more use.
        """
        name, arguments = _call(wire.receive(self._link))
        with self._at_work():
            try:
                answer = self._done(name, arguments)
            except wire.PeerGone:
                raise
            except Exception as error:
                answer = [wire.ERROR, *doors.error_of(error)]
                if answer[1] == doors.FAILED:
                    _note(name, error)
                self._say(answer)
                if name in doors.STREAMS_IN or isinstance(error, wire.FrameBroken):
                    # what was still on its way cannot be told from a call
                    raise wire.PeerGone("refused") from error
                return
            self._say(answer)

    def _done(self, name: str, packed: Any) -> list[Any]:
        method = doors.methods().get(name)
        if method is None:
            raise wire.FrameBroken(f"the keeper has no method {name[:40]}")
        arguments = method.signature.unpack(packed)
        self._guard.check(name, arguments)
        work = getattr(self._doors[method.door], method.name)
        if name in doors.STREAMS_IN:
            arguments[doors.STREAMS_IN[name]] = self._parts()
        result = work(**arguments)
        if name in doors.STREAMS_OUT:
            for part in result:
                self._say([wire.OUT, part])
            result = None
            return [wire.RESULT, result]
        return [wire.RESULT, method.signature.result.pack(result)]

    def _parts(self) -> Iterator[bytes]:
        while True:
            message = wire.receive(self._link)
            if message == [wire.END]:
                return
            if len(message) != 2 or message[0] != wire.PART or type(message[1]) is not bytes:
                raise wire.FrameBroken("something else stands where a part belongs")
            yield message[1]

    def _say(self, message: list[Any]) -> None:
        with self._writing:
            wire.send(self._link, message)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Say every few seconds that the work goes on, so that a silence means something."""
        done = threading.Event()

        def tell() -> None:
            while not done.wait(AT_WORK_SECONDS):
                with suppress(OSError):
                    self._say([wire.AT_WORK])

        teller = threading.Thread(target=tell, daemon=True)
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()


class _Ended(BaseException):
    """The keeper was told to end."""


def _end(*_: object) -> None:
    raise _Ended


def _call(message: list[Any]) -> tuple[str, Any]:
    if len(message) != 3 or message[0] != wire.CALL or type(message[1]) is not str:
        raise wire.FrameBroken("a message that is no call")
    return message[1], message[2]


def _listening(path: Path) -> socket.socket:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as tried:
            try:
                tried.connect(os.fspath(path))
            except ConnectionRefusedError:
                # what a keeper that was killed left behind
                path.unlink()
            else:
                raise KeeperRuns(f"A keeper answers at {path} already; there can be one only.")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 ^ _SOCKET_MODE)
    try:
        listening.bind(os.fspath(path))
    finally:
        os.umask(before)
    listening.listen(_WAITING)
    return listening


def _leave_after(work: Callable[[], None]) -> None:
    """Do the work of a connection's process and end it, without the parent's farewells."""
    code = 0
    try:
        work()
    except (wire.PeerGone, wire.FrameBroken, OSError):
        code = 0
    except BaseException as error:  # noqa: BLE001  (the process ends with it)
        _note("connection", error)
        code = 1
    finally:
        os._exit(code)


def _note(name: str, error: BaseException) -> None:
    """Say in the keeper's own log what failed: the class and the place, never the values."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
    sys.stderr.write(f"keeper: {name} failed: {type(error).__name__} at {where}\n")
    sys.stderr.flush()
