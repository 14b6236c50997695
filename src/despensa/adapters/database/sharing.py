"""
Lets several processes use one running server: where it is, and whether somebody uses it.

`run/server.json` holds no secrets; the passwords are read from keys/ by whoever may.
"""

import json
from pathlib import Path

from despensa.adapters.database import cluster, passwords, places, usage
from despensa.adapters.database.endpoints import Endpoints, url
from despensa.adapters.database.problem import DatabaseProblem
from despensa.adapters.database.provision import Names, endpoints_of

PREFIX = "despensa"
ROLES = (cluster.SUPERUSER, *Names(PREFIX).roles())
_RECORD_FORMAT = 1


class AlreadySupervised(DatabaseProblem):
    """Another process runs the server of this workspace; attach to it instead."""


def attach(workspace_folder: Path) -> tuple[Endpoints, usage.Use] | None:
    """
    Return the addresses of the running server and a use of it, None when no server runs.

    Holds: the server runs at least until the use is ended.
    """
    folder = workspace_folder.resolve()
    record = _read_record(folder)
    use = usage.join(Path(record["pipe"])) if record else None
    if record is None or use is None:
        return None
    try:
        secrets = passwords.read(folder / "keys", ROLES)
    except BaseException:
        use.end()
        raise
    superuser = superuser_url(secrets[cluster.SUPERUSER], Path(record["socket_folder"]))
    return endpoints_of(superuser, secrets, prefix=PREFIX), use


def refuse_if_running(folder: Path) -> None:
    """Raise AlreadySupervised when a living process uses the server of this workspace."""
    record = _read_record(folder)
    use = usage.join(Path(record["pipe"])) if record else None
    if record is None or use is None:
        return
    use.end()
    if usage.is_last(Path(record["pipe"])):
        # Its users have just died and the watchdog is about to notice.
        return
    message = (
        f"The database of the workspace {folder} already runs under another program of Despensa. "
        "Use that one, or stop it first (Ctrl-C in its window)."
    )
    raise AlreadySupervised(message)


def superuser_url(password: str, socket_folder: Path) -> str:
    """Return the super-user's address of the server behind this socket."""
    return url(
        role=cluster.SUPERUSER,
        password=password,
        database="postgres",
        server={"host": str(socket_folder)},
    )


def write_record(place: places.Places) -> None:
    """Tell other processes where the server is, now that it can be used."""
    record = {
        "format": _RECORD_FORMAT,
        "pipe": str(place.pipe),
        "socket_folder": str(place.socket_folder),
    }
    partial = place.record.with_suffix(".partial")
    partial.write_text(json.dumps(record) + "\n", encoding="utf-8")
    partial.chmod(0o600)
    partial.rename(place.record)


def _read_record(folder: Path) -> dict[str, str] | None:
    try:
        record: dict[str, str] = json.loads(places.record_path(folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return record
