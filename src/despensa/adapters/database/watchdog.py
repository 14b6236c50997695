"""
Runs one PostgreSQL server and stops it when nobody uses it any more.

Started as a separate process by `embedded.py` with one JSON argument. Everybody who uses the
server holds the writing end of a named pipe; the kernel closes it however they end, kill -9
included. At end of file the server is stopped. This file imports the standard library only and
nothing of Despensa, so that it starts fast and stays small.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

# Source: prctl(2), PR_SET_PDEATHSIG.
_PR_SET_PDEATHSIG = 1
# The stages of a stop. Source: PostgreSQL documentation, section 18.5 (fast, immediate, kill).
_STOPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 20.0), (signal.SIGKILL, 20.0))
_AGAIN, _EMPTY = None, b""


def _die_with_parent() -> None:
    """Ask Linux to stop the server when this watchdog itself is killed."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def _start(task: dict[str, Any], log: int) -> "subprocess.Popen[bytes]":
    who: dict[str, Any] = {}
    if task["uid"] is not None:
        who = {"user": task["uid"], "group": task["gid"], "extra_groups": []}
    # The lock goes to the server and its children: it is free only when the last one is gone.
    return subprocess.Popen(
        task["command"],
        cwd=task["data"],
        env=task["environment"],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=(task["lock"],),
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 (this process has one thread)
        **who,
    )


def _read(pipe: int) -> bytes | None:
    try:
        return os.read(pipe, 64)
    except BlockingIOError:
        return _AGAIN


def _is_abandoned(pipe: int, path: Path) -> bool:
    """
    Return whether no user is left, and then leave the pipe where no newcomer can open it.

    Whoever opened it just before it moved is seen by the second read; whoever opens it later
    finds no pipe and starts a server of their own.
    """
    if _read(pipe) != _EMPTY:
        return False
    aside = path.with_name(path.name + ".closing")
    path.rename(aside)
    if _read(pipe) == _EMPTY:
        return True
    aside.rename(path)
    return False


def _wait(server: "subprocess.Popen[bytes]", pipe: int, wake: int, path: Path) -> None:
    """Return when the server has ended, nobody uses it, or this process is told to stop."""
    while server.poll() is None:
        ready, _, _ = select.select([pipe, wake], [], [])
        if wake in ready and signal.SIGTERM in os.read(wake, 64):
            return
        if pipe in ready and _is_abandoned(pipe, path):
            return


def _stop(server: "subprocess.Popen[bytes]") -> None:
    for sign, seconds in _STOPS:
        if server.poll() is not None:
            return
        server.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(seconds)


def main() -> int:
    """Run the server described by the first argument until its last user is gone."""
    task = json.loads(sys.argv[1])
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    # Only SIGTERM stops; Ctrl-C and a closed terminal are for the programs that use the server.
    for sign in (signal.SIGTERM, signal.SIGCHLD, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, lambda *_: None)
    if task["private"] is not None:
        # Held until we end: cleaners of temporary folders leave a locked folder alone.
        # Source: tmpfiles.d(5), the note on BSD locks.
        fcntl.flock(os.open(task["private"], os.O_RDONLY), fcntl.LOCK_SH)
    path = Path(task["pipe"])
    log = os.open(task["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    server = _start(task, log)
    try:
        _wait(server, task["reading"], reading, path)
    finally:
        # First out of sight, so that nobody attaches to a server that is going down.
        path.unlink(missing_ok=True)
        path.with_name(path.name + ".closing").unlink(missing_ok=True)
        Path(task["record"]).unlink(missing_ok=True)
        _stop(server)
        if task["private"] is not None:
            shutil.rmtree(task["private"], ignore_errors=True)
    return server.returncode or 0


if __name__ == "__main__":
    sys.exit(main())
