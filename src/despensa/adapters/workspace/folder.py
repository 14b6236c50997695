"""
The workspace: the folder that holds everything one organisation keeps with Despensa.

`workspace.toml` says what it is and holds no secrets: passwords and keys lie in keys/.
Source: docs/reference/formats.md, section 10; docs/explanation/design.md, section 10.
"""

import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from despensa.adapters.workspace.file import (
    FILE_NAME,
    FORMAT,
    WorkspaceError,
    make_folder,
    read,
    refuse_occupied,
)

__all__ = ["FILE_NAME", "Workspace", "WorkspaceError", "create", "find", "load"]

FOLDER_VARIABLE = "DESPENSA_WORKSPACE"
REGISTRY_URL_VARIABLE = "DESPENSA_REGISTRY_URL"
LEDGER_URL_VARIABLE = "DESPENSA_LEDGER_URL"

DatabaseMode = Literal["embedded", "url"]
KeeperMode = Literal["in-process", "socket"]

_DATABASE_MODES = ("embedded", "url")
_KEEPER_MODES = ("in-process", "socket")

# Source: ISO 3166-1; RFC 5646 (language and script or region); C2SP signed-note (key name).
_COUNTRY = re.compile(r"[A-Z]{2,3}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ORIGIN = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Workspace:
    """
    What `workspace.toml` says, and the folders beside it.

    Holds: every path is absolute; the URLs may carry a password only when they come from the
    environment, and are left out of the printed form.
    """

    folder: Path
    workspace_id: UUID
    created_at: datetime
    name: str
    country: str
    time_zone: str
    languages: tuple[str, ...]
    single_operator: bool
    log_origin: str
    database_mode: DatabaseMode
    registry_url: str | None = field(repr=False)
    ledger_url: str | None = field(repr=False)
    keeper_mode: KeeperMode
    keeper_socket: str | None

    @property
    def pg(self) -> Path:
        """The embedded database."""
        return self.folder / "pg"

    @property
    def keys(self) -> Path:
        """Keys and passwords, each file readable by its owner only."""
        return self.folder / "keys"

    @property
    def log(self) -> Path:
        """The tiles and checkpoints of the transparency log."""
        return self.folder / "log"

    @property
    def facts(self) -> Path:
        """The frozen facts of cycles whose appeals have not ended."""
        return self.folder / "facts"

    @property
    def backups(self) -> Path:
        """The backups made on this machine."""
        return self.folder / "backups"

    @property
    def run(self) -> Path:
        """What belongs to running processes; never backed up."""
        return self.folder / "run"


def find(option: Path | None, environ: Mapping[str, str], *, current: Path | None = None) -> Path:
    """
    Return the workspace folder: the option, else DESPENSA_WORKSPACE, else the current folder.

    Raises: WorkspaceError when that folder holds no workspace.
    """
    named = environ.get(FOLDER_VARIABLE)
    folder = option or (Path(named) if named else None) or current or Path.cwd()
    if not (folder / FILE_NAME).is_file():
        message = (
            f"{folder} is not a workspace of Despensa (it has no {FILE_NAME}). Give the folder "
            f"with --workspace or {FOLDER_VARIABLE}, or make one: despensa init FOLDER."
        )
        raise WorkspaceError(message)
    return folder.resolve()


def load(folder: Path, environ: Mapping[str, str] | None = None) -> Workspace:
    """
    Return the workspace in `folder`; the database URLs of `environ` win over those of the file.

    Raises: WorkspaceError naming the file and the key.
    """
    path = folder / FILE_NAME
    content = read(path)
    workspace = _from_content(content, folder.resolve())
    _check_values(workspace, path)
    return _with_environment(workspace, environ or {})


def create(
    folder: Path,
    *,
    workspace_id: UUID,
    created_at: datetime,
    name: str,
    country: str,
    time_zone: str,
    languages: Sequence[str],
    single_operator: bool = False,
    log_origin: str | None = None,
    registry_url: str | None = None,
    ledger_url: str | None = None,
    keeper_socket: str | None = None,
) -> Workspace:
    """
    Make the folder with its sub-folders and workspace.toml and return the workspace.

    Holds: the folder appears whole or not at all; all folders have mode 0700; nothing above the
    workspace changes but missing parents, which are made. URLs choose the mode "url", a socket
    the keeper mode "socket". The default log origin is derived from the workspace id.
    Raises: WorkspaceError when the folder is not empty or a value is not usable.
    """
    workspace = Workspace(
        folder=folder.absolute(),
        workspace_id=workspace_id,
        created_at=created_at,
        name=name,
        country=country,
        time_zone=time_zone,
        languages=tuple(languages),
        single_operator=single_operator,
        log_origin=log_origin or f"despensa.local/{workspace_id}",
        database_mode="url" if registry_url or ledger_url else "embedded",
        registry_url=registry_url,
        ledger_url=ledger_url,
        keeper_mode="socket" if keeper_socket else "in-process",
        keeper_socket=keeper_socket,
    )
    _check_values(workspace, workspace.folder / FILE_NAME)
    refuse_occupied(workspace.folder)
    try:
        make_folder(workspace.folder, _content(workspace))
    except OSError as error:
        message = (
            f"The workspace {folder} could not be made ({error.strerror or error}). Check that "
            "you may write there and that the disk is not full; nothing was left behind."
        )
        raise WorkspaceError(message) from error
    return load(workspace.folder)


def _from_content(content: Mapping[str, Any], folder: Path) -> Workspace:
    path = folder / FILE_NAME
    database, keeper = content["database"], content["keeper"]
    try:
        workspace_id = UUID(content["workspace_id"])
    except ValueError:
        message = f"{path}: 'workspace_id' must be a UUID."
        raise WorkspaceError(message) from None
    return Workspace(
        folder=folder,
        workspace_id=workspace_id,
        created_at=content["created_at"],
        name=content["name"],
        country=content["country"],
        time_zone=content["time_zone"],
        languages=tuple(content["languages"]),
        single_operator=content["single_operator"],
        log_origin=content["log"]["origin"],
        database_mode=database["mode"],
        registry_url=database.get("registry_url"),
        ledger_url=database.get("ledger_url"),
        keeper_mode=keeper["mode"],
        keeper_socket=keeper.get("socket"),
    )


def _check_values(workspace: Workspace, path: Path) -> None:
    """Refuse the first value that cannot be used, naming its key."""
    zones = zoneinfo.available_timezones()
    zone_is_known = workspace.time_zone in zones or not zones
    languages = workspace.languages
    urls = (workspace.registry_url, workspace.ledger_url)
    in_url_mode = workspace.database_mode == "url"
    in_socket_mode = workspace.keeper_mode == "socket"
    checks = (
        (workspace.created_at.tzinfo is not None, "created_at", "needs its offset from UTC"),
        (workspace.name.strip() != "", "name", "must not be empty"),
        (not _CONTROL.search(workspace.name), "name", "must be one line of plain text"),
        (_COUNTRY.fullmatch(workspace.country), "country", "must be an ISO 3166-1 code like ES"),
        (zone_is_known, "time_zone", "must be a name like Europe/Madrid"),
        (languages, "languages", "must name at least one language"),
        (
            all(_LANGUAGE.fullmatch(str(code)) for code in languages),
            "languages",
            'must be codes like "es"',
        ),
        (_ORIGIN.fullmatch(workspace.log_origin), "log.origin", "has no spaces and no '+'"),
        (workspace.database_mode in _DATABASE_MODES, "database.mode", "is embedded or url"),
        (all(urls) if in_url_mode else not any(urls), "database", "needs both URLs for url"),
        (
            not any(map(_has_password, urls)),
            "database",
            f"must hold no password; give it in {REGISTRY_URL_VARIABLE} and {LEDGER_URL_VARIABLE}",
        ),
        (workspace.keeper_mode in _KEEPER_MODES, "keeper.mode", "is in-process or socket"),
        (bool(workspace.keeper_socket) == in_socket_mode, "keeper.socket", "goes with mode socket"),
    )
    for is_good, key, complaint in checks:
        if not is_good:
            message = f"{path}: '{key}' {complaint}."
            raise WorkspaceError(message)


def _has_password(address: str | None) -> bool:
    if not address:
        return False
    parts = urlsplit(address)
    return parts.password is not None or "password=" in address


def _with_environment(workspace: Workspace, environ: Mapping[str, str]) -> Workspace:
    registry = environ.get(REGISTRY_URL_VARIABLE) or workspace.registry_url
    ledger = environ.get(LEDGER_URL_VARIABLE) or workspace.ledger_url
    if not registry and not ledger:
        return workspace
    if not registry or not ledger:
        message = (
            f"Only one of {REGISTRY_URL_VARIABLE} and {LEDGER_URL_VARIABLE} is set. Set both to "
            "use your own PostgreSQL, or neither to use the database inside the workspace."
        )
        raise WorkspaceError(message)
    return replace(workspace, database_mode="url", registry_url=registry, ledger_url=ledger)


def _content(workspace: Workspace) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "workspace_id": str(workspace.workspace_id),
        "created_at": workspace.created_at,
        "name": workspace.name,
        "country": workspace.country,
        "time_zone": workspace.time_zone,
        "languages": list(workspace.languages),
        "single_operator": workspace.single_operator,
        "log": {"origin": workspace.log_origin},
        "database": {
            "mode": workspace.database_mode,
            "registry_url": workspace.registry_url,
            "ledger_url": workspace.ledger_url,
        },
        "keeper": {"mode": workspace.keeper_mode, "socket": workspace.keeper_socket},
    }
