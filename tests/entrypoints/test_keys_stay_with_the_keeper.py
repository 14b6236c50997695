"""
In production the office's process holds no private key: it is started, used and looked through.

`despensa keeper` and `despensa start` run as they would; then the memory of both, the open files
and the office's folder are searched for every key: as bytes, in hexadecimal digits, in base64 and in
PEM. The search itself is tried on a process in which keys were planted in each of these forms.
"""

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.standing import FIXED
from despensa.adapters.workspace import file as workspace_file
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.encoding import p256
from despensa.domain.ports.keeper import KeeperUnavailable
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import health_files

WALLET, WALLETS_NUMBER = "wallet.key", "the number the wallets' key is, as it lies in memory"
SESSIONS = "what signs the sessions of browsers"
_PIECE = 8 << 20
# longer than a key in any form, with the breaks of its lines
_OVERLAP = 128
_TEXT = re.compile(rb"[0-9A-Za-z+/_\r\n-]{40,}")


@pytest.fixture
def apart(opened_books):
    """A workspace whose keeper has a folder of its own, and what both processes are told."""
    books = opened_books
    short = Path(tempfile.mkdtemp(prefix="apart-"))
    keeper = short / "keeper"
    keeper.mkdir(mode=0o700)
    (books.folder / "keys" / "keeper").rename(keeper / "keeper")
    (books.folder / "keys" / "keeper").mkdir(mode=0o700)
    record = keeper / "keeper" / "log-last-signed"
    if record.exists():
        record.rename(books.folder / "keys" / "keeper" / record.name)
    path = books.folder / workspace_file.FILE_NAME
    content = tomllib.loads(path.read_text())
    content["keeper"] = {"mode": "socket", "socket": str(short / "socket")}
    path.write_text(workspace_file.text(content))
    yield books, keeper, short / "socket"
    shutil.rmtree(short)


def started(*arguments, **environment):
    """Return a process of ours, once it said its first line."""
    # what an earlier test left in this process' environment is none of a new one's business
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DESPENSA_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "despensa", *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
        env=clean | environment,
    )
    assert process.stderr.readline(), f"{arguments[0]} did not start"
    return process


def a_free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


def ended(process):
    process.terminate()
    process.wait(20)
    process.stderr.close()


