"""The keys are locked by a command, and the keeper starts with what the command left for it."""

import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import pytest

from despensa.adapters import age
from despensa.adapters.keeper import client, key_files
from despensa.adapters.keeper.in_process import open_keeper

WORKSPACE = uuid.UUID(int=7, version=4)


@pytest.fixture
def folder():
    """A keeper's folder with keys, short enough for a socket beside them."""
    with tempfile.TemporaryDirectory(prefix="lock-") as made:
        opened = open_keeper(
            keys=Path(made), staging=Path(made) / "staging", workspace=WORKSPACE.bytes
        )
        opened.close()
        yield Path(made)


def ran(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "despensa", *map(str, arguments), "--workspace-id", str(WORKSPACE)],
        capture_output=True, text=True, check=False, **more,
    )  # fmt: skip


def test_locked_by_a_command_it_starts_with_the_credential_and_not_without(folder):
    named = [f"{name}={age.new_identity()[1]}" for name in ("rosa", "hamid")]
    before = key_files.read(folder / "keeper" / "issuer.key")
    start = folder / "despensa-keeper"

    done = ran(
        "keys", "lock", folder, "--custodian", named[0], "--custodian", named[1],
        "--start-file", start,
    )  # fmt: skip
    shut = ran("keeper", folder, "--socket", folder / "s", stdin=subprocess.DEVNULL)
    keeper = subprocess.Popen(
        [
            sys.executable, "-m", "despensa", "keeper", folder, "--socket", folder / "s",
            "--workspace-id", str(WORKSPACE),
        ],
        stderr=subprocess.PIPE, text=True, env=os.environ | {"CREDENTIALS_DIRECTORY": str(folder)},
    )  # fmt: skip
    try:
        assert "answers" in keeper.stderr.readline()
        asked = client.connect(folder / "s")
        told, issuer = asked.keys.standing(), asked.signatory.public_keys().issuer
        asked.close()
    finally:
        keeper.terminate()
        keeper.wait(20)
        keeper.stderr.close()

    assert done.returncode == 0, done.stderr
    assert (shut.returncode, "--passphrase-fd or --identity" in shut.stderr) == (2, True)
    assert told.is_locked
    assert told.custodians == ("rosa", "hamid")
    assert len(issuer) == 32
    assert before not in b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_one_custodian_is_not_enough(folder):
    done = ran(
        "keys", "lock", folder, "--custodian", f"rosa={age.new_identity()[1]}",
        "--start-file", folder / "start",
    )  # fmt: skip

    assert done.returncode == 2
    assert "each of them opens the keys alone" in done.stderr
    assert len((folder / "keeper" / "issuer.key").read_bytes()) == 32
