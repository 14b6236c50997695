"""The office's server: port, bridge, and an end that leaves nothing open."""

import socket
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from despensa.entrypoints.serving import HOST, PORTS_TRIED, PortsBusy, served


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
    body = bytes(range(256)) * 10_000
    with served(echo, 18_200) as port:
        answer = asked(port, "/hogar/%C3%B1%20x?a=%C3%B1&b=2", body)
        content = answer.read()

    assert content == b"POST a=%C3%B1&b=2 127.0.0.1 " + body
    assert bytes.fromhex(answer.headers["X-Path"]).decode() == "/hogar/ñ x"


def test_a_busy_port_gives_way_to_the_next():
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with served(echo, port) as chosen:
            assert port < chosen < port + PORTS_TRIED


def test_offices_opened_at_once_get_a_port_each():
    def named(name: bytes):
        def answer(_environ, start_response):
            start_response("200 OK", [])
            return [name]

        return answer

    with ExitStack() as offices, ThreadPoolExecutor(4) as pool:
        opening = [
            pool.submit(offices.enter_context, served(named(name), 18_220))
            for name in (b"a", b"b", b"c", b"d")
        ]
        ports = [one.result() for one in opening]
        answers = [[asked(port).read() for _ in range(5)] for port in ports]

    assert len(set(ports)) == 4
    assert answers == [[name] * 5 for name in (b"a", b"b", b"c", b"d")]


def test_no_free_port_is_said(monkeypatch):
    monkeypatch.setattr("despensa.entrypoints.serving.PORTS_TRIED", 1)
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        with pytest.raises(PortsBusy, match="--port"), served(echo, taken.getsockname()[1]):
            pass


def test_an_application_that_breaks_does_not_end_the_server():
    with served(broken, 18_260) as port:
        for _ in range(2):
            with pytest.raises(urllib.error.HTTPError) as told:
                asked(port)
            assert told.value.code == 500


def test_the_end_closes_port_and_thread():
    with served(echo, 18_280) as port:
        asked(port).read()

    with socket.socket() as tried:
        assert tried.connect_ex((HOST, port)) != 0
    assert "despensa-server" not in {thread.name for thread in threading.enumerate()}