def got(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()


def key_bytes(keeper: Path) -> dict[str, bytes]:
    """Return every secret of the keeper's folder by its name there, the wallets' also as a number."""
    secrets = {f"{name}.key" for name in FIXED}
    number = p256.private_key(key_files.read(keeper / "keeper" / WALLET)).private_numbers()
    return {
        WALLETS_NUMBER: number.private_value.to_bytes(32, "little"),
        f"{WALLETS_NUMBER}, as it is written": number.private_value.to_bytes(32, "big"),
    } | {
        path.name: key_files.read(path)
        for path in (keeper / "keeper").rglob("*")
        if path.name in secrets or path.suffix in {".secret", ".sealing"}
    } | {
        path.name: path.read_bytes() for path in (keeper / "keeper" / "links").rglob("*.key")
    }  # fmt: skip


def written(key: bytes) -> list[bytes]:
    """Return how a secret is written down: its digits, and base64 wherever it begins in it."""
    found = [key.hex().encode(), key.hex().upper().encode()]
    for before in range(3):
        # the characters at both ends also hold bits of the neighbours
        text = base64.b64encode(bytes(before) + key + bytes(2))
        whole = text[-(-before * 4 // 3) : (before + len(key)) * 4 // 3]
        found += [whole, whole.translate(bytes.maketrans(b"+/", b"-_"))]
    return found


def held_in(data: bytes, wanted: dict[str, bytes]) -> set[str]:
    """Return the names of the secrets in some bytes; a PEM may break its lines anywhere."""
    text = b" ".join(_TEXT.findall(data)).translate(None, b"\r\n")
    return {
        name
        for name, key in wanted.items()
        if key in data or any(form in text for form in written(key))
    }


def memory_holds(process: int, wanted: dict[str, bytes]) -> set[str]:
    """Return the names of those secrets that lie anywhere in a process's memory."""
    found = set()
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            place, rights, *_, _inode = line.split()[:5]
            # what cannot be written is the program itself and its libraries
            if "rw" not in rights or line.endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            for at in range(start, end, _PIECE):
                try:
                    memory.seek(at)
                    data = memory.read(min(_PIECE + _OVERLAP, end - at))
                except OSError:
                    continue
                found |= held_in(data, wanted)
    return found


_HOLDING = """
import os, sys
told = os.environ["PLANTED"], open(sys.argv[1]).read(), sys.stdin.buffer.read()
os.close(1)
signal = __import__("signal").pause()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, which only Linux has")
def test_the_search_finds_a_key_in_every_form_wherever_it_was_planted(tmp_path):
    """In the environment, in a file that was read, in what was sent: so finding none says something."""
    private = {
        "pem": Ed25519PrivateKey.generate(),
        "pem of another curve": ec.generate_private_key(ec.SECP256R1()),
    }
    pems = {
        name: key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for name, key in private.items()
    }
    wanted = {name: os.urandom(32) for name in ("raw", "hex", "HEX", "base64", "base64url", "late")}
    wanted["pem"] = private["pem"].private_bytes_raw()
    number = private["pem of another curve"].private_numbers().private_value
    wanted["pem of another curve"] = number.to_bytes(32, "big")
    sent = [
        wanted["raw"],
        wanted["HEX"].hex().upper().encode(),
        base64.b64encode(wanted["base64"]),
        base64.urlsafe_b64encode(wanted["base64url"]).rstrip(b"="),
        base64.b64encode(b'{"k":"' + wanted["late"] + b'"}'),
        pems["pem of another curve"],
    ]
    (tmp_path / "kept.pem").write_bytes(pems["pem"])
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDING, tmp_path / "kept.pem"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PLANTED": wanted["hex"].hex()},
    )  # fmt: skip
    absent = {"another": os.urandom(32)}
    try:
        process.stdin.write(b"\0".join(sent))
        process.stdin.close()
        process.stdout.read()
        found = memory_holds(process.pid, wanted | absent)
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()

    assert found == set(wanted)
    assert held_in(environment, wanted) == {"hex"}
    assert held_in((tmp_path / "kept.pem").read_bytes(), wanted) == {"pem"}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, which only Linux has")
def test_the_office_holds_no_key_and_does_its_work(apart):
    books, keeper, door = apart
    wanted = key_bytes(keeper)
    addresses = {
        "DESPENSA_REGISTRY_URL": books.endpoints.registry_app,
        "DESPENSA_LEDGER_URL": books.endpoints.ledger_app,
        "DESPENSA_TIME_ZONE": books.tools.workspace.time_zone,
    }
    checkpoint = books.folder / "log" / "checkpoint"
    before = checkpoint.read_text() if checkpoint.exists() else ""
    workspace = str(books.tools.workspace.workspace_id)
    holding = started("keeper", keeper, "--workspace-id", workspace, "--socket", door)
    port = a_free_port()
    office = started("start", books.folder, "--port", port, **addresses)
    try:
        keys = json.loads(got(f"http://localhost:{port}/api/v1/keys"))
        [named] = json.loads(got(f"http://localhost:{port}/.well-known/jwks.json"))["keys"]
        assert b"<html" in got(f"http://localhost:{port}/account/login/")
        _wait_for(lambda: checkpoint.exists() and checkpoint.read_text() != before)

        sessions = key_files.read(books.folder / "keys" / "sessions.key").hex().encode()
        in_office = memory_holds(office.pid, wanted | {SESSIONS: sessions})
        in_keeper = memory_holds(holding.pid, wanted)
        files = [os.readlink(one) for one in Path(f"/proc/{office.pid}/fd").iterdir()]
        environment = Path(f"/proc/{office.pid}/environ").read_bytes()
    finally:
        ended(office)
        ended(holding)

    assert len(wanted) >= len(FIXED) + 3, "no cycle and no card has a key here"
    assert named["crv"] == "Ed25519"
    assert len(keys["issuer"]) == 64
    # the search finds what is there: the office's own secret, and every fixed key in the keeper
    assert in_office == {SESSIONS}
    fixed = {f"{name}.key" for name in FIXED} - {WALLET}
    assert fixed | {WALLETS_NUMBER} <= in_keeper
    assert not [one for one in files if str(keeper) in one]
    lying_open = [*_files(books.folder), environment]
    assert not [name for data in lying_open for name in held_in(data, wanted)]


def test_without_its_keeper_the_office_says_so_and_does_not_hang(apart, monkeypatch):
    books, *_ = apart
    began = time.monotonic()

    with pytest.raises(KeeperUnavailable, match="despensa-keeper"):
        wiring.open_tools(workspaces.load(books.folder))

    assert time.monotonic() - began < 3
    found = list(health_files.key_checks(workspaces.load(books.folder), now=books.clock.at))
    assert [(one.name, one.verdict) for one in found] == [("keys", "fail")]
    assert "systemctl" in found[0].todo


def _wait_for(is_done) -> None:
    for _ in range(600):
        if is_done():
            return
        time.sleep(0.05)
    raise AssertionError("the worker sealed nothing with the keeper's signature")


def _files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
