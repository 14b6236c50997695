"""
The keeper behind a socket: what the office, the worker and the command line hold in production.

No key is here. Every call is one message to the keeper's process, or one for some thousands of
items; a connection belongs to one thread of one process and is made anew when it has ended.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from despensa.adapters.keeper import doors, wire
from despensa.domain import sealing
from despensa.domain.ports import bulk_work, key_office, payment_work
from despensa.domain.ports import keeper as ports

CONNECT_SECONDS = 5
# the keeper says every few seconds that it is at work; a silence longer than this is no answer
SILENT_SECONDS = 30
SLICE_ITEMS = 10_000
_PIECE_BYTES = 16 << 20


class Line:
    """The connections to one keeper process, by thread."""

    def __init__(self, path: Path, *, silent_seconds: float = SILENT_SECONDS) -> None:
        """Name the socket; a connection is made when something is asked."""
        self._path = path
        self._silent = silent_seconds
        self._held = threading.local()

    def call(self, name: str, given: Sequence[Any], named: dict[str, Any]) -> Any:
        """
        Return what a method of the keeper answers.

        Raises: what the method raises; KeeperUnavailable; KeeperFailed; WrongShape.
        """
        method = doors.methods()[name]
        message = [wire.CALL, name, method.signature.pack(given, named)]
        try:
            link = self._linked()
            self._sent(link, message)
            return method.signature.result.unpack(_result(link))
        except wire.FrameBroken:
            self.hang_up()
            raise
        except OSError as error:
            if type(error) in doors.ERRORS.values():
                # an answer, and the connection goes on
                raise
            self.hang_up()
            raise self._silence() from error

    def send_parts(self, name: str, given: Sequence[Any], parts: Iterable[bytes]) -> None:
        """Send parts to a method over a connection of their own. Raises: as `call`."""
        method = doors.methods()[name]
        with closing(self._connected()) as link:
            try:
                self._sent(link, [wire.CALL, name, method.signature.pack(given, {})])
                for part in parts:
                    self._sent(link, [wire.PART, part])
                self._sent(link, [wire.END])
                _result(link)
            except (wire.PeerGone, TimeoutError) as error:
                raise self._silence() from error

    def parts_of(self, name: str, given: Sequence[Any]) -> Iterator[bytes]:
        """Yield the parts a method answers with, as they come. Raises: as `call`."""
        method = doors.methods()[name]
        with closing(self._connected()) as link:
            self._sent(link, [wire.CALL, name, method.signature.pack(given, {})])
            while True:
                try:
                    answer = _answer(link)
                except (wire.PeerGone, TimeoutError, ConnectionResetError) as error:
                    raise self._silence() from error
                if answer[0] == wire.RESULT:
                    return
                yield answer[1]

    def hang_up(self) -> None:
        """Close this thread's connection, if it has one."""
        link = getattr(self._held, "link", None)
        if link is not None:
            self._held.link = None
            link.close()

    def _sent(self, link: socket.socket, message: list[Any]) -> None:
        """Send a message; a keeper that refused the work before its end has said why."""
        try:
            wire.send(link, message)
        except (BrokenPipeError, ConnectionResetError):
            _result(link)
            raise wire.PeerGone("the keeper closed the connection") from None

    def _linked(self) -> socket.socket:
        """Return this thread's connection, a new one after a fork or when it has ended."""
        link: socket.socket | None = getattr(self._held, "link", None)
        if link is not None and (self._held.process != os.getpid() or _has_ended(link)):
            self.hang_up()
            link = None
        if link is None:
            link = self._connected()
            self._held.link, self._held.process = link, os.getpid()
        return link

    def _connected(self) -> socket.socket:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(CONNECT_SECONDS)
        try:
            link.connect(os.fspath(self._path))
        except OSError as error:
            link.close()
            raise self._silence() from error
        link.settimeout(self._silent)
        return link

    def _silence(self) -> ports.KeeperUnavailable:
        return ports.KeeperUnavailable(
            f"The keeper does not answer at {self._path}, and nothing that needs a key can be done "
            "without it. Start it (systemctl start despensa-keeper), then do this again."
        )


