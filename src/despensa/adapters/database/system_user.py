"""
Chooses the unprivileged system user under whom PostgreSQL runs when Despensa runs as root.

PostgreSQL refuses to run as root. Nothing is created or changed in the system: an existing user
is taken, and a data folder stays with the user who already owns it.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

try:
    import pwd
except ImportError as error:
    message = (
        "The database inside the workspace needs Linux or macOS. On this system use a PostgreSQL "
        "server through DESPENSA_REGISTRY_URL and DESPENSA_LEDGER_URL."
    )
    raise ImportError(message) from error

from despensa.adapters.database.problem import DatabaseProblem

_CANDIDATES = ("despensa", "nobody")


class NoUnprivilegedUser(DatabaseProblem):
    """Despensa runs as root and the system has no user to hand the server to."""


@dataclass(frozen=True, slots=True)
class SystemUser:
    """A system user other than root."""

    name: str
    uid: int
    gid: int


def choose(data: Path) -> SystemUser | None:
    """
    Return the user the server has to run as, None when the present one will do.

    Raises: NoUnprivilegedUser with the command that makes one.
    """
    if os.geteuid() != 0:
        return None
    if data.is_dir() and data.stat().st_uid != 0:
        owner = data.stat().st_uid
        try:
            entry = pwd.getpwuid(owner)
        except KeyError:
            message = (
                f"The database folder {data} belongs to the user number {owner}, whom this system "
                "does not know. Create that user, or change the owner of the folder."
            )
            raise NoUnprivilegedUser(message) from None
        return SystemUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return SystemUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    message = (
        "PostgreSQL does not run as root and this system has neither a user 'despensa' nor "
        "'nobody'. Create one (useradd --system despensa) or run Despensa as an ordinary user."
    )
    raise NoUnprivilegedUser(message)


def may_enter(folder: Path, user: SystemUser | None) -> bool:
    """Return whether the user may pass through every folder down to `folder`."""
    if user is None:
        return os.access(folder, os.X_OK)
    resolved = folder.resolve()
    return all(_may_pass(place.stat(), user) for place in (resolved, *resolved.parents))


def _may_pass(status: os.stat_result, user: SystemUser) -> bool:
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == user.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
