"""
Fetching all submissions of a KoboToolbox form from its server, page by page.

The host is the one the person named: no redirect, no `next` and no attachment leads to another.
What comes is bounded in bytes, pages and time, must be all that the server counted, and is handed
on as one JSON document, read like a file. Source: KoboToolbox API v2, data endpoint (count, next,
results); RFC 6454, section 4 (origin).
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from despensa.adapters.register_file.source import MIB

_LOCAL = ("localhost", "127.0.0.1", "::1")
_PORTS = {"https": 443, "http": 80}
_UNAUTHORISED = (401, 403)
_NOT_FOUND = 404
_PAGE = 64 * 1024


class PullError(ValueError):
    """The submissions could not be fetched, and nothing was taken; the message says what to do."""


@dataclass(frozen=True, slots=True)
class PullLimits:
    """What fetching may cost. Units: bytes, counts, seconds."""

    page_bytes_max: int = 32 * MIB
    bytes_max: int = 64 * MIB
    pages_max: int = 10_000
    silence_seconds_max: float = 30
    seconds_max: float = 900


@dataclass(frozen=True, slots=True)
class _Origin:
    scheme: str
    host: str
    port: int


def pull_submissions(
    address: str, token: str, *, clock: Callable[[], float], limits: PullLimits | None = None
) -> bytes:
    """
    Return every submission behind an address as one JSON document.

    `clock` counts seconds and never goes back.
    Holds: the token is sent to no other scheme, host or port than the address names.
    Raises: PullError; nothing is returned in part.
    """
    limits = limits or PullLimits()
    origin = _origin(address)
    if not token.isascii() or not token.isprintable() or not token.strip():
        raise PullError("The token is empty or no line of plain characters; copy it again.")
    opener = urllib.request.build_opener(_StayHere(origin))
    until = clock() + limits.seconds_max
    results: list[Any] = []
    seen: set[str] = set()
    size, counted = 0, None
    page: str | None = address
    while page is not None:
        if page in seen or len(seen) >= limits.pages_max:
            raise PullError(
                f"{origin.host} names the same page again, or too many; ask its office."
            )
        seen.add(page)
        content = _page(opener, page, token, clock, until, limits)
        size += len(content)
        if size > limits.bytes_max:
            raise PullError(
                f"{origin.host} has more than {limits.bytes_max // MIB} MiB of submissions; fetch"
                " fewer with &query=, or import an export file."
            )
        document = _document(content, origin)
        results.extend(document["results"])
        counted = document.get("count", counted)
        page = _next(document.get("next"), page, origin)
    if isinstance(counted, int) and counted != len(results):
        raise PullError(
            f"{origin.host} counts {counted} submissions and gave {len(results)}; they changed"
            " meanwhile. Fetch again."
        )
    return json.dumps({"count": len(results), "next": None, "results": results}).encode()


def _origin(address: str) -> _Origin:
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").casefold(), parts.port
    except ValueError as fault:
        raise PullError(f"{address!r} is no address; give it as https://...") from fault
    if parts.scheme not in _PORTS or not host:
        raise PullError(f"{address!r} is no address; give it as https://...")
    if parts.username is not None or parts.password is not None:
        raise PullError("Give the token in a file, never in the address.")
    if parts.scheme == "http" and host not in _LOCAL:
        raise PullError(f"{host} would be asked without encryption; use https://.")
    return _Origin(parts.scheme, host, port or _PORTS[parts.scheme])


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows a redirect on the same origin; any other is an error before anything is sent."""

    def __init__(self, origin: _Origin) -> None:
        self._here = origin

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if _origin(newurl) != self._here:
            raise PullError(_elsewhere(self._here, newurl))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _page(
    opener: urllib.request.OpenerDirector,
    address: str,
    token: str,
    clock: Callable[[], float],
    until: float,
    limits: PullLimits,
) -> bytes:
    host = urlsplit(address).hostname
    request = urllib.request.Request(  # noqa: S310 (the scheme was checked)
        address, headers={"Authorization": f"Token {token.strip()}", "Accept": "application/json"}
    )
    content = bytearray()
    try:
        with opener.open(request, timeout=limits.silence_seconds_max) as answer:
            while part := answer.read1(_PAGE):
                content += part
                if len(content) > limits.page_bytes_max:
                    raise PullError(
                        f"{host} sends pages of more than {limits.page_bytes_max // MIB} MiB; add"
                        " &limit=1000 to the address."
                    )
                if clock() > until:
                    raise PullError(
                        f"{host} took more than {limits.seconds_max:.0f} seconds; fetch at a"
                        " quieter hour, or import an export file."
                    )
    except urllib.error.HTTPError as refused:
        raise PullError(_refused(host, refused.code)) from refused
    except (OSError, HTTPException) as failed:
        reason = getattr(failed, "reason", failed)
        raise PullError(f"{host} could not be reached ({reason}); try again.") from failed
    return bytes(content)


def _refused(host: str | None, code: int) -> str:
    if code in _UNAUTHORISED:
        return f"{host} does not accept the token; make a new one there, for this form alone."
    if code == _NOT_FOUND:
        return f"{host} knows no such form; copy the address of its data again."
    return f"{host} answered {code}; try again later."


def _document(content: bytes, origin: _Origin) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise PullError(
            f"{origin.host} gave no JSON; the address ends in /api/v2/assets/.../data/?format=json."
        ) from fault
    if not isinstance(document, dict) or not isinstance(document.get("results"), list):
        raise PullError(
            f"{origin.host} gave no list of submissions; the address ends in"
            " /api/v2/assets/.../data/?format=json."
        )
    return document


def _next(value: object, page: str, origin: _Origin) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise PullError(f"{origin.host} names a next page that is no address; ask its office.")
    following = urljoin(page, value)
    if _origin(following) != origin:
        raise PullError(_elsewhere(origin, following))
    return following


def _elsewhere(origin: _Origin, address: str) -> str:
    return (
        f"{origin.host} leads on to {urlsplit(address).hostname}; the token is not sent there."
        " Give the address of the server that holds the data."
    )
