"""
Sending an answer to the address a partner registered, and nowhere else.

The host is resolved once, every address it has must be public, and the connection is made to one of
the addresses that were looked at, so that a name cannot lead inside by answering twice. TLS is
verified against the host's name. No redirect, no proxy, no credentials.
Source: OWASP, Server-Side Request Forgery Prevention; RFC 6890 (special-purpose addresses).
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from http.client import HTTPException, HTTPSConnection

from despensa.domain.partner.agreement import AgreementWrong, check_callback
from despensa.domain.ports.callback import CallbackFailed

SILENCE_SECONDS, SECONDS_MAX = 10.0, 20.0
ANSWER_BYTES_MAX = 64 * 1024
_PORT = 443
_TAKEN = range(200, 300)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """Return every address a host has. Raises: OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def is_public(address: str) -> bool:
    """
    Return whether an address is one of the open internet, also when written inside another.

    >>> [is_public(one) for one in ("93.184.216.34", "10.0.0.1", "::ffff:127.0.0.1", "fe80::1")]
    [True, False, False, False]
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [found]
    if isinstance(found, ipaddress.IPv6Address):
        embedded = (found.ipv4_mapped, found.sixtofour, *(found.teredo or ()))
        inner += [one for one in embedded if one is not None]
        if found in _NAT64:
            inner.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
    return all(one.is_global and not one.is_multicast for one in inner)


class HttpsCallback:
    """Implements `ports.callback.Callback`."""

    def __init__(
        self,
        *,
        resolve: Resolve = resolve,
        is_allowed: Callable[[str], bool] = is_public,
        context: ssl.SSLContext | None = None,
        port: int = _PORT,
    ) -> None:
        """Use the system's resolver and authorities; tests put their own in their place."""
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._context = context or ssl.create_default_context()
        self._port = port

    def send(self, address: str, body: bytes) -> None:
        """
        Send a JSON body.

        Raises: CallbackFailed.
        """
        try:
            host = check_callback(address)
        except AgreementWrong as error:
            raise CallbackFailed(str(error)) from error
        path = "/" + address.partition("://")[2].partition("/")[2]
        connection = _Pinned(host, self._port, self._place(host), self._context)
        # who answers byte by byte would hold up everything else
        end = threading.Timer(SECONDS_MAX, connection.cut)
        end.start()
        try:
            connection.request(
                "POST",
                path,
                body,
                {"Content-Type": "application/json", "Accept": "application/json"},
            )
            answer = connection.getresponse()
            answer.read(ANSWER_BYTES_MAX)
        except (OSError, HTTPException) as error:
            raise CallbackFailed(f"{host} could not be reached: {type(error).__name__}.") from error
        finally:
            end.cancel()
            connection.close()
        if answer.status not in _TAKEN:
            raise CallbackFailed(f"{host} answered {answer.status}.")

    def _place(self, host: str) -> str:
        """Return the address to connect to. Raises: CallbackFailed."""
        try:
            places = self._resolve(host, self._port)
        except OSError as error:
            raise CallbackFailed(f"{host} has no address.") from error
        if not places or not all(map(self._is_allowed, places)):
            raise CallbackFailed(f"{host} leads to an address that is not public.")
        return places[0]


class _Pinned(HTTPSConnection):
    """A connection to one address that was looked at, under the name of its host."""

    def __init__(self, host: str, port: int, place: str, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=SILENCE_SECONDS, context=context)
        self._place = place
        self._tls = context

    def cut(self) -> None:
        """End the connection whatever it is doing."""
        if self.sock is not None:
            self.sock.shutdown(socket.SHUT_RDWR)

    def connect(self) -> None:
        """Connect to the address, and let the host prove its name."""
        plain = socket.create_connection((self._place, self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
