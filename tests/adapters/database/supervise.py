"""
A small program of the tests that runs the embedded server, so that it can be killed.

Prints its addresses as one JSON line, then waits. `fork` leaves a forked child behind; `attach`
uses attach_or_start; a line on standard input ends it in order. A user number and a Python that
this user can run make it become that user once everything is imported.
"""

import dataclasses
import encodings.ascii  # noqa: F401 (after `become` the rest of a private Python is out of reach)
import json
import os
import sys
import time
from pathlib import Path

from despensa.adapters.database.embedded import EmbeddedDatabase, attach_or_start


def say(endpoints) -> None:
    print(json.dumps({**dataclasses.asdict(endpoints), "pid": os.getpid()}), flush=True)


def main(folder: Path, how: str) -> None:
    if how == "attach":
        with attach_or_start(folder, durable=False) as endpoints:
            say(endpoints)
            sys.stdin.readline()
        return
    database = EmbeddedDatabase(folder, durable=how == "durable")
    endpoints = database.start()
    if how == "fork" and os.fork() == 0:
        time.sleep(20)
        os._exit(0)
    say(endpoints)
    if how != "leave":
        sys.stdin.readline()
        database.stop()


def become(user: int, python: str) -> None:
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    sys.executable = python


if __name__ == "__main__":
    if len(sys.argv) > 3:
        become(int(sys.argv[3]), sys.argv[4])
    main(Path(sys.argv[1]), sys.argv[2])
