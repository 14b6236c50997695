"""The commands themselves, as a person types them."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
LIMIT_SECONDS = 120


def _despensa(*arguments, code=0):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("DESPENSA_")
    }
    ended = subprocess.run(
        [sys.executable, "-m", "despensa", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended


def test_a_workspace_is_backed_up_and_restored_on_the_command_line(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    secret = tmp_path / "passphrase"
    secret.write_text("olive paper wheat honey\n")
    _despensa("init", first, "--name", "San Rafael", "--country", "VE", "--time-zone", "UTC")
    options = ("--passphrase-file", secret, "--json")

    made = json.loads(_despensa("backup", tmp_path / "copy", "--workspace", first, *options).stdout)
    back = json.loads(_despensa("restore", made["file"], second, *options).stdout)

    assert back["log_may_be_signed"]
    assert any("card links" in line for line in back["left_out"])
    assert (second / "workspace.toml").read_bytes() == (first / "workspace.toml").read_bytes()
    health = json.loads(_despensa("doctor", "--workspace", second, "--json").stdout)
    assert health["healthy"]
    verified = _despensa("log", "verify", "--workspace", second)
    assert verified.stdout
    _refusals(tmp_path, made["file"], second, secret)


def _refusals(tmp_path, file, occupied, secret):
    again = _despensa("restore", file, occupied, "--passphrase-file", secret, code=2)
    assert "nothing was changed" in again.stderr
    wrong = tmp_path / "wrong"
    wrong.write_text("another passphrase\n")
    refused = _despensa("restore", file, tmp_path / "third", "--passphrase-file", wrong, code=1)
    assert "does not open this backup" in refused.stderr
    assert not (tmp_path / "third").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    short = tmp_path / "short"
    short.write_text("short\n")
    refused = _despensa(
        "backup", tmp_path / "x", "--workspace", occupied, "--passphrase-file", short, code=2
    )
    assert "at least 12" in refused.stderr
    absent = _despensa(
        "restore", tmp_path / "no", tmp_path / "f", "--passphrase-file", secret, code=2
    )
    assert "no file" in absent.stderr
