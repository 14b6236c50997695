"""New files that a command writes for whoever asked, readable by nobody else on the machine."""

import os
from pathlib import Path

from despensa.entrypoints.cli.problems import Mistake


def new_file(out: Path, data: bytes) -> None:
    """Write a new file that nobody else on this machine reads. Raises: Mistake."""
    try:
        number = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(data)
    except OSError as error:
        raise Mistake(f"{out} cannot be written: {error.strerror}. Name a new file.") from error
