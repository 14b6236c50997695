"""
The PostgreSQL server that a workspace carries with it, and the way of other processes to it.

Decides when the server starts and stops; the server itself is a child of `watchdog.py`, which
outlives us just long enough to stop it. Source: docs/explanation/design.md, section 4.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import psycopg

from despensa.adapters.database import binaries as installed
from despensa.adapters.database import cluster, passwords, places, system_user, usage
from despensa.adapters.database.endpoints import Endpoints
from despensa.adapters.database.passwords import RandomBytes
from despensa.adapters.database.problem import DatabaseProblem
from despensa.adapters.database.provision import (
    close_shared_databases,
    endpoints_of,
    provision,
)
from despensa.adapters.database.sharing import (
    PREFIX,
    ROLES,
    AlreadySupervised,
    attach,
    refuse_if_running,
    superuser_url,
    write_record,
)
from despensa.adapters.database.waiting import ServerNotStarted, Silence, last_words, take_lock

__all__ = [
    "AlreadySupervised",
    "DatabaseProblem",
    "EmbeddedDatabase",
    "Endpoints",
    "ServerNotStarted",
    "attach",
    "attach_or_start",
]

_LOG_MAX_BYTES = 10_000_000
_LOOK_AGAIN_SECONDS = 1.0

_left_running: "list[subprocess.Popen[bytes]]" = []


class EmbeddedDatabase:
    """
    The server of one workspace, for as long as this object is started.

    Holds: at most one server per workspace; after `stop`, or however this process ends, the
    server is stopped unless another process has attached to it. Only the system user of this
    process can reach it, only with the passwords in keys/, and not over a network.
    `durable=False` is for demonstrations and tests: it does not survive a power cut.
    """

    def __init__(
        self,
        workspace_folder: Path,
        *,
        durable: bool = True,
        random_bytes: RandomBytes = os.urandom,
    ) -> None:
        """Name the workspace; nothing is touched before `start`."""
        self._folder = workspace_folder.resolve()
        self._durable = durable
        self._random_bytes = random_bytes
        self._use: usage.Use | None = None
        self._pipe: Path | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Endpoints:
        """Start the server and return its addresses."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()

    def start(self) -> Endpoints:
        """
        Start the server, waiting for crash recovery as long as it progresses.

        Raises: AlreadySupervised; any other DatabaseProblem, whose sentence says what to do.
        """
        try:
            for name in ("run", "keys", "pg"):
                (self._folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = take_lock(
                places.lock_path(self._folder),
                places.log_path(self._folder),
                refuse=lambda: refuse_if_running(self._folder),
            )
            try:
                return self._start_locked(lock)
            except BaseException:
                self.stop()
                raise
            finally:
                # From here on the watchdog and the server hold it.
                os.close(lock)
        except (OSError, psycopg.Error) as error:
            said = str(error).strip().partition("\n")[0]
            message = (
                f"The database in {self._folder} could not be started: {said}. Check that you "
                "may write there and that the disk is not full."
            )
            raise ServerNotStarted(message) from error

    def stop(self) -> None:
        """Stop using the server and, unless others use it, wait until it has shut down."""
        if self._use is None or self._pipe is None:
            return
        self._use.end()
        self._use = None
        if self._watchdog is None:
            return
        while usage.is_last(self._pipe):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._watchdog.wait(_LOOK_AGAIN_SECONDS)
                break
        else:
            # Others use it: it ends after us, and nobody is left here to be told.
            _left_running.append(self._watchdog)
        self._watchdog = None

    def _start_locked(self, lock: int) -> Endpoints:
        data = places.data_path(self._folder)
        user = system_user.choose(data)
        secrets = self._passwords(data)
        place = places.prepare(self._folder, user)
        programs = _runnable(installed.locate(), user, place)
        if not data.exists():
            cluster.make(
                data,
                binaries=programs,
                user=user,
                password=secrets[cluster.SUPERUSER],
                lock=lock,
                durable=self._durable,
            )
        _forget_dead_server(data)
        place.access_file.write_text(cluster.ACCESS_RULES, encoding="ascii")
        command = cluster.server_command(
            programs,
            data=places.data_argument(data, user),
            socket_folder=place.socket_folder,
            access_file=place.access_file,
            durable=self._durable,
        )
        superuser = superuser_url(secrets[cluster.SUPERUSER], place.socket_folder)
        self._watch(command, place, user, lock)
        self._await_ready(superuser, place.log)
        provision(superuser, secrets, prefix=PREFIX)
        close_shared_databases(superuser)
        write_record(place)
        return endpoints_of(superuser, secrets, prefix=PREFIX)

    def _passwords(self, data: Path) -> dict[str, str]:
        keys = self._folder / "keys"
        if data.exists():
            return dict(passwords.read(keys, ROLES))
        return dict(passwords.make(keys, ROLES, random_bytes=self._random_bytes))

    def _watch(
        self,
        command: list[str],
        place: places.Places,
        user: system_user.SystemUser | None,
        lock: int,
    ) -> None:
        if place.log.exists() and place.log.stat().st_size > _LOG_MAX_BYTES:
            place.log.replace(place.log.with_suffix(".log.1"))
        use, reading = usage.begin(place.pipe)
        self._use, self._pipe = use, place.pipe
        task = {
            "command": command,
            "environment": cluster.ENVIRONMENT,
            "data": str(place.data),
            "log": str(place.log),
            "record": str(place.record),
            "pipe": str(place.pipe),
            "private": str(place.private) if place.private else None,
            "reading": reading,
            "lock": lock,
            "uid": user.uid if user else None,
            "gid": user.gid if user else None,
        }
        script = Path(__file__).with_name("watchdog.py")
        descriptor = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._watchdog = subprocess.Popen(
                [sys.executable, "-I", "-S", str(script), json.dumps(task)],
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                pass_fds=(reading, lock),
                start_new_session=True,
            )
        finally:
            os.close(reading)
            os.close(descriptor)

    def _await_ready(self, superuser: str, log: Path) -> None:
        silence = Silence(log)
        while True:
            try:
                psycopg.connect(superuser, connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    message = (
                        "The database of this workspace does not accept the password in keys/. "
                        "Restore keys/ and pg/ from the same backup."
                    )
                    raise ServerNotStarted(message) from None
                if "Permission denied" in str(error):
                    message = (
                        f"The database server started, but its socket cannot be opened: {error} "
                        "Run Despensa as an ordinary user."
                    )
                    raise ServerNotStarted(message) from None
            else:
                return
            if self._watchdog is None or self._watchdog.poll() is not None:
                message = (
                    f"The database server ended while starting: {last_words(log)} "
                    f"The whole story is in {log}."
                )
                raise ServerNotStarted(message)
            silence.check("The database server")


@contextlib.contextmanager
def attach_or_start(workspace_folder: Path, *, durable: bool = True) -> Iterator[Endpoints]:
    """
    Give the addresses of the workspace's server, starting it when it does not run.

    Holds: the server runs at least until the block ends; the last user's end stops it.
    Raises: DatabaseProblem.
    """
    while True:
        attached = attach(workspace_folder)
        if attached is not None:
            endpoints, use = attached
            try:
                yield endpoints
            finally:
                use.end()
            return
        database = EmbeddedDatabase(workspace_folder, durable=durable)
        try:
            endpoints = database.start()
        except AlreadySupervised:
            continue
        try:
            yield endpoints
        finally:
            database.stop()
        return


def _runnable(
    programs: installed.Binaries, user: system_user.SystemUser | None, place: places.Places
) -> installed.Binaries:
    """Return programs that the server's user can start, copied where theirs are out of reach."""
    if user is None or place.private is None or cluster.can_run(programs, user):
        return programs
    return installed.copy_to(programs, place.private / "postgresql")


def _forget_dead_server(data: Path) -> None:
    """
    Remove the mark of a killed server.

    We hold the lock that every process of our server holds, so none of them lives; PostgreSQL
    itself would take any process that got the same number since (after a restart of a container
    it nearly always does) for the old server, and refuse to start.
    """
    (data / "postmaster.pid").unlink(missing_ok=True)
