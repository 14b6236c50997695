"""Health of what lies in the workspace folder: permissions, disk, keys, fonts, backups, sheets."""

import hashlib
import os
import shutil
import statistics
import time
import zoneinfo
from collections.abc import Iterator
from importlib import resources

from despensa.adapters.keeper.key_files import LOCKED
from despensa.adapters.workspace.folder import Workspace
from despensa.domain.ports.keeper import KeeperUnavailable
from despensa.domain.ports.key_office import KeyStanding
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs.findings import Finding, fail, ok, warn

DAY_SECONDS = 86_400
DISK_FAIL_BYTES, DISK_WARN_BYTES = 200 << 20, 2 << 30
FSYNC_SLOW_SECONDS = 0.05
FSYNC_TRIES = 5
BACKUP_OLD_DAYS, DRILL_OLD_DAYS = 7, 190
_ESCROW = "Copy them for two custodians or more: despensa keys escrow"
_DRILL = "Try the newest copy with a custodian: despensa keys drill"
LAST_BACKUP = "last-backup"
_FOLDERS = ("keys", "log", "facts", "backups", "run")
_OTHERS_BITS = 0o077
# beside the keys so that it is not restored with the log, and no secret
_PUBLIC = frozenset({"log-last-signed"})


def file_checks(workspace: Workspace, *, now: int) -> Iterator[Finding]:
    """Yield every finding that needs no database."""
    yield _time_zone(workspace)
    yield _permissions(workspace)
    yield _disk(workspace)
    yield _fsync(workspace)
    yield _clock(workspace, now)
    yield _fonts()
    yield from key_checks(workspace, now=now)
    yield _backups(workspace, now)


