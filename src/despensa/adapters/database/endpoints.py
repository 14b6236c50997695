"""
Where the two databases are and with which roles they are reached.

Holds the addresses only. Who starts a server is `embedded.py`, who makes the roles is
`provision.py`. Addresses carry passwords: they are never printed and never logged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from despensa.adapters.database.problem import DatabaseProblem

REGISTRY_URL = "DESPENSA_REGISTRY_URL"
LEDGER_URL = "DESPENSA_LEDGER_URL"
REGISTRY_OWNER_URL = "DESPENSA_REGISTRY_OWNER_URL"
LEDGER_OWNER_URL = "DESPENSA_LEDGER_OWNER_URL"


class DatabaseAddressError(DatabaseProblem):
    """The addresses of the databases are incomplete or cannot be read."""


class HasUrls(Protocol):
    """What a workspace says about the databases; None where the environment has to say it."""

    @property
    def registry_url(self) -> str | None:
        """The registry's address without a password."""

    @property
    def ledger_url(self) -> str | None:
        """The ledger's address without a password."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """
    The libpq addresses of both databases, one per role.

    Holds: `registry_*` never reach the ledger and `ledger_*` never the registry; the owner roles
    are for migrations only. `superuser` is set where this workspace runs its own server.
    """

    registry_app: str
    registry_owner: str
    ledger_app: str
    ledger_owner: str
    superuser: str | None = None

    def __repr__(self) -> str:
        """Name the type only, because every field holds a password."""
        return "Endpoints(…)"


def url(*, role: str, password: str, database: str, server: Mapping[str, str]) -> str:
    """
    Return the libpq address of one role in one database; `server` has host, port and the like.

    Source: PostgreSQL documentation, section 34.1.1.2 (connection URIs).

    >>> url(role="a", password="p/w", database="d", server={"host": "/run/x y"})
    'postgresql://a:p%2Fw@/d?host=%2Frun%2Fx%20y'
    """
    secret = quote(password, safe="")
    where = urlencode(server, quote_via=quote, safe="")
    return f"postgresql://{quote(role)}:{secret}@/{quote(database)}?{where}"


def from_urls(environ: Mapping[str, str], workspace: HasUrls | None = None) -> Endpoints | None:
    """
    Return the endpoints that the environment or the workspace names, None when neither does.

    Holds: the environment wins over the workspace; an owner address that is not given is the
    app's own address, which serves a server where one role does both.
    Raises: DatabaseAddressError when only one of the two databases has an address, or an address
    cannot be read.
    """
    registry = environ.get(REGISTRY_URL) or (workspace.registry_url if workspace else None)
    ledger = environ.get(LEDGER_URL) or (workspace.ledger_url if workspace else None)
    if not registry and not ledger:
        return None
    if not registry or not ledger:
        given, missing = (REGISTRY_URL, LEDGER_URL) if registry else (LEDGER_URL, REGISTRY_URL)
        message = (
            f"{given} is set and {missing} is not. Despensa needs both databases: "
            f"set {missing} as well, or neither to use the database inside the workspace."
        )
        raise DatabaseAddressError(message)
    endpoints = Endpoints(
        registry_app=registry,
        registry_owner=environ.get(REGISTRY_OWNER_URL) or registry,
        ledger_app=ledger,
        ledger_owner=environ.get(LEDGER_OWNER_URL) or ledger,
    )
    for name, address in (
        (REGISTRY_URL, endpoints.registry_app),
        (REGISTRY_OWNER_URL, endpoints.registry_owner),
        (LEDGER_URL, endpoints.ledger_app),
        (LEDGER_OWNER_URL, endpoints.ledger_owner),
    ):
        _check(name, address)
    return endpoints


def _check(name: str, address: str) -> None:
    try:
        conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        # The cause repeats the address, which may hold a password.
        message = (
            f"The address in {name} cannot be read. Write it as "
            "postgresql://ROLE:PASSWORD@HOST:5432/DATABASE, with %-escapes in the password."
        )
        raise DatabaseAddressError(message) from None


def probe(address: str, *, timeout_seconds: int = 5) -> str | None:
    """
    Return None when the database answers, otherwise one sentence on what fails and what to do.

    Holds: the sentence never contains the password.
    """
    try:
        parts = conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        return (
            "The database address cannot be read. Write it as "
            "postgresql://ROLE:PASSWORD@HOST:5432/DATABASE."
        )
    place = f"database {parts.get('dbname', '')!r} at {parts.get('host') or 'localhost'}"
    role = parts.get("user", "")
    try:
        with psycopg.connect(address, connect_timeout=timeout_seconds) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError as error:
        return _explain(str(error), place=place, role=str(role))
    return None


def _explain(cause: str, *, place: str, role: str) -> str:
    """Return the sentence for one failed connection; libpq gives no code before sign-in."""
    if "password authentication failed" in cause or "no password supplied" in cause:
        return (
            f"The {place} refused the password of role {role!r}. Check the password in the "
            "address, or set it anew with ALTER ROLE … PASSWORD."
        )
    if "does not exist" in cause and "database" in cause.rpartition("FATAL:")[2]:
        return (
            f"The server answers, but there is no {place}. Create it, or correct the name at the "
            "end of the address."
        )
    if "does not exist" in cause and "role" in cause.rpartition("FATAL:")[2]:
        return f"The server of {place} knows no role {role!r}. Create it, or correct the address."
    if "permission denied for database" in cause:
        return (
            f"Role {role!r} may not enter {place}. Each role enters its own database only: check "
            "that registry and ledger addresses are not exchanged."
        )
    if "pg_hba.conf" in cause:
        return f"The server does not let role {role!r} reach {place} from here (pg_hba.conf)."
    if "starting up" in cause or "not yet accepting" in cause or "recovery" in cause:
        return f"The server of {place} is starting or recovering. Wait a moment and try again."
    if "too many clients" in cause or "remaining connection slots" in cause:
        return f"The server of {place} has no free connection. Stop other programs that use it."
    # libpq: 'connection to server … failed: Connection refused', then advice in further lines.
    first = cause.strip().partition("\n")[0].rpartition("failed: ")[2] or "no answer"
    return (
        f"The {place} cannot be reached ({first}). Check that PostgreSQL is running there and that "
        "host and port in the address are right."
    )
