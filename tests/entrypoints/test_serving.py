"""The office's server: port, bridge, and an end that leaves nothing open."""

import socket
import threading
import urllib.error
import urllib.request

import pytest

from despensa.entrypoints.serving import HOST, PortsBusy, free_port, served


def echo(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("X-Path", environ["PATH_INFO"].encode("latin-1").hex())])
    query = environ["QUERY_STRING"]
    return [f"{environ['REQUEST_METHOD']} {query} {environ['REMOTE_ADDR']} ".encode(), body]


def broken(_environ, _start_response):
    raise RuntimeError("a bug")


def asked(port: int, path: str = "/", data: bytes | None = None):
    # the address is this machine's own, written above
    return urllib.request.urlopen(f"http://{HOST}:{port}{path}", data=data, timeout=10)


def test_a_request_arrives_whole_and_its_answer_too():
    port = free_port(18_200)
    body = bytes(range(256)) * 10_000
    with served(echo, port):
        answer = asked(port, "/hogar/%C3%B1%20x?a=%C3%B1&b=2", body)
        content = answer.read()

    assert content == b"POST a=%C3%B1&b=2 127.0.0.1 " + body
    assert bytes.fromhex(answer.headers["X-Path"]).decode() == "/hogar/ñ x"


def test_a_busy_port_gives_way_to_the_next():
    with socket.socket() as taken:
        port = free_port(18_220)
        taken.bind((HOST, port))
        taken.listen()

        assert free_port(port) == port + 1


def test_no_free_port_is_said(monkeypatch):
    monkeypatch.setattr("despensa.entrypoints.serving.PORTS_TRIED", 1)
    with socket.socket() as taken:
        port = free_port(18_240)
        taken.bind((HOST, port))
        taken.listen()
        with pytest.raises(PortsBusy, match="--port"):
            free_port(port)


def test_an_application_that_breaks_does_not_end_the_server():
    port = free_port(18_260)
    with served(broken, port):
        for _ in range(2):
            with pytest.raises(urllib.error.HTTPError) as told:
                asked(port)
            assert told.value.code == 500


def test_the_end_closes_port_and_thread():
    port = free_port(18_280)
    with served(echo, port):
        asked(port).read()

    with socket.socket() as tried:
        assert tried.connect_ex((HOST, port)) != 0
    assert "despensa-server" not in {thread.name for thread in threading.enumerate()}
