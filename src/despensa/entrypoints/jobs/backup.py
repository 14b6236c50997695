"""
Backing a workspace up into one sealed file, and bringing it back in a new folder.

The databases are dumped first and the log is copied after them: a log that is ahead of its leaf
queue is healed by the next sealing, a leaf that is gone could not be.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from despensa.adapters.backup import archive
from despensa.adapters.backup.container import BackupError
from despensa.adapters.database import dump, upgrade
from despensa.adapters.database.endpoints import Endpoints
from despensa.adapters.log_storage import verify_log
from despensa.adapters.log_storage.signing import SigningRecord
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.ports.log_storage import LogRefused, LogUnavailable
from despensa.domain.transparency import checkpoint as notes
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs.health_files import note_backup
from despensa.entrypoints.wiring import Tools
from despensa.records.ledger import queries as ledger

DATABASES = ("registry", "ledger")
FILE_SUFFIX = ".despensa-backup"
_SIGNED = Path("keys/keeper/log-last-signed")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and whether the log may already be signed."""

    manifest: dict[str, Any]
    rows: int
    log_size: int
    last_signed: int

    @property
    def may_sign(self) -> bool:
        """Whether the log reaches the last size that is known to have been signed."""
        return self.log_size >= self.last_signed


def back_up(
    tools: Tools,
    endpoints: Endpoints,
    target: Path,
    passphrase: str,
    *,
    random: Callable[[int], bytes],
) -> archive.Written:
    """
    Write a backup of the workspace and return it once it was read back.

    `target` is the file, or a folder that gets a file named after the instant.
    Raises: BackupError; DatabaseProblem.
    """
    if target.is_dir():
        target = target / f"{tools.workspace.workspace_id}-{tools.now()}{FILE_SUFFIX}"
    if target.exists():
        raise BackupError(f"{target} exists; a backup never writes over another one.")
    if not target.parent.is_dir():
        raise BackupError(f"There is no folder {target.parent}. Make it, then try again.")
    tools.workspace.backups.mkdir(mode=0o700, exist_ok=True)
    with _private_folder(tools.workspace.backups) as dumps:
        tables = {
            kind: dump.dump(getattr(endpoints, f"{kind}_owner"), dumps / f"{kind}.dump")
            for kind in DATABASES
        }
        with tools.log.held_still():
            manifest: dict[str, Any] = {
                "format": archive.FORMAT,
                "version": version("despensa"),
                "workspace_id": str(tools.workspace.workspace_id),
                "name": tools.workspace.name,
                "made_at": tools.now(),
                "rows": tables,
                "log_size": tools.log.size,
                "left_out": list(archive.LEFT_OUT),
            }
            written = archive.write(
                target,
                passphrase,
                manifest=manifest,
                files=[
                    *archive.workspace_files(tools.workspace.folder),
                    *((f"{kind}.dump", dumps / f"{kind}.dump") for kind in DATABASES),
                ],
                random=random,
            )
    note_backup(tools.workspace, manifest["made_at"])
    return written


def restore(
    source: Path,
    folder: Path,
    passphrase: str,
    *,
    seen: str | None = None,
    environ: dict[str, str] | None = None,
) -> Restored:
    """
    Bring a backup back in `folder`, which is new, and return what came back.

    `seen` is the text of the newest checkpoint anybody holds: the log signs nothing below it.
    Holds: nothing is left behind on failure but databases of a server of the user's own.
    Raises: BackupError; WorkspaceError; DatabaseProblem; LogDamaged.
    """
    manifest = archive.unpack(source, passphrase, folder)
    for name in ("pg", "keys", "log", "facts", "backups", "run"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
        (folder / name).chmod(0o700)
    folder.chmod(0o700)
    workspace = workspaces.load(folder, environ)
    with wiring.databases(workspace) as endpoints:
        wiring.start_django()
        rows = {
            kind: dump.restore(getattr(endpoints, f"{kind}_owner"), folder / f"{kind}.dump")
            for kind in DATABASES
        }
        if rows != manifest["rows"]:
            raise BackupError("The databases hold other rows than the backup says. Do not use it.")
        upgrade.upgrade(endpoints)
        tools = wiring.open_tools(workspace)
        try:
            return _checked(tools, manifest, rows, seen)
        finally:
            tools.keeper.own_copy.close()
            for kind in DATABASES:
                (folder / f"{kind}.dump").unlink()


def _checked(
    tools: Tools, manifest: dict[str, Any], rows: dict[str, dict[str, int]], seen: str | None
) -> Restored:
    from despensa.entrypoints.jobs import rounds
    from despensa.usecases.record_restore import record_restore

    if not ledger.check().is_balanced:
        raise BackupError("The ledger of this backup does not balance. Do not use it.")
    log_size = _log_size(tools)
    record = SigningRecord(tools.workspace.folder / _SIGNED, tools.workspace.log_origin)
    if seen is not None:
        _remember(record, seen, tools.log_vkey)
    last = record.last()
    record_restore(
        backup_made_at=manifest["made_at"],
        log_size=log_size,
        version=version("despensa"),
        acting=tools.acting(None),
    )
    restored = Restored(
        manifest,
        sum(count for tables in rows.values() for count in tables.values()),
        log_size,
        log_size if last is None else last.size,
    )
    if restored.may_sign:
        rounds.seal_log(tools)
    return restored


def _log_size(tools: Tools) -> int:
    """Return the size of the restored log once every piece of it was checked."""
    try:
        tools.log.checkpoint()
    except LogUnavailable:
        return 0
    report = verify_log(tools.log.folder, tools.log_vkey)
    if report.problem is not None:
        raise BackupError(
            f"The log in this backup does not verify: {report.problem.reason} {report.problem.mend}"
        )
    return tools.log.size


def _remember(record: SigningRecord, seen: str, vkey: str) -> None:
    try:
        checkpoint = notes.verify(seen, notes.parse_vkey(vkey))
        last = record.last()
        if last is None or last.size < checkpoint.size:
            record.remember(checkpoint)
    except (notes.MalformedCheckpoint, notes.BadCheckpointSignature, notes.UnknownLogKey) as error:
        raise BackupError(f"The checkpoint given is not one of this log: {error}") from error
    except LogRefused as error:
        raise BackupError(str(error)) from error


@contextmanager
def _private_folder(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".dumps-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