class Door:
    """One port of the keeper: its methods are those of the table and go over the line."""

    def __init__(self, line: Line) -> None:
        """Speak over `line`."""
        self._line = line

    def __init_subclass__(cls, *, door: str) -> None:
        """Give the class a method for each of the port's that it does not write itself."""
        for called, method in doors.methods().items():
            if method.door == door and method.name not in cls.__dict__:
                setattr(cls, method.name, _asking(called))


def _asking(called: str) -> Callable[..., Any]:
    """Return the method that asks the keeper for `called`."""
    sliced = doors.SLICED.get(called)

    def ask(self: Door, *given: Any, **named: Any) -> Any:
        line = self._line
        if sliced is None:
            return line.call(called, given, named)
        return _in_slices(line, called, sliced, given, named)

    return ask


def _in_slices(
    line: Line, called: str, sliced: str, given: Sequence[Any], named: dict[str, Any]
) -> Any:
    """Ask for some thousand items at a time; each is answered for itself."""
    names = [name for name, _ in doors.methods()[called].signature.arguments]
    values = dict(zip(names, given, strict=False)) | named
    items = list(values[sliced])
    answers = [
        line.call(called, (), values | {sliced: items[at : at + SLICE_ITEMS]})
        for at in range(0, len(items) or 1, SLICE_ITEMS)
    ]
    return [item for answer in answers for item in answer]


class SocketVault(Door, door="vault"):
    """The vault over a line."""

    def new_people(self, persons: Sequence[bytes]) -> "SocketPeople":
        """Return fresh keys of people, kept wrapped; what seals with them is the keeper."""
        return SocketPeople(self._line, _asking("vault.new_keys")(self, persons))


class SocketPeople:
    """Implements `ports.keeper.NewPeople` without holding a key."""

    def __init__(self, line: Line, people: list[ports.KeyedPerson]) -> None:
        """Keep the wrapped keys by place."""
        self._line = line
        self._people = people
        self.kek = people[0].kek if people else 1
        self.wrapped = [one.wrapped for one in people]

    def seal(
        self, column: sealing.Column, values: Sequence[tuple[int, bytes, bytes]]
    ) -> list[bytes]:
        """Return the stored bytes of first values of one column, as (place, row id, DCBOR)."""
        sealed: list[bytes] = _in_slices(
            self._line, "people.seal", "values", (self._people, column, values), {}
        )
        return sealed

    def seal_rows(self, entry: bytes, rows: Iterable[tuple[int, int, bytes]]) -> list[bytes]:
        """Return the sealed bodies of journal rows of one entry, as (place, index, body)."""
        sealed: list[bytes] = _in_slices(
            self._line, "people.seal_rows", "rows", (self._people, entry, list(rows)), {}
        )
        return sealed


class SocketStaging(Door, door="staging"):
    """Staged files over a line: whole contents travel in pieces."""

    def seal(self, proposal: bytes, content: bytes) -> None:
        """Store the content sealed, under the proposal's id."""
        pieces = range(0, len(content) or 1, _PIECE_BYTES)
        self.seal_parts(proposal, (content[at : at + _PIECE_BYTES] for at in pieces))

    def seal_parts(self, proposal: bytes, parts: Iterable[bytes]) -> None:
        """Store content that is made part by part, sealed, under the proposal's id."""
        self._line.send_parts("staging.seal_parts", (proposal,), parts)

    def seal_beside(self, proposal: bytes, parts: Iterable[bytes]) -> None:
        """Store more that belongs to the proposal, sealed, beside its file."""
        self._line.send_parts("staging.seal_beside", (proposal,), parts)

    def open(self, proposal: bytes) -> bytes:
        """Return the content. Raises: FileNotFoundError; StagedFileDamaged."""
        return b"".join(self.open_parts(proposal))

    def open_parts(self, proposal: bytes) -> Iterator[bytes]:
        """Yield the parts of the content. Raises: as `open`, at any part."""
        return self._line.parts_of("staging.open_parts", (proposal,))

    def open_beside(self, proposal: bytes) -> Iterator[bytes]:
        """Yield the parts of what lies beside. Raises: as `open`, at any part."""
        return self._line.parts_of("staging.open_beside", (proposal,))


