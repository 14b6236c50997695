"""New files that a command writes for whoever asked, readable by nobody else on the machine."""

import os
from pathlib import Path

from despensa.entrypoints.cli.problems import Mistake


def check_new(out: Path | None) -> None:
    """Say before anything is done that a new file cannot be made there. Raises: Mistake."""
    if out is None:
        return
    if out.exists() or out.is_symlink():
        raise Mistake(f"{out} is there already: nothing was done. Name a new file.")
    if not os.access(out.parent, os.W_OK | os.X_OK) or not out.parent.is_dir():
        raise Mistake(f"{out.parent} is no folder to write in: nothing was done. Name another.")


def new_file(out: Path, data: bytes) -> None:
    """Write a new file that nobody else on this machine reads. Raises: Mistake."""
    try:
        number = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(data)
    except OSError as error:
        raise Mistake(f"{out} cannot be written: {error.strerror}. Name a new file.") from error
