"""The suite runs with outgoing connections refused, children included."""

import os
import socket
import subprocess
import sys

import pytest

# An address of the block reserved for documentation (RFC 5737): nobody has it.
ELSEWHERE = ("192.0.2.1", 80)


def test_connecting_to_another_machine_is_refused():
    with socket.socket() as outgoing, pytest.raises(ConnectionRefusedError, match="in tests"):
        outgoing.connect(ELSEWHERE)


def test_sending_to_another_machine_is_refused():
    with (
        socket.socket(type=socket.SOCK_DGRAM) as outgoing,
        pytest.raises(ConnectionRefusedError, match="in tests"),
    ):
        outgoing.sendto(b"?", ELSEWHERE)


def test_looking_up_another_machine_is_refused():
    with pytest.raises(ConnectionRefusedError, match="in tests"):
        socket.getaddrinfo("example.org", 443)


def test_this_machine_can_be_reached():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_unix_sockets_can_be_reached(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind("door")
        server.listen()
        client.connect("door")


def test_a_child_process_is_refused_too():
    program = f"import socket; socket.create_connection({ELSEWHERE!r}, timeout=5)"

    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert "refused in tests" in finished.stderr


def test_other_children_are_sent_to_a_proxy_that_is_not_there():
    assert os.environ["https_proxy"].startswith("http://127.0.0.1:")
