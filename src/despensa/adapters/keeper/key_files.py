"""
Key files: one secret a file, 0600, written whole or not at all, destroyed by overwriting.

They lie in the workspace's `keys/` folder. Encryption to custodians comes with the keeper process.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

SECRET_LENGTH = 32


class KeyMissing(FileNotFoundError):
    """A key that should exist does not: the text says which and what to do."""


def read_or_make(path: Path, random: Callable[[int], bytes]) -> bytes:
    """Return the 32-byte secret of a file, made on first use; of two makers the first wins."""
    if not path.exists():
        partial = _written_aside(path, random(SECRET_LENGTH))
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
        sync_folder(path.parent)
    return read(path)


def read(path: Path) -> bytes:
    """
    Return the secret of a file.

    Raises: KeyMissing when the file is absent or of another length.
    """
    try:
        secret = path.read_bytes()
    except FileNotFoundError as error:
        raise KeyMissing(
            f"The key {path.name} is missing from {path.parent}. Restore it from the keeper's "
            "backup: despensa restore."
        ) from error
    if len(secret) != SECRET_LENGTH:
        raise KeyMissing(f"The key {path.name} in {path.parent} is damaged. Restore it.")
    return secret


def write(path: Path, content: bytes) -> None:
    """Write a file with mode 0600 so that a crash leaves the old content or the new one."""
    with written_aside(path) as file:
        file.write(content)


@contextmanager
def written_aside(path: Path) -> Iterator[BinaryIO]:
    """Yield a file of mode 0600 that takes the place of `path` when it was written whole."""
    partial = _partial(path)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, each for its owner only."""
    if not folder.exists():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _partial(path: Path) -> Path:
    """Return the name of a file of this process and thread alone, its folder made."""
    _make_private(path.parent)
    return path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.partial")


def _written_aside(path: Path, content: bytes) -> Path:
    """Return a file of this process and thread alone that holds the content."""
    partial = _partial(path)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    return partial


def replace(new: Path, old: Path) -> None:
    """Put a secret's file in the place of another and overwrite the other; again is nothing."""
    if not new.exists():
        return
    with old.open("r+b") as file:
        length = old.stat().st_size
        new.replace(old)
        sync_folder(old.parent)
        # the name is the new one's already; what is overwritten has no name any more
        file.write(b"\0" * length)
        file.flush()
        os.fsync(file.fileno())


def destroy(path: Path) -> None:
    """Overwrite and remove a file; a file that is already gone is no error."""
    try:
        with path.open("r+b") as file:
            length = path.stat().st_size
            file.write(b"\0" * length)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make created, renamed and removed names of a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
