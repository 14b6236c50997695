"""
The files and folders of one embedded server: which lie in the workspace and which cannot.

The socket has to have a short path and, when Despensa runs as root, a path that the server's
unprivileged user may walk; a workspace need not have either. Then a private folder under the
temporary folder takes the socket, the pipe and the access file, and run/private-folder names it.
"""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from despensa.adapters.database.problem import DatabaseProblem
from despensa.adapters.database.system_user import SystemUser, may_enter

# Socket addresses hold 104 bytes on macOS and 108 on Linux. Source: unix(7), unix(4).
SOCKET_PATH_MAX_BYTES = 90
_SOCKET = ".s.PGSQL.5432"
_PREFIX = "despensa-"
# A magic link to the folder a process stands in: it works where the folders above are closed.
_STANDING_IN = "/proc/self/cwd"


class NoPlaceForServer(DatabaseProblem):
    """No folder can hold the socket or the data under the rules above."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything of one server lies; `private` is None when all of it is in run/."""

    data: Path
    log: Path
    record: Path
    socket_folder: Path
    pipe: Path
    access_file: Path
    private: Path | None


def lock_path(workspace_folder: Path) -> Path:
    """Return the lock file that is held as long as any process of the server lives."""
    return workspace_folder / "run" / "server.lock"


def log_path(workspace_folder: Path) -> Path:
    """Return the server's own log."""
    return workspace_folder / "run" / "postgres.log"


def record_path(workspace_folder: Path) -> Path:
    """Return the file that tells other processes where a running server is."""
    return workspace_folder / "run" / "server.json"


def data_path(workspace_folder: Path) -> Path:
    """Return the data folder of the server."""
    return workspace_folder / "pg" / "data"


def prepare(workspace_folder: Path, user: SystemUser | None) -> Places:
    """
    Make the folders of a server that is about to start and clear what a killed one left.

    Locks: the caller holds the server lock.
    Raises: NoPlaceForServer.
    """
    run = workspace_folder / "run"
    noted = run / "private-folder"
    _forget(noted)
    record_path(workspace_folder).unlink(missing_ok=True)
    short = len(os.fsencode(run / _SOCKET)) < SOCKET_PATH_MAX_BYTES
    private = None
    place = run
    if user is not None or not short:
        private = place = _private_folder(user, noted)
    socket_folder = place / "socket" if private else run
    if private:
        socket_folder.mkdir(mode=0o700)
        if user is not None:
            os.chown(socket_folder, user.uid, user.gid)
    for left in (run / _SOCKET, run / f"{_SOCKET}.lock", place / "pipe", place / "pipe.closing"):
        left.unlink(missing_ok=True)
    os.mkfifo(place / "pipe", 0o600)
    return Places(
        data=data_path(workspace_folder),
        log=log_path(workspace_folder),
        record=record_path(workspace_folder),
        socket_folder=socket_folder,
        pipe=place / "pipe",
        access_file=place / "pg_hba.conf",
        private=private,
    )


def data_argument(data: Path, user: SystemUser | None) -> str:
    """
    Return how the server's own user names its data folder while standing in it.

    Raises: NoPlaceForServer where the folders above are closed to that user and the system has
    no other way in; permissions above the workspace are never changed.
    """
    if user is None:
        return str(data)
    if Path(_STANDING_IN).exists():
        return _STANDING_IN
    if may_enter(data, user):
        return str(data)
    message = (
        f"PostgreSQL does not run as root, and the user {user.name!r} it would run as may not "
        f"enter {data}. Run Despensa as an ordinary user."
    )
    raise NoPlaceForServer(message)


def _forget(noted: Path) -> None:
    """Remove the private folder of a server that was killed together with its watchdog."""
    if not noted.exists():
        return
    old = Path(noted.read_text(encoding="utf-8"))
    if old.name.startswith(_PREFIX) and old.is_dir() and old.stat().st_uid == os.geteuid():
        shutil.rmtree(old, ignore_errors=True)
    noted.unlink()


def _private_folder(user: SystemUser | None, noted: Path) -> Path:
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108
        candidate = Path(parent)
        if not candidate.is_dir() or not may_enter(candidate, user) or _forbids_programs(parent):
            continue
        # mkdtemp adds eight characters.
        path = os.fsencode(candidate / f"{_PREFIX}12345678" / "socket" / _SOCKET)
        if len(path) >= SOCKET_PATH_MAX_BYTES:
            continue
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=candidate))
        noted.write_text(str(made), encoding="utf-8")
        if user is not None:
            made.chmod(0o711)
        return made
    message = (
        "The database needs a temporary folder with a short path for its socket, and neither "
        f"{tempfile.gettempdir()} nor /tmp nor /var/tmp serves. Set TMPDIR to a short folder."
    )
    raise NoPlaceForServer(message)


def _forbids_programs(folder: str) -> bool:
    """Return whether the file system is mounted noexec (Linux only; others are tried)."""
    return sys.platform == "linux" and bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)
