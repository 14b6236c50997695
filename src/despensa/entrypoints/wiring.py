"""
What every door plugs in: the workspace with its keeper, log, engine and printer.

The tools are made once per process, for the workspace the process was started with.
"""

import functools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from despensa.adapters.database.embedded import attach_or_start
from despensa.adapters.database.endpoints import Endpoints, from_urls
from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.bulk import BulkTicket
from despensa.adapters.keeper.in_process import open_keeper
from despensa.adapters.keeper.links import LinkFile
from despensa.adapters.keeper.standing import FIXED, standing
from despensa.adapters.keeper.twin_keys import TwinKeys
from despensa.adapters.log_storage import LogFiles
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.act import Acting
from despensa.domain.erasure import BACKUP_DAYS, BACKUP_DAYS_MAX
from despensa.domain.ports.bulk_work import SearchEnded, SearchProduct
from despensa.domain.ports.keeper import Keeper
from despensa.domain.ports.key_office import KeyStanding
from despensa.domain.transparency import checkpoint

WORKSPACE_VARIABLE = "DESPENSA_WORKSPACE"
REGISTRY_VARIABLE = "DESPENSA_REGISTRY_URL"
LEDGER_VARIABLE = "DESPENSA_LEDGER_URL"
TIME_ZONE_VARIABLE = "DESPENSA_TIME_ZONE"
BACKUP_DAYS_VARIABLE = "DESPENSA_BACKUP_DAYS"
SECRET_VARIABLE = "DESPENSA_SECRET_KEY"  # noqa: S105 - the name of a setting, not its value


@dataclass(frozen=True, slots=True)
class Tools:
    """One workspace opened for work."""

    workspace: workspaces.Workspace
    keeper: Keeper
    log: LogFiles
    engine: DuckDBEngine

    @property
    def log_vkey(self) -> str:
        """Return the log's verifier key text, as it is now."""
        return log_vkeys(self.workspace, self.keeper)[0]

    def now(self) -> int:
        """Return the instant, read once by the door, in seconds UTC."""
        return int(time.time())

    def today(self) -> date:
        """Return the workspace's local day."""
        return datetime.now(ZoneInfo(self.workspace.time_zone)).date()

    @property
    def backup_days(self) -> int:
        """
        Return after how many days the last copy of a backup is destroyed.

        Raises: WorkspaceError when the setting is no number of days.
        """
        written = os.environ.get(BACKUP_DAYS_VARIABLE, str(BACKUP_DAYS))
        if not written.isdecimal() or not 0 < int(written) <= BACKUP_DAYS_MAX:
            raise workspaces.WorkspaceError(
                f"{BACKUP_DAYS_VARIABLE} is {written!r}; write for how many days backups are kept, "
                f"from 1 to {BACKUP_DAYS_MAX}."
            )
        return int(written)

    def acting(self, staff: UUID | None) -> Acting:
        """Return the act of a person (None: the system itself) beginning now."""
        zone = ZoneInfo(self.workspace.time_zone)
        seal = self.keeper.vault.journal_key
        return Acting(self.workspace.workspace_id, staff, self.now(), os.urandom, seal, zone)


def open_tools(workspace: workspaces.Workspace) -> Tools:
    """
    Return the tools of a workspace.

    Raises: as `opened_keeper`.
    """
    keeper = opened_keeper(workspace)
    log = LogFiles(
        workspace.log,
        log_vkeys(workspace, keeper)[0],
        signed_record=workspace.keys / "keeper" / "log-last-signed",
        known_as=lambda: log_vkeys(workspace, keeper),
    )
    return Tools(workspace, keeper, log, DuckDBEngine())


def log_vkeys(workspace: workspaces.Workspace, keeper: Keeper) -> list[str]:
    """Return the verifier key texts of the log, the one in use first, then those before it."""
    public = keeper.signatory.public_keys()
    return [checkpoint.vkey(workspace.log_origin, one) for one in public.logs]


def opened_keeper(workspace: workspaces.Workspace) -> Keeper:
    """
    Return the keeper of a workspace: behind its socket, or in this process, its keys made at once.

    Raises: KeyMissing when the log was begun and a key is gone: a new one would not fit it;
        KeeperUnavailable when the keeper's process does not answer.
    """
    if workspace.keeper_socket is not None:
        from despensa.adapters.keeper.client import connect

        return connect(Path(workspace.keeper_socket))
    if (workspace.log / "checkpoint").exists():
        for name in FIXED:
            key_files.read(workspace.keys / "keeper" / f"{name}.key")
    return open_keeper(
        keys=workspace.keys,
        staging=workspace.run / "staging",
        workspace=workspace.workspace_id.bytes,
        search=search_register,
    )


def key_standing(workspace: workspaces.Workspace) -> KeyStanding:
    """
    Return how the keys of a workspace stand, without making one that is missing.

    Raises: KeeperUnavailable when the keeper's process does not answer.
    """
    if workspace.keeper_socket is not None:
        return opened_keeper(workspace).keys.standing()
    folder = workspace.keys / "keeper"
    ident = workspace.workspace_id.bytes
    links = LinkFile(folder / "links", workspace=ident, random=os.urandom)
    files = key_files.KeyFiles(folder, ident)
    return standing(folder, links, TwinKeys(folder / "cycles", files=files, random=os.urandom))


def search_register(ticket: BulkTicket, bare: bool) -> SearchProduct:  # noqa: FBT001 - the port's
    """
    Search the register in processes of their own, at the address of the environment.

    Raises: SearchEnded, also when no address is known.
    """
    from despensa.entrypoints.jobs.register_opening import SearchOrder, search

    address = os.environ.get(REGISTRY_VARIABLE)
    if address is None:
        raise SearchEnded(
            f"The keeper has no address of the register: set {REGISTRY_VARIABLE} for its process."
        )
    return search(SearchOrder(ticket, address, bare=bare))


@functools.cache
def tools() -> Tools:
    """
    Return the tools of the workspace this process serves.

    Raises: workspaces.WorkspaceError when the environment names none.
    """
    return open_tools(workspaces.load(workspaces.find(None, os.environ), os.environ))


@contextmanager
def databases(workspace: workspaces.Workspace) -> Iterator[Endpoints]:
    """
    Yield the addresses of a workspace's databases, running or joining the embedded server.

    The app roles' addresses are put into the environment, where Django's settings look.
    """
    given = from_urls(os.environ, workspace)
    if given is not None:
        _announce(given, workspace)
        yield given
        return
    with attach_or_start(workspace.folder) as endpoints:
        _announce(endpoints, workspace)
        yield endpoints


def start_django() -> None:
    """Set Django up for this process; the databases' addresses must be known."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "despensa.config.settings")
    import django

    django.setup()


def _announce(endpoints: Endpoints, workspace: workspaces.Workspace) -> None:
    """Put into the environment what Django's settings ask it for; what is set there stays."""
    os.environ[REGISTRY_VARIABLE] = endpoints.registry_app
    os.environ[LEDGER_VARIABLE] = endpoints.ledger_app
    os.environ[WORKSPACE_VARIABLE] = str(workspace.folder)
    os.environ.setdefault(TIME_ZONE_VARIABLE, workspace.time_zone)
    if SECRET_VARIABLE not in os.environ:
        secret = key_files.read_or_make(workspace.keys / "sessions.key", os.urandom)
        os.environ[SECRET_VARIABLE] = secret.hex()
