"""What the tests of the embedded server need: to run it elsewhere and to see what is left."""

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from despensa.adapters.database import places

SCRIPT = Path(__file__).with_name("supervise.py")
NOBODY = 65534


def python_for_nobody() -> str | None:
    """Return a Python that an unprivileged user can run; a developer's own may be out of reach."""
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with contextlib.suppress(OSError):
            tried = subprocess.run([candidate, "-c", "import json"], user=NOBODY, env={})
            if tried.returncode == 0:
                return candidate
    return None


def launch(folder: Path, how: str = "plain", *become: str):
    """Start the program and return it with what it printed."""
    program = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), how, *become],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = program.stdout.readline()
    assert line, program.stderr.read()
    return program, json.loads(line)


def end(program) -> None:
    """Close the pipes of a program that has been killed, or kill it first."""
    program.kill()
    program.communicate()


def is_gone(folder: Path, seconds: float = 15) -> bool:
    """Return whether every process of the server has ended: all of them hold the lock."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with places.lock_path(folder).open("r+") as lock, contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.05)
    return False


def processes(word: str) -> list[str]:
    """Return the command lines that contain `word`, seen independently of our own lock."""
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,args="], capture_output=True, text=True)
    own = str(os.getpid())
    lines = [line.strip() for line in listed.stdout.splitlines() if word in line]
    return [line for line in lines if line.split()[0] != own]


def modes_above(folder: Path) -> list[tuple[str, int, int]]:
    """Return path, mode and owner of every folder above `folder`."""
    return [(str(p), p.stat().st_mode, p.stat().st_uid) for p in folder.parents]
