"""
Reads and writes the file `workspace.toml` and makes the folders beside it.

Knows keys and types; what the values mean is decided in `workspace.py`.
Source: docs/reference/formats.md, section 10.
"""

import contextlib
import json
import os
import shutil
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE_NAME = "workspace.toml"
FORMAT = 1
FOLDERS = ("pg", "keys", "log", "facts", "backups", "run")

# key -> (type, required); the tables [log], [database] and [keeper] have their own lists.
_TOP = {
    "format": (int, True),
    "workspace_id": (str, True),
    "created_at": (datetime, True),
    "name": (str, True),
    "country": (str, True),
    "time_zone": (str, True),
    "languages": (list, True),
    "single_operator": (bool, True),
    "log": (dict, True),
    "database": (dict, True),
    "keeper": (dict, True),
}
_TABLES = {
    "log": {"origin": (str, True)},
    "database": {"mode": (str, True), "registry_url": (str, False), "ledger_url": (str, False)},
    "keeper": {"mode": (str, True), "socket": (str, False)},
}
_KINDS = {int: "a whole number", str: "a text", datetime: "a date and time with its offset"}
_KINDS |= {list: "a list of texts", bool: "true or false", dict: "a table"}
# What an empty disk or a file browser puts into a folder nobody has used.
_NOT_CONTENT = frozenset({"lost+found", ".DS_Store"})


class WorkspaceError(ValueError):
    """The folder is no workspace of ours, or may not become one."""


def read(path: Path) -> dict[str, Any]:
    """
    Return the content of workspace.toml with every required key and every value of its type.

    Raises: WorkspaceError naming the file and the key.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"{path.parent} is not a workspace of Despensa: it has no {FILE_NAME}."
        raise WorkspaceError(message) from None
    except tomllib.TOMLDecodeError as error:
        message = f"{path} is not valid TOML ({error}). Restore it from a backup or mend the line."
        raise WorkspaceError(message) from error
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read ({error})."
        raise WorkspaceError(message) from error
    _check_format(content, path)
    _check_table(content, _TOP, "", path)
    for table, keys in _TABLES.items():
        _check_table(content[table], keys, f"{table}.", path)
    return content


def text(content: Mapping[str, Any]) -> str:
    """
    Return the text of workspace.toml; keys without a value are left out, tables come last.

    Source: TOML 1.0. A JSON text without control characters is a TOML text as well.
    """
    lines = ["# The workspace of Despensa. No secrets here: passwords and keys lie in keys/."]
    tables = {key: value for key, value in content.items() if isinstance(value, Mapping)}
    for key, value in content.items():
        if value is not None and key not in tables:
            lines.append(f"{key} = {_value(value)}")
    for name, table in tables.items():
        lines += ["", f"[{name}]"]
        lines += [f"{key} = {_value(value)}" for key, value in table.items() if value is not None]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps(value, ensure_ascii=False)


def refuse_occupied(folder: Path) -> None:
    """Raise WorkspaceError when `folder` is a workspace, a file or not empty."""
    if (folder / FILE_NAME).exists():
        message = (
            f"{folder} is a workspace already; nothing was changed. Use it with --workspace "
            f"{folder}, or choose another folder."
        )
        raise WorkspaceError(message)
    if folder.exists() and not folder.is_dir():
        message = f"{folder} is a file, not a folder. Choose another place for the workspace."
        raise WorkspaceError(message)
    if folder.is_dir() and {entry.name for entry in folder.iterdir()} - _NOT_CONTENT:
        message = f"{folder} is not empty. Choose an empty or a new folder for the workspace."
        raise WorkspaceError(message)


def make_folder(folder: Path, content: Mapping[str, Any]) -> None:
    """
    Make the workspace's folder, its sub-folders and workspace.toml.

    Holds: whole or not at all; every folder has mode 0700; missing parents are made.
    Raises: OSError, after clearing away what was made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(mode=0o700)
        _fill(partial, content)
        partial.rename(folder)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        if not folder.is_dir():
            raise
        # A mounted disk or a folder in somebody else's folder cannot be replaced, only filled.
        _fill_in_place(folder, content)
        return
    _sync_folder(folder.parent)


def _fill_in_place(folder: Path, content: Mapping[str, Any]) -> None:
    try:
        with contextlib.suppress(PermissionError):
            folder.chmod(0o700)
        _fill(folder, content)
    except OSError:
        for name in FOLDERS:
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in (FILE_NAME, f"{FILE_NAME}.partial"):
            (folder / name).unlink(missing_ok=True)
        raise


def _fill(folder: Path, content: Mapping[str, Any]) -> None:
    for name in FOLDERS:
        (folder / name).mkdir(mode=0o700)
    partial = folder / f"{FILE_NAME}.partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text(content))
        file.flush()
        os.fsync(file.fileno())
    # Last, because a folder with this file counts as a workspace.
    partial.rename(folder / FILE_NAME)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    # Windows opens no folders; there the file's own sync has to do.
    with contextlib.suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _check_format(content: Mapping[str, Any], path: Path) -> None:
    number = content.get("format")
    if type(number) is not int or number < 1:
        message = f"{path}: the key 'format' must be {FORMAT}; this is no file of Despensa."
        raise WorkspaceError(message)
    if number > FORMAT:
        message = (
            f"{path} has format {number}, and this version of Despensa reads up to {FORMAT}. "
            "Use the newer Despensa that wrote it."
        )
        raise WorkspaceError(message)


def _check_table(
    table: Mapping[str, Any], keys: Mapping[str, tuple[type, bool]], prefix: str, path: Path
) -> None:
    for key in table:
        if key not in keys:
            message = (
                f"{path}: unknown key '{prefix}{key}'. Correct or remove it; known are "
                f"{', '.join(prefix + known for known in keys)}."
            )
            raise WorkspaceError(message)
    for key, (kind, required) in keys.items():
        if key not in table:
            if required:
                message = f"{path}: the key '{prefix}{key}' is missing; it is {_KINDS[kind]}."
                raise WorkspaceError(message)
            continue
        if type(table[key]) is not kind:
            message = f"{path}: '{prefix}{key}' must be {_KINDS[kind]}."
            raise WorkspaceError(message)
