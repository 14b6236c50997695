"""A keeper process of a test: forked, behind a socket in a short folder."""

import atexit
import os
import shutil
import signal
import socket
import tempfile
from pathlib import Path

from despensa.adapters.keeper import key_files, wire
from despensa.adapters.keeper.guards import Guard
from despensa.adapters.keeper.in_process import open_keeper
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.server import Server

_running: list["KeeperProcess"] = []


def the_only(keys: Path, **more) -> "KeeperProcess":
    """Return the keeper of a folder, started anew; the one before it is ended."""
    end_the_only()
    _running.append(KeeperProcess(keys, **more))
    return _running[0]


def see_the_environment() -> None:
    """Start the only keeper anew, if there is one: what was set since then is known to it."""
    for running in _running:
        running.end(signal.SIGKILL)
        running.start()


@atexit.register
def end_the_only() -> None:
    """End the keeper that `the_only` started, if there is one."""
    while _running:
        _running.pop().end()


class KeeperProcess:
    """
    The keeper of a folder in a process of its own.

    Without a `clock` it checks no time: most tests move their own.
    """

    def __init__(
        self, keys: Path, *, workspace: bytes, users=None, may_rebuild=False, clock=None, **more
    ):
        more = {"staging": keys / "staged"} | more
        self.keys = keys
        # the path of a socket may not be longer than about a hundred bytes
        self._short = Path(tempfile.mkdtemp(prefix="keeper-"))
        marker = keys / "socket-folder"
        if marker.exists():
            shutil.rmtree(self._short)
            self._short = Path(marker.read_text())
        key_files.write(marker, str(self._short).encode())
        self.socket = self._short / "s"
        self._arguments = (workspace, users, Guard(clock, may_rebuild=may_rebuild), more)
        self.start()

    def start(self):
        """Fork the keeper, with the environment of now, and wait until it answers."""
        self.process = os.fork()
        if self.process == 0:
            self._serve(*self._arguments)
        self._wait()

    def _serve(self, workspace, users, guard, more):
        code = 1
        try:
            os.setsid()
            held = open_keeper(keys=self.keys, workspace=workspace, **more)
            allowed = {os.getuid()} if users is None else users
            Server(held, self.socket, users=allowed, guard=guard).serve()
            code = 0
        finally:
            os._exit(code)

    def _wait(self):
        for _ in range(2000):
            with socket.socket(socket.AF_UNIX) as tried:
                tried.settimeout(0.01)
                if tried.connect_ex(str(self.socket)) == 0:
                    return
            if os.waitpid(self.process, os.WNOHANG)[0]:
                raise RuntimeError("the keeper of the test did not start")
            signal.sigtimedwait([], 0.005)
        raise RuntimeError("the keeper of the test does not answer")

    def records(self):
        """Return what the keeper's own copy says."""
        copy = OwnCopy(self.keys / "keeper" / "own-copy.journal")
        try:
            return list(copy.records())
        finally:
            copy.close()

    def asked(self, message):
        """Return the answer to a message, as it travels."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(20)
            link.connect(str(self.socket))
            wire.send(link, message)
            return wire.receive(link)

    def end(self, how=signal.SIGTERM):
        """End the process and wait for it."""
        if self.process:
            os.kill(self.process, how)
            os.waitpid(self.process, 0)
            self.process = 0
        if how == signal.SIGTERM:
            shutil.rmtree(self._short, ignore_errors=True)
