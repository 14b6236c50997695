"""
Files that are either there whole or not there: written aside, flushed, renamed, folder flushed.

Only the holder of the log's lock writes, so that a name aside is used by one process at a time and
a file left behind by a crash is overwritten by the next attempt.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from despensa.domain.ports.log_storage import LogUnavailable

_ASIDE = ".new"


def _nothing(_: str) -> None:
    return


def write_files(
    files: Sequence[tuple[Path, bytes]], *, on_step: Callable[[str], None] = _nothing
) -> None:
    """
    Write many files durably, in order; after a crash each is old, new or absent, never torn.

    `on_step` is told "written" once all contents are on disk and "renamed" after each file.
    Raises: LogUnavailable when the folder cannot be written.
    """
    if not files:
        return
    with said_plainly(files[0][0].parent):
        folders = {path.parent for path, _ in files}
        for folder in folders:
            make_folder(folder)
        for path, content in files:
            _write_aside(path, content)
        on_step("written")
        for path, _ in files:
            _aside(path).replace(path)
            on_step("renamed")
        flush_folders(folders)


def read_file(path: Path) -> bytes | None:
    """
    Return a file's content, or None when there is no such file.

    Raises: LogUnavailable when it is there and cannot be read.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise LogUnavailable(f"cannot read {path}: {error.strerror}") from error


def remove_files(paths: Iterable[Path]) -> None:
    """
    Remove files durably; those not there are passed over.

    Raises: LogUnavailable when the folder cannot be written.
    """
    for path in paths:
        with said_plainly(path.parent):
            path.unlink(missing_ok=True)
            flush_folders([path.parent])


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, each entry flushed to disk."""
    missing = []
    at = folder
    while not at.exists():
        missing.append(at)
        at = at.parent
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        flush_folders([path.parent])


def flush_folders(folders: Iterable[Path]) -> None:
    """Flush the entries of folders to disk."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def said_plainly(folder: Path) -> Iterator[None]:
    """Turn an operating system's error into a sentence with the next step."""
    try:
        yield
    except OSError as error:
        raise LogUnavailable(
            f"the log cannot be written in {folder}: {error.strerror}. Nothing is lost: free "
            "space or give back the right to write there, and the next sealing goes on from here."
        ) from error


def _aside(path: Path) -> Path:
    return path.with_name(path.name + _ASIDE)


def _write_aside(path: Path, content: bytes) -> None:
    with _aside(path).open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
