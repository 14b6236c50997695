"""The rendered office: every page in every language, made once by a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.entrypoints.office.preview_server import start_server

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    command = [sys.executable, "-m", "tests.entrypoints.office.preview", "render", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def server(rendered):
    server = start_server(rendered)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def office(server):
    server.posted.clear()
    return f"http://127.0.0.1:{server.server_port}"
