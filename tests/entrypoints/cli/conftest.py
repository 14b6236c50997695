"""Commands called in this process on a test's books, or in a process of their own."""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from despensa.entrypoints import wiring
from despensa.entrypoints.cli import main, opened


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def despensa(monkeypatch, capsys):
    """Call a command in this process, as the shell would."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["despensa", *map(str, arguments)])
        code = 0
        try:
            main.run()
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture
def at(monkeypatch):
    """Let commands work on these books."""

    def use(books):
        monkeypatch.setattr(wiring, "databases", lambda _: contextlib.nullcontext())
        monkeypatch.setattr(wiring, "open_tools", lambda _: books.tools)
        monkeypatch.setenv("DESPENSA_WORKSPACE", str(books.folder))
        return books

    return use


@pytest.fixture
def sign_in():
    """Open a session of the command line for a member of the cast."""

    def signed_in(books, name):
        from despensa.usecases.open_command_session import open_command_session

        secret = os.urandom(32)
        open_command_session(
            hashlib.sha256(secret).digest(), staff=books.staff[name], acting=books.acting(name)
        )
        opened.session_file(books.tools.workspace).write_bytes(secret)

    return signed_in


def in_own_process(*arguments, env=None, **options):
    """Return what a command said in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "despensa", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=env,
        stdin=subprocess.DEVNULL,
        timeout=120,
        **options,
    )
    return Said(done.returncode, done.stdout, done.stderr)