def _time_zone(workspace: Workspace) -> Finding:
    try:
        zoneinfo.ZoneInfo(workspace.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return fail(
            "time zone",
            f"this machine does not know {workspace.time_zone}",
            "Install the package tzdata, or correct time_zone in workspace.toml.",
        )
    return ok("time zone", workspace.time_zone)


def _permissions(workspace: Workspace) -> Finding:
    places = [workspace.folder, *(workspace.folder / name for name in _FOLDERS)]
    places += [path for path in workspace.keys.rglob("*") if path.name not in _PUBLIC]
    missing = [place.name for place in places if not place.exists()]
    if missing:
        return fail(
            "folders",
            f"missing: {', '.join(missing)}",
            "Make them again with mode 0700, or restore the workspace from a backup.",
        )
    wide = [place for place in places if place.stat().st_mode & _OTHERS_BITS]
    if wide:
        return fail(
            "folders",
            f"other users of this machine may enter {wide[0]}"
            + (f" and {len(wide) - 1} more" if len(wide) > 1 else ""),
            f"Run: chmod -R go= {workspace.folder}",
        )
    return ok("folders", "for their owner only")


def _disk(workspace: Workspace) -> Finding:
    free = shutil.disk_usage(workspace.folder).free
    text = f"{free >> 20} MB free"
    todo = "Free some space, or move the workspace to a larger disk."
    if free < DISK_FAIL_BYTES:
        return fail("disk", text, todo)
    return warn("disk", text, todo) if free < DISK_WARN_BYTES else ok("disk", text)


def _fsync(workspace: Workspace) -> Finding:
    path = workspace.run / f"fsync-{os.getpid()}"
    times = []
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            for _ in range(FSYNC_TRIES):
                os.write(descriptor, bytes(4096))
                began = time.perf_counter()
                os.fsync(descriptor)
                times.append(time.perf_counter() - began)
        finally:
            os.close(descriptor)
            path.unlink()
    except OSError as error:
        return fail(
            "writing to disk",
            f"{workspace.run} cannot be written ({error.strerror})",
            "Check the disk and who owns the folder.",
        )
    took = statistics.median(times)
    text = f"{took * 1000:.1f} ms until it is safe"
    if took > FSYNC_SLOW_SECONDS:
        return warn("writing to disk", text, "This disk is slow; a solid-state disk helps most.")
    return ok("writing to disk", text)


def _clock(workspace: Workspace, now: int) -> Finding:
    made = int(workspace.created_at.timestamp())
    if now < made - 300:
        return fail(
            "clock",
            "this machine says it is before the workspace was made",
            "Set the clock, and let it be kept right (NTP).",
        )
    return ok("clock", "after the workspace was made")


def _fonts() -> Finding:
    folder = resources.files("despensa.data").joinpath("fonts")
    sources = folder.joinpath("SOURCES.md").read_text(encoding="utf-8")
    wrong = []
    for name in _font_names(sources):
        path = folder.joinpath(name)
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        if f"{digest}  {name}" not in sources:
            wrong.append(name)
    if wrong:
        return fail(
            "fonts",
            f"not as delivered: {', '.join(wrong)}",
            "Install Despensa again: cards cannot be printed like this.",
        )
    return ok("fonts", "as delivered")


def _font_names(sources: str) -> list[str]:
    lines = (line.split("  ") for line in sources.splitlines())
    return [parts[1] for parts in lines if len(parts) == 2 and parts[1].endswith(".ttf")]


def key_checks(workspace: Workspace, *, now: int) -> Iterator[Finding]:
    """Yield how the keys stand, wherever they are held; none is made or given out."""
    try:
        keys = wiring.key_standing(workspace)
    except KeeperUnavailable as error:
        yield fail("keys", str(error), "Start the keeper: systemctl start despensa-keeper")
        return
    yield _fixed_keys(keys, now)
    if keys.is_locked and workspace.keeper_socket is None:
        yield fail("lock", "the keys are locked, and this process opens none", LOCKED)
        return
    yield _lock(workspace, keys)
    yield _copies(keys, now)
    yield _links(keys)
    yield _cycle_keys(keys)


def _fixed_keys(keys: KeyStanding, now: int) -> Finding:
    if keys.missing:
        return fail(
            "keys",
            f"missing from the keeper's folder: {', '.join(f'{name}.key' for name in keys.missing)}",
            "Use nothing until they are back: restore keys/ from a backup. New keys would make "
            "what the old ones sealed unreadable.",
        )
    return ok("keys", f"all of them, {int(now - keys.oldest) // DAY_SECONDS} days old")


def _lock(workspace: Workspace, keys: KeyStanding) -> Finding:
    if keys.is_locked:
        return ok("lock", f"encrypted, for {', '.join(keys.custodians)} and the start")
    if workspace.keeper_socket is None:
        return ok("lock", "plain, for the owner of the files only")
    return warn(
        "lock",
        "the keys lie plain on the keeper's disk",
        "Lock them for two custodians or more: despensa keys lock",
    )


def _copies(keys: KeyStanding, now: int) -> Finding:
    if not keys.escrowed_at:
        text = "no copy of the keys for custodians yet"
        return ok("key copies", text) if not keys.is_locked else warn("key copies", text, _ESCROW)
    if not keys.drilled_at:
        return warn("key copies", "the copy was never tried", _DRILL)
    days = (now - keys.drilled_at) // DAY_SECONDS
    if days > DRILL_OLD_DAYS:
        return warn("key copies", f"last tried {days} days ago", _DRILL)
    return ok("key copies", f"last tried {days} days ago")


def _cycle_keys(keys: KeyStanding) -> Finding:
    if not keys.cycle_keys_half_kept:
        return ok("keys of cycles", "each in two files")
    return warn(
        "keys of cycles",
        f"{keys.cycle_keys_half_kept} do not open in both of their files",
        "The next opening writes what is missing; look at the disk that holds the keeper's folder.",
    )


def _links(keys: KeyStanding) -> Finding:
    if not keys.link_copies:
        return ok("card links", "none yet")
    if keys.link_copies == (True, True):
        return ok("card links", "both copies readable")
    if any(keys.link_copies):
        return warn(
            "card links",
            "one of the two copies does not open",
            "The next step writes both again; look at the disk that holds the keeper's folder.",
        )
    return fail(
        "card links",
        "neither copy opens",
        "Open cycles go on from stored tags; cards are registered again by scanning them.",
    )


def last_backup(workspace: Workspace) -> int | None:
    """Return when the last backup was begun, None when none was made yet."""
    try:
        return int((workspace.backups / LAST_BACKUP).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None


def _backups(workspace: Workspace, now: int) -> Finding:
    made_at = last_backup(workspace)
    if made_at is None:
        return warn("backup", "none was made yet", "Run: despensa backup FOLDER")
    days = (now - made_at) // DAY_SECONDS
    if days > BACKUP_OLD_DAYS:
        return warn("backup", f"the last one is {days} days old", "Run: despensa backup FOLDER")
    return ok("backup", f"the last one is {days} days old")


def note_backup(workspace: Workspace, made_at: int) -> None:
    """Remember that a backup was made, for the next look."""
    path = workspace.backups / LAST_BACKUP
    partial = path.with_suffix(".partial")
    partial.write_text(f"{made_at}\n", encoding="ascii")
    partial.chmod(0o600)
    partial.replace(path)
