"""
Which files of a workspace a backup holds, and the archive they travel in.

The archive is a POSIX pax tar inside the sealed stream: `manifest.json` first, then the files.
Link keys, cycle secrets and staged files are never in it, so that nobody who gets hold of a backup
can make the tags of a cycle. Source: docs/explanation/design.md, sections 6 and 10.
"""

import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from despensa.adapters.backup.container import SCRYPT_LOG_N, BackupError, Opener, Sealer

MANIFEST = "manifest.json"
FORMAT = 1
WORKSPACE_FILE = "workspace.toml"
_MANIFEST_BYTES_MAX = 1 << 20
# below keys/keeper: what a general backup never holds, and what belongs to a running process
_NEVER = frozenset({"links", "cycles", "staging", "lock"})
_PART_SUFFIXES = frozenset({".partial", ".new"})

LEFT_OUT = (
    "card links: cards are registered again by scanning them",
    "cycle secrets: open cycles go on from their stored accounts and tags",
    "frozen facts and their keys: slips of open cycles are made before, or not at all",
    "staged files that wait for approval: stage them again",
    "printed sheets, phones of a demo and sessions of the command line",
)
KEYS_LEFT_OUT = "the keys, which the keeper's process holds: its custodians have a copy"


@dataclass(frozen=True, slots=True)
class Written:
    """A finished backup: its size and how many files it holds."""

    path: Path
    size: int
    files: int


def workspace_files(folder: Path) -> list[tuple[str, Path]]:
    """
    Return (name in the archive, path) of the files a backup takes from the workspace folder.

    Shape: workspace.toml, the keeper's keys but those of `_NEVER`, the log; in order of names.
    """
    keeper = folder / "keys" / "keeper"
    found = [(WORKSPACE_FILE, folder / WORKSPACE_FILE)]
    for root in (keeper, folder / "log"):
        for path in sorted(root.rglob("*")):
            below = path.relative_to(root)
            is_kept = root != keeper or below.parts[0] not in _NEVER
            if is_kept and path.is_file() and path.suffix not in _PART_SUFFIXES:
                found.append((path.relative_to(folder).as_posix(), path))
    return found


def write(
    target: Path,
    passphrase: str,
    *,
    manifest: Mapping[str, Any],
    files: Sequence[tuple[str, Path]],
    random: Callable[[int], bytes],
    log_n: int = SCRYPT_LOG_N,
) -> Written:
    """
    Write a backup, read it back whole, and only then give it its name.

    Raises: BackupError when the file exists or does not read back as it was written.
    """
    if target.exists():
        raise BackupError(f"{target} exists; a backup never writes over another one.")
    partial = target.with_name(target.name + ".partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            sealer = Sealer(file, passphrase, random=random, log_n=log_n)
            _fill(sealer, manifest, files)
            digest = sealer.close()
            file.flush()
            os.fsync(file.fileno())
        with partial.open("rb") as file:
            if Opener(file, passphrase).finish() != digest:
                raise BackupError("The backup did not read back as it was written. Try again.")
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    _sync(target.parent)
    return Written(target, target.stat().st_size, len(files))


def unpack(source: Path, passphrase: str, folder: Path) -> dict[str, Any]:
    """
    Unpack a backup into an empty folder and return its manifest.

    Holds: only regular files below `folder` are written, each with mode 0600.
    Raises: BackupError; then `folder` may hold a part, which the caller throws away.
    """
    manifest: dict[str, Any] | None = None
    with source.open("rb") as file:
        opener = Opener(file, passphrase)
        for member, content in _members(opener):
            if manifest is None:
                manifest = _parsed(member, content)
                continue
            path = folder / _safe(member.name)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                while part := content.read(1 << 20):
                    out.write(part)
        opener.finish()
    if manifest is None:
        raise BackupError(f"{source} is empty.")
    return manifest


def _fill(sealer: Sealer, manifest: Mapping[str, Any], files: Sequence[tuple[str, Path]]) -> None:
    text = json.dumps(manifest, sort_keys=True).encode()
    with tarfile.open(
        fileobj=cast("IO[bytes]", sealer), mode="w|", format=tarfile.PAX_FORMAT
    ) as archive:
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(text)
        archive.addfile(head, io.BytesIO(text))
        for name, path in files:
            with path.open("rb") as file:
                # no owner, no times: nothing about the machine is needed again
                member = tarfile.TarInfo(name)
                member.size = os.fstat(file.fileno()).st_size
                archive.addfile(member, file)


def _members(opener: Opener) -> Iterator[tuple[tarfile.TarInfo, Any]]:
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", opener), mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None or not member.isfile():
                    raise BackupError("The backup holds something that is not a file.")
                yield member, content
    except tarfile.TarError as error:
        raise BackupError("The backup opens, but what it holds cannot be read.") from error


def _parsed(member: tarfile.TarInfo, content: Any) -> dict[str, Any]:
    if member.name != MANIFEST or member.size > _MANIFEST_BYTES_MAX:
        raise BackupError("The backup does not begin with its manifest.")
    manifest: dict[str, Any] = json.loads(content.read())
    if manifest.get("format") != FORMAT:
        raise BackupError("This backup was made by a newer Despensa. Install that one.")
    return manifest


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise BackupError("The backup names a file outside its folder.")
    return path


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
