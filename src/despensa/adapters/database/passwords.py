"""
The passwords of the embedded server's roles: one file per role in keys/, readable by its owner.

One file per role, so that a process which needs one role can be given that file alone.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from despensa.adapters.database.problem import DatabaseProblem

_LENGTH_BYTES = 24

RandomBytes = Callable[[int], bytes]


class PasswordMissing(DatabaseProblem):
    """The database exists and the file with a password is gone."""


def path_of(keys: Path, role: str) -> Path:
    """Return the file that holds the password of `role`."""
    return keys / f"{role}.password"


def read(keys: Path, roles: Sequence[str]) -> Mapping[str, str]:
    """
    Return the passwords of `roles`.

    Raises: PasswordMissing with the file to restore.
    """
    found = {}
    for role in roles:
        path = path_of(keys, role)
        if not path.is_file():
            message = (
                f"The database of this workspace exists and its password file {path} does not. "
                "Restore the folder keys/ from the backup made with this database."
            )
            raise PasswordMissing(message)
        found[role] = path.read_text(encoding="ascii").strip()
    return found


def make(keys: Path, roles: Sequence[str], *, random_bytes: RandomBytes) -> Mapping[str, str]:
    """
    Return the passwords of `roles`, making and storing those that do not exist.

    Holds: a file appears whole or not at all, with mode 0600, and is on the disk on return.
    """
    for role in roles:
        path = path_of(keys, role)
        if path.exists():
            continue
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(random_bytes(_LENGTH_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    return read(keys, roles)
