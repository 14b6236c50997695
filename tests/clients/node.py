"""Node, for tests only: it runs what a phone's browser would run, and readers that others wrote."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
NODE = shutil.which("node")
# the packages of package.json, put there by `npm ci --prefix tests/clients`
PACKAGES = FOLDER / "node_modules"
NEEDS_NODE = (
    "node is not installed: the phone's reader was not compared. Debian: apt-get install nodejs"
)
NEEDS_PACKAGES = "run `npm ci --prefix tests/clients` to let other people's readers read our cards"


def needs_node():
    """Skip a test where there is no Node."""
    if NODE is None:
        pytest.skip(NEEDS_NODE)


def needs_packages():
    """Skip a test where other people's readers are not there."""
    needs_node()
    if not PACKAGES.is_dir():
        pytest.skip(NEEDS_PACKAGES)


def run(script, *options, given=None, timeout=600):
    """Return what a script of this folder says about a value, both as JSON."""
    done = subprocess.run(
        [NODE, str(FOLDER / script), *options],
        input=None if given is None else json.dumps(given),
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
