"""
Refuse outgoing connections in this process: only unix sockets and the machine itself are allowed.

Python imports a module of this name at start, so having the folder on PYTHONPATH is enough for
child processes too. An audit hook sees every connect, also those made below the socket module,
and cannot be taken out again. What it cannot see are connections made by C libraries.
"""

import ipaddress
import platform
import sys

_REFUSED_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKUP_EVENTS = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})


class OutgoingConnectionRefused(ConnectionRefusedError):
    """A test, or the code it runs, tried to reach another machine."""


def is_this_machine(host):
    """Return whether a host name or address names the machine itself."""
    if host is None:
        return True
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    name = host.partition("%")[0].lower()
    if name in {"", "localhost", platform.node().lower()} or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse(event, arguments):
    if event in _REFUSED_EVENTS:
        address = arguments[1]
        # Unix sockets have a path, internet sockets a tuple; None is an already connected one.
        if not isinstance(address, tuple) or is_this_machine(address[0]):
            return
        raise OutgoingConnectionRefused(f"outgoing connection to {address[0]} refused in tests")
    if event in _LOOKUP_EVENTS and not is_this_machine(arguments[0]):
        raise OutgoingConnectionRefused(f"looking up {arguments[0]} refused in tests")


sys.addaudithook(_refuse)
