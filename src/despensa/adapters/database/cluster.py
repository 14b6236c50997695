"""
Makes the data folder of the embedded server and holds its settings.

The settings go on the server's command line at every start, so that an older data folder gets
today's settings and nothing is written into a folder that another user owns.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from despensa.adapters.database.binaries import Binaries
from despensa.adapters.database.places import data_argument
from despensa.adapters.database.problem import DatabaseProblem
from despensa.adapters.database.system_user import SystemUser

SUPERUSER = "despensa_superuser"

# The server's own process environment: none of ours, which holds addresses with passwords.
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}

# One password method for everybody and no network. Source: PostgreSQL documentation, 20.1.
ACCESS_RULES = f"""\
local all all scram-sha-256
local replication {SUPERUSER} scram-sha-256
"""

# For one small computer. The logging lines keep values of people out of postgres.log.
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    # taken up only as the books grow: below this, a merge of a large cycle reads pages again and again
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    # what a register writes while the log is being made safe: smaller, its writer waits for the disk
    "wal_buffers": "64MB",
    # solid disks: looking 500 rows up by their keys beats reading a whole table
    "random_page_cost": "1.1",
    # checkpoints write what changed; writing ahead of them writes pages that change again at once
    "bgwriter_lru_maxpages": "0",
    "jit": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    # a new WAL file is written once, not twice; the files of a running server are used again anyway
    "wal_init_zero": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "password_encryption": "scram-sha-256",
    "client_connection_check_interval": "10s",
    "log_startup_progress_interval": "5s",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "logging_collector": "off",
}
# For demonstrations and tests, whose data nobody needs after a power cut.
_THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class ClusterNotMade(DatabaseProblem):
    """The data folder of the server could not be made."""


def running_as(user: SystemUser | None) -> dict[str, Any]:
    """Return the arguments of subprocess that hand a program to `user`."""
    if user is None:
        return {}
    return {"user": user.uid, "group": user.gid, "extra_groups": []}


def can_run(binaries: Binaries, user: SystemUser | None) -> bool:
    """Return whether `user` may start the server program where it lies."""
    try:
        tried = subprocess.run(
            [str(binaries.postgres), "--version"],
            env=ENVIRONMENT,
            capture_output=True,
            check=False,
            **running_as(user),
        )
    except PermissionError:
        return False
    return tried.returncode == 0


def server_command(
    binaries: Binaries,
    *,
    data: str,
    socket_folder: Path,
    access_file: Path,
    durable: bool,
) -> list[str]:
    """Return the command line of the server; `data` is what `data_argument` returned."""
    settings = {
        **_SETTINGS,
        "unix_socket_directories": str(socket_folder),
        "hba_file": str(access_file),
        **({} if durable else _THROW_AWAY),
    }
    command = [str(binaries.postgres), "-D", data]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return command


def make(
    data: Path,
    *,
    binaries: Binaries,
    user: SystemUser | None,
    password: str,
    lock: int,
    durable: bool,
) -> None:
    """
    Make the data folder with checksums, UTF-8, byte order and the super-user's password.

    Holds: `data` appears whole or not at all. Locks: the server lock, which initdb inherits, so
    that a second attempt waits until an orphaned first one has ended.
    Raises: ClusterNotMade with what initdb said last.
    """
    partial = data.with_name(data.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    # initdb wants an empty folder and its user may not walk the folders above: the password lies
    # beside, and initdb reads it through the descriptor it inherits.
    secret = data.with_name("password.partial")
    secret.unlink(missing_ok=True)
    descriptor = os.open(secret, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, password.encode() + b"\n")
        # On macOS the reader shares our position in the file.
        os.lseek(descriptor, 0, os.SEEK_SET)
        if user is not None:
            os.chown(partial, user.uid, user.gid)
            os.fchown(descriptor, user.uid, user.gid)
        _run_initdb(partial, binaries, user, descriptor, lock, durable=durable)
    finally:
        os.close(descriptor)
        secret.unlink()
    partial.rename(data)


def _run_initdb(
    folder: Path,
    binaries: Binaries,
    user: SystemUser | None,
    secret: int,
    lock: int,
    *,
    durable: bool,
) -> None:
    command = [
        str(binaries.initdb),
        *("-D", data_argument(folder, user)),
        *("--username", SUPERUSER, f"--pwfile=/dev/fd/{secret}", "--auth=scram-sha-256"),
        *("--data-checksums", "--encoding=UTF8", "--locale=C"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
        *(() if durable else ("--no-sync",)),
    ]
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=(lock, secret),
            **running_as(user),
        )
    except PermissionError as error:
        whom = f"the user {user.name!r}" if user else "you"
        message = (
            f"PostgreSQL does not run as root, and {whom} may not start {binaries.initdb} here "
            f"({error.strerror}). Run Despensa as an ordinary user."
        )
        raise ClusterNotMade(message) from error
    if ended.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        said = (ended.stderr or ended.stdout).strip().splitlines() or ["no explanation"]
        message = (
            f"The database folder {folder.parent} could not be made: {said[-1]} "
            "Check that the disk has 200 MB free and that the folder can be written."
        )
        raise ClusterNotMade(message)
