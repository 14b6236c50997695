"""
Backing a workspace up into one sealed file, and bringing it back in a new folder.

The databases are dumped first and the log is copied after them: a log that is ahead of its leaf
queue is healed by the next sealing, a leaf that is gone could not be.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from despensa.adapters.backup import archive
from despensa.adapters.backup.container import BackupError
from despensa.adapters.database import dump, upgrade
from despensa.adapters.database.endpoints import Endpoints
from despensa.adapters.keeper.standing import FIXED
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
    """
    What came back, and whether the log may already be signed.

    `known_size` is the log's size in the newest checkpoint found outside the backup; None says
    that there was none, and that nobody can tell what was signed after the backup.
    """

    manifest: dict[str, Any]
    rows: int
    log_size: int
    last_signed: int
    known_size: int | None

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
    # what was merged before this instant is in the dump; phones are told so
    begun = tools.now()
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
                "left_out": _left_out(tools),
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
    note_backup(tools.workspace, begun)
    return written


def _left_out(tools: Tools) -> list[str]:
    """Return what this backup does not hold, in sentences."""
    if (tools.workspace.keys / "keeper" / f"{FIXED[0]}.key").is_file():
        return list(archive.LEFT_OUT)
    return [archive.KEYS_LEFT_OUT, *archive.LEFT_OUT]


def restore(
    source: Path,
    folder: Path,
    passphrase: str,
    *,
    seen: str | None = None,
    former: Path | None = None,
    may_roll_back: bool = False,
    environ: dict[str, str] | None = None,
) -> Restored:
    """
    Bring a backup back in `folder`, which is new, and return what came back.

    `seen` is the text of the newest checkpoint anybody holds: the log signs nothing below it.
    `former` is what is left of the folder the backup was made of: its log and the keeper's record
    of the last signing are compared, and a log that goes on from the backup's is taken over. A
    backup that is older than either is refused unless `may_roll_back`. Not given, it is the folder
    that `environ` names, if that is the same workspace's.
    Holds: nothing is left behind on failure but databases of a server of the user's own.
    Raises: BackupError; WorkspaceError; DatabaseProblem; LogDamaged.
    """
    manifest = archive.unpack(source, passphrase, folder)
    for name in ("pg", "keys", "log", "facts", "backups", "run"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
        (folder / name).chmod(0o700)
    folder.chmod(0o700)
    workspace = workspaces.load(folder, environ)
    known = _known(workspace, seen, former or _still_named(workspace, environ or {}))
    if known is not None and known.size > manifest["log_size"] and not may_roll_back:
        raise BackupError(
            f"The log of this backup has {manifest['log_size']} leaves, and one of {known.size} was "
            "signed later: what was done in between would be lost. Restore a newer backup, or say "
            "--accept-rollback if there is none. Nothing was restored."
        )
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
            return _checked(tools, manifest, rows, known)
        finally:
            tools.keeper.close()
            for kind in DATABASES:
                (folder / f"{kind}.dump").unlink()


def _checked(
    tools: Tools,
    manifest: dict[str, Any],
    rows: dict[str, dict[str, int]],
    known: notes.Checkpoint | None,
) -> Restored:
    from despensa.entrypoints.jobs import rounds
    from despensa.usecases.record_restore import record_restore

    if not ledger.check().is_balanced:
        raise BackupError("The ledger of this backup does not balance. Do not use it.")
    log_size = _log_size(tools)
    record = SigningRecord(tools.workspace.folder / _SIGNED, tools.workspace.log_origin)
    if known is not None:
        _remember(record, known)
    last = record.last()
    record_restore(
        backup_made_at=manifest["made_at"],
        log_size=manifest["log_size"],
        version=version("despensa"),
        known_size=None if known is None else known.size,
        acting=tools.acting(None),
    )
    restored = Restored(
        manifest,
        sum(count for tables in rows.values() for count in tables.values()),
        log_size,
        log_size if last is None else last.size,
        None if known is None else known.size,
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
    report = verify_log(tools.log.folder, _signed_by(tools.log.checkpoint(), tools))
    if report.problem is not None:
        raise BackupError(
            f"The log in this backup does not verify: {report.problem.reason} {report.problem.mend}"
        )
    return tools.log.size


def _remember(record: SigningRecord, known: notes.Checkpoint) -> None:
    try:
        last = record.last()
        if last is None or last.size < known.size:
            record.remember(known)
    except LogRefused as error:
        raise BackupError(str(error)) from error


def _known(
    workspace: workspaces.Workspace, seen: str | None, former: Path | None
) -> notes.Checkpoint | None:
    """
    Return the newest checkpoint of this log that was found outside the backup.

    The log of the former folder takes the place of the backup's where it goes on from it.
    """
    tools = wiring.open_tools(workspace)
    tools.keeper.close()
    found = []
    if seen is not None:
        found.append(_verified(seen, tools, "The checkpoint given"))
    if former is not None:
        found += _left_of(former, tools)
    return max(found, key=lambda one: one.size, default=None)


def _still_named(new: workspaces.Workspace, environ: dict[str, str]) -> Path | None:
    """Return the folder the environment names, if it is the same workspace's former one."""
    named = environ.get(wiring.WORKSPACE_VARIABLE)
    if not named or not (Path(named) / "log" / "checkpoint").is_file():
        return None
    try:
        former = workspaces.load(Path(named), environ)
    except workspaces.WorkspaceError:
        return None
    return former.folder if former.workspace_id == new.workspace_id else None


def _left_of(former: Path, tools: Tools) -> list[notes.Checkpoint]:
    """Return the checkpoints of a former folder, its log taken over where it is whole."""
    found = []
    recorded = SigningRecord(former / _SIGNED, tools.workspace.log_origin)
    try:
        last = recorded.last()
    except LogRefused as error:
        raise BackupError(str(error)) from error
    if last is not None:
        found.append(last)
    text = former / "log" / "checkpoint"
    if text.is_file():
        newest = _verified(text.read_text("utf-8"), tools, f"{text}")
        found.append(newest)
        if newest.size > tools.log.size:
            _take_over(former / "log", tools)
    if not found:
        raise BackupError(
            f"{former} holds neither log/checkpoint nor {_SIGNED}: it tells nothing about this "
            "log. Give the folder the backup was made of, or leave the option out."
        )
    return found


def _take_over(newer: Path, tools: Tools) -> None:
    """Put a whole log that continues the backup's in its place."""
    before = _verified(tools.log.checkpoint(), tools, "The log in this backup")
    key = _signed_by((newer / "checkpoint").read_text("utf-8"), tools)
    if verify_log(newer, key, last_seen=before).is_verified:
        shutil.copytree(newer, tools.log.folder, dirs_exist_ok=True)


def _signed_by(text: str, tools: Tools) -> str:
    """Return the log's verifier key that fits a checkpoint, the one in use where none does."""
    keys = wiring.log_vkeys(tools.workspace, tools.keeper)
    for key in keys:
        with suppress(notes.UnknownLogKey, notes.BadCheckpointSignature):
            notes.verify(text, notes.parse_vkey(key))
            return key
    return keys[0]


def _verified(text: str, tools: Tools, what: str) -> notes.Checkpoint:
    keys = wiring.log_vkeys(tools.workspace, tools.keeper)
    try:
        return notes.verify_by_any(text, [notes.parse_vkey(key) for key in keys])
    except (notes.MalformedCheckpoint, notes.BadCheckpointSignature, notes.UnknownLogKey) as error:
        raise BackupError(f"{what} is not one of this log: {error}") from error


@contextmanager
def _private_folder(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".dumps-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
