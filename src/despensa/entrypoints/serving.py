"""
Serving the office: granian in this process, Django's WSGI application on a few threads.

One process holds keeper, worker and office together, which is right for a demo and a one-PC
office; the bridge is small because granian's embedded server speaks RSGI only.
Source: RSGI specification 1.6; PEP 3333.
"""

import asyncio
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

HOST = "127.0.0.1"
THREADS = 4
PORTS_TRIED = 20
_BODY_IN_MEMORY_MAX = 1 << 20
_STOP_SECONDS = 10

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]
# status, headers, and the content: whole, or in parts that are made while they are sent
Answer = tuple[int, list[tuple[str, str]], Any]


class PortsBusy(OSError):
    """None of the ports tried is free."""


@contextmanager
def served(application: Application, wanted: int) -> Iterator[int]:
    """
    Serve an application on this machine's own address for as long as the block lasts.

    The port wanted is taken, or the next one that is free, and given to the block.

    Raises: PortsBusy.
    """
    with _free_port(wanted) as port:
        loop = asyncio.new_event_loop()
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="despensa-office")
        server = Server(
            _bridge(application, pool, port),
            address=HOST,
            port=port,
            interface=Interfaces.RSGI,
            websockets=False,
            log_enabled=False,
        )
        thread = threading.Thread(
            target=_run, args=(loop, server), name="despensa-server", daemon=True
        )
        thread.start()
        try:
            _wait_until_open(port, thread)
            yield port
        finally:
            loop.call_soon_threadsafe(server.stop)
            thread.join(timeout=_STOP_SECONDS)
            pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _free_port(wanted: int) -> Iterator[int]:
    for port in range(wanted, min(wanted + PORTS_TRIED, 65_536)):
        with socket.socket(type=socket.SOCK_DGRAM) as claim:
            try:
                # granian shares its port (SO_REUSEPORT): two offices begun at once would each get
                # a part of the requests. A datagram socket of the same number goes to one of them.
                claim.bind((HOST, port))
                _refuse_taken(port)
            except OSError:
                continue
            yield port
            return
    raise PortsBusy(
        f"Ports {wanted} to {wanted + PORTS_TRIED - 1} are in use. Give another with --port."
    )


def _refuse_taken(port: int) -> None:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind((HOST, port))


def _run(loop: asyncio.AbstractEventLoop, server: Server) -> None:
    asyncio.set_event_loop(loop)
    loop.run_until_complete(server.serve())
    loop.close()


def _wait_until_open(port: int, thread: threading.Thread) -> None:
    while thread.is_alive():
        with socket.socket() as tried:
            if tried.connect_ex((HOST, port)) == 0:
                return
        thread.join(timeout=0.02)
    raise PortsBusy(f"Port {port} was taken by another program just now. Start again.")


def _bridge(application: Application, pool: ThreadPoolExecutor, port: int) -> Any:
    async def answer(scope: Any, protocol: Any) -> None:
        with tempfile.SpooledTemporaryFile(_BODY_IN_MEMORY_MAX) as body:
            async for part in protocol:
                body.write(part)
            body.seek(0)
            environ = _environ(scope, body, port)
            loop = asyncio.get_running_loop()
            status, headers, content = await loop.run_in_executor(
                pool, _called, application, environ
            )
        if isinstance(content, bytes):
            protocol.response_bytes(status, headers, content)
        else:
            await _send(content, protocol.response_stream(status, headers), pool)

    return answer


async def _send(content: Any, transport: Any, pool: ThreadPoolExecutor) -> None:
    """Send an answer part by part: it never lies in memory whole."""
    loop, parts = asyncio.get_running_loop(), iter(content)
    try:
        while (part := await loop.run_in_executor(pool, next, parts, None)) is not None:
            await transport.send_bytes(part)
    finally:
        await loop.run_in_executor(pool, content.close)


def _environ(scope: Any, body: Any, port: int) -> dict[str, Any]:
    """Return a request as WSGI has it. Source: PEP 3333, environ variables."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": HOST,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        joined = ";" if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joined}{value}" if key in environ else value
    return environ


def _called(application: Application, environ: dict[str, Any]) -> Answer:
    """Return the answer of the application, read to its end unless it is made to be streamed."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        started[:] = [int(status.split(" ", 1)[0]), headers]

    parts: Any = application(environ, start_response)
    content = parts
    is_small = int(dict(started[1]).get("Content-Length", _BODY_IN_MEMORY_MAX)) < (
        _BODY_IN_MEMORY_MAX
    )
    if is_small or not getattr(parts, "streaming", False):
        try:
            content = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
    status, headers = started
    return status, [(name.lower(), value.strip()) for name, value in headers], content