class SocketCards(Door, door="cards"):
    """Cards over a line."""


class SocketWallet(Door, door="wallet"):
    """Identity cards for wallets over a line."""


class SocketCycles(Door, door="cycles"):
    """Cycles over a line."""


class SocketSignatory(Door, door="signatory"):
    """Signatures over a line."""


class SocketKeys(Door, door="keys"):
    """The life of keys over a line."""


class SocketBulk(Door, door="bulk"):
    """Work on the whole register over a line."""


class SocketPayments(Door, door="payments"):
    """Lists of payments over a line."""

    def release_file(self, *, proposal: bytes, approval: bytes, at: int) -> Iterator[bytes]:
        """Yield the file of an approved list. Raises: ApprovalInvalid; as of staged files."""
        return self._line.parts_of("payments.release_file", (proposal, approval, at))


@dataclass(frozen=True, slots=True)
class SocketKeeper:
    """The doors of a keeper that is another process; implements `ports.keeper.Keeper`."""

    line: Line
    vault: ports.KeeperVault
    staging: ports.StagingVault
    cards: ports.CardKeeper
    wallet: ports.WalletKeeper
    cycles: ports.CycleKeeper
    signatory: ports.Signatory
    bulk: bulk_work.BulkWork
    payments: payment_work.PaymentWork
    keys: key_office.KeyOffice

    def close(self) -> None:
        """Hang up."""
        self.line.hang_up()


def connect(path: Path, *, silent_seconds: float = SILENT_SECONDS) -> SocketKeeper:
    """Return the keeper behind a socket; nothing is asked yet."""
    line = Line(path, silent_seconds=silent_seconds)
    return SocketKeeper(
        line=line,
        vault=cast("ports.KeeperVault", SocketVault(line)),
        staging=cast("ports.StagingVault", SocketStaging(line)),
        cards=cast("ports.CardKeeper", SocketCards(line)),
        wallet=cast("ports.WalletKeeper", SocketWallet(line)),
        cycles=cast("ports.CycleKeeper", SocketCycles(line)),
        signatory=cast("ports.Signatory", SocketSignatory(line)),
        bulk=cast("bulk_work.BulkWork", SocketBulk(line)),
        payments=cast("payment_work.PaymentWork", SocketPayments(line)),
        keys=cast("key_office.KeyOffice", SocketKeys(line)),
    )


def _has_ended(link: socket.socket) -> bool:
    """Return whether the other side has closed, or said something nobody asked for."""
    link.setblocking(False)  # noqa: FBT003  (the library's own argument)
    try:
        link.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        with suppress(OSError):
            link.settimeout(SILENT_SECONDS)
    return True


def _answer(link: socket.socket) -> list[Any]:
    """Return the next result or part. Raises: the error that the keeper answered with."""
    while True:
        answer = wire.receive(link)
        if answer == [wire.AT_WORK]:
            continue
        if len(answer) == 3 and answer[0] == wire.ERROR:
            raise doors.raised(answer[1], answer[2])
        if len(answer) != 2 or answer[0] not in {wire.RESULT, wire.OUT}:
            raise wire.FrameBroken("an answer of the keeper that is none")
        return answer


def _result(link: socket.socket) -> Any:
    answer = _answer(link)
    if answer[0] != wire.RESULT:
        raise wire.FrameBroken("the keeper answered in parts where one was asked for")
    return answer[1]
