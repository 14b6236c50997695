"""Where the rows of an import come from: a file, or the server of a form; and what maps them."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from despensa.adapters.register_file.faulty_rows import (
    english_reason,
    faulty_suffixes,
    write_faulty_rows,
)
from despensa.adapters.register_file.pull import pull_submissions
from despensa.domain.catalogue import Catalogue
from despensa.domain.registration.column_map import ColumnMap, parse_column_map
from despensa.domain.registration.fault import RowError
from despensa.domain.registration.register import RegisterFile
from despensa.entrypoints.cli.opened import tell
from despensa.entrypoints.cli.problems import Mistake

TOKEN_VARIABLE = "DESPENSA_FORM_TOKEN"  # noqa: S105 (the name of a variable)
_PULLED_NAME = "submissions.json"
_SMALL_FILE_MAX = 256 * 1024


@dataclass(frozen=True, slots=True)
class Given:
    """What is read, and the name it is known by."""

    content: Path | bytes
    name: str


def given(file: Path | None, pull: str | None, token_file: Path | None) -> Given:
    """
    Return the file, or what the server of a form gave.

    Raises: Mistake unless exactly one is named; PullError.
    """
    if (file is None) == (pull is None):
        raise Mistake("Name one file, or an address with --pull.")
    if file is not None:
        return Given(file, file.name)
    assert pull is not None
    content = pull_submissions(pull, _token(token_file), clock=time.monotonic)
    return Given(content, _PULLED_NAME)


def map_document(file: Path | None) -> Any:
    """
    Return what a YAML or JSON file of a column map holds, or None without one.

    Raises: Mistake.
    """
    if file is None:
        return None
    try:
        document: Any = yaml.safe_load(_small_text(file))
    except yaml.YAMLError as error:
        raise Mistake(f"{file} is no YAML: write lines like `heading: field`.") from error
    return {} if document is None else document


def column_map(document: Any, catalogue: Catalogue) -> ColumnMap | None:
    """
    Return the map that a file holds for a catalogue, or None without one.

    Raises: ColumnMapError.
    """
    return None if document is None else parse_column_map(document, catalogue)


def check_rejected(rejected: Path | None, name: str) -> None:
    """Refuse a folder that is not there before any work is done. Raises: Mistake."""
    if rejected is not None and not rejected.parent.is_dir():
        raise Mistake(f"{rejected.parent} is no folder: the faulty rows of {name} need one.")


def write_rejected(
    register: RegisterFile,
    rejected: Path | None,
    name: str,
    reason: Callable[[RowError], str] = english_reason,
) -> None:
    """
    Write the faulty rows where they are wanted; none are written when there are none.

    `reason` says in the reader's language what is wrong with a row.

    Raises: Mistake for an ending that cannot hold them so that they can be read again.
    """
    if rejected is None:
        return
    allowed = faulty_suffixes(register, Path(name).suffix)
    if rejected.suffix.casefold() not in allowed:
        raise Mistake(f"{rejected}: the faulty rows of {name} end in {' or '.join(allowed)}.")
    if not register.rejected:
        tell("no row is faulty; nothing was written")
        return
    rows = write_faulty_rows(register, rejected, reason=reason)
    tell(f"{rows} rows of households left out are in {rejected}: mend them, import that file")


def _token(token_file: Path | None) -> str:
    if token_file is not None:
        return _small_text(token_file).strip()
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise Mistake(f"Give the token of the form's server: --token-file, or {TOKEN_VARIABLE}.")
    return token


def _small_text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_SMALL_FILE_MAX + 1)
        if len(content) > _SMALL_FILE_MAX:
            raise Mistake(f"{file} is larger than {_SMALL_FILE_MAX // 1024} KiB.")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise Mistake(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Mistake(f"{file} is not in UTF-8; save it so.") from error
