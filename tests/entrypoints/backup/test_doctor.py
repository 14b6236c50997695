"""The doctor's lines: a workspace that is well, and every failure provoked."""

import contextlib
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql

from despensa.domain.proposal import Reason
from despensa.entrypoints import wiring
from despensa.entrypoints.cli import doctor
from despensa.entrypoints.jobs import findings, health_books, health_files, print_files, rounds
from despensa.entrypoints.jobs.staging import stage
from tests.factories import shelf as shelves
from tests.factories.observing import digests


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """The doctor of this process looks at the books of the test."""
    monkeypatch.setattr(wiring, "start_django", lambda: None)
    monkeypatch.setattr(health_books, "CLOCK_APART_SECONDS", 10**9)


def _books_findings(books, **options):
    return {f.name: f for f in health_books.book_checks(books.tools, **{"mend": False} | options)}


def _file_findings(workspace, now):
    return {f.name: f for f in health_files.file_checks(workspace, now=now)}


def _files(books):
    return _file_findings(books.tools.workspace, books.clock.at)


def _databases(books, endpoints=None):
    found = health_books.database_checks(endpoints or books.endpoints, now=books.clock.at)
    return {f.name: f for f in found}


def _is(finding, verdict, *words):
    assert finding.verdict == verdict, finding
    assert all(word in finding.line() for word in words), finding.line()
    assert verdict == "ok" or finding.todo or finding.name == "databases"


def test_a_workspace_that_is_well_has_no_failure(leased_books):
    books = leased_books
    rounds.seal_log(books.tools)
    health_files.note_backup(books.tools.workspace, books.clock.at)
    before = digests(books.endpoints)

    found = [*_files(books).values(), *_databases(books).values(), *_books_findings(books).values()]

    assert [f.line() for f in found if f.verdict != "ok" and f.name != "lock"] == []
    assert {f.name for f in found} >= {
        "time zone", "folders", "disk", "writing to disk", "clock", "fonts", "keys", "lock", "key copies", "card links",
        "keys of cycles", "backup", "PostgreSQL", "server clock", "migrations", "privileges", "table owner",
        "two books", "printed sheets", "staged files", "approved proposals", "ledger", "log",
        "leaves",
    }  # fmt: skip
    assert digests(books.endpoints) == before


class TestFiles:
    """What lies in the folder."""

    def test_an_unknown_time_zone(self, founded_books):
        workspace = replace(founded_books.tools.workspace, time_zone="Mars/Olympus")

        _is(_file_findings(workspace, 0)["time zone"], "fail", "Mars/Olympus")

    def test_a_folder_that_others_may_enter(self, founded_books):
        (founded_books.folder / "keys").chmod(0o755)

        _is(_files(founded_books)["folders"], "fail", "keys", "chmod")

    def test_a_key_that_others_may_read(self, founded_books):
        (founded_books.folder / "keys/keeper/issuer.key").chmod(0o640)

        _is(_files(founded_books)["folders"], "fail", "issuer.key")

    def test_a_missing_folder(self, founded_books):
        (founded_books.folder / "facts").rmdir()

        _is(_files(founded_books)["folders"], "fail", "facts")

    @pytest.mark.parametrize("free, verdict", [(100 << 20, "fail"), (1 << 30, "warn")])
    def test_a_disk_that_fills_up(self, founded_books, monkeypatch, free, verdict):
        usage = type(shutil.disk_usage("/"))(10 << 30, 0, free)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

        _is(_files(founded_books)["disk"], verdict, "MB free")

    def test_a_slow_disk(self, founded_books, monkeypatch):
        monkeypatch.setattr(health_files, "FSYNC_SLOW_SECONDS", -1)

        _is(_files(founded_books)["writing to disk"], "warn", "slow")

    def test_a_disk_that_cannot_be_written(self, founded_books, monkeypatch):
        def broken(_):
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(os, "fsync", broken)

        _is(_files(founded_books)["writing to disk"], "fail", "Input/output")
        assert not list((founded_books.folder / "run").glob("fsync*"))

    def test_a_clock_before_the_workspace(self, founded_books):
        workspace = replace(
            founded_books.tools.workspace, created_at=datetime(2090, 1, 1, tzinfo=UTC)
        )

        _is(_file_findings(workspace, founded_books.clock.at)["clock"], "fail", "NTP")

    def test_a_changed_font(self, founded_books, monkeypatch, tmp_path):
        folder = health_files.resources.files("despensa.data").joinpath("fonts")
        shutil.copytree(folder, tmp_path / "fonts")
        (tmp_path / "fonts/NotoSerif-Bold.ttf").write_bytes(b"")
        monkeypatch.setattr(health_files.resources, "files", lambda _: tmp_path)

        _is(_files(founded_books)["fonts"], "fail", "NotoSerif-Bold.ttf")

    def test_a_missing_key_is_not_made_anew(self, founded_books):
        path = founded_books.folder / "keys/keeper/log.key"
        path.unlink()

        _is(_files(founded_books)["keys"], "fail", "log.key")
        assert not path.exists()

    @pytest.mark.parametrize("lost, verdict", [("a", "warn"), ("b", "warn"), ("ab", "fail")])
    def test_damaged_copies_of_the_links(self, carded_books, lost, verdict):
        for replica in lost:
            for path in (carded_books.folder / "keys/keeper/links" / replica).glob("*.links"):
                path.write_bytes(path.read_bytes()[:-1])

        _is(_files(carded_books)["card links"], verdict)

    def test_a_cycle_key_of_which_one_file_is_left(self, founded_books):
        books = founded_books
        books.keeper.cycles.make_frozen_keys(b"c" * 16)
        try:
            _is(_files(books)["keys of cycles"], "ok")
            next((books.folder / "keys/keeper/cycles/second").glob("*.frozen-map")).unlink()
            _is(_files(books)["keys of cycles"], "warn", "1 ")
        finally:
            books.keeper.cycles.keep_frozen_keys(b"c" * 16, root=b"c" * 16, until=0)
            books.keeper.cycles.destroy_frozen_keys(b"c" * 16, at=1)

    def test_no_backup_and_an_old_one(self, founded_books):
        books = founded_books
        _is(_files(books)["backup"], "warn", "none")
        health_files.note_backup(books.tools.workspace, books.clock.at)
        books.clock.forward(days=8)

        _is(_files(books)["backup"], "warn", "8 days")


class TestDatabases:
    """Servers, tables and privileges."""

    def test_a_database_that_does_not_answer(self, founded_books):
        there = founded_books.endpoints
        wrong = replace(there, ledger_app=there.ledger_app.replace("/books", "/nobooks", 1))
        if wrong == there:
            wrong = replace(there, ledger_app=there.ledger_app + "&port=1")

        _is(health_books.reachable(wrong), "fail", "ledger app")

    def test_an_old_server(self, founded_books, monkeypatch):
        monkeypatch.setattr(health_books.dump, "server_version", lambda _: 14)

        _is(_databases(founded_books)["PostgreSQL"], "fail", "14", "15")

    def test_clocks_that_differ(self, founded_books, monkeypatch):
        monkeypatch.setattr(health_books, "CLOCK_APART_SECONDS", 60)
        founded_books.clock.forward(days=-900)

        _is(_databases(founded_books)["server clock"], "warn", "differs")

    def test_a_migration_that_is_missing(self, founded_books):
        with shelves.as_owner(founded_books.endpoints, "ledger") as connection:
            connection.execute(
                "DELETE FROM django_migrations WHERE app = 'ledger' AND name >= '0004_life'"
            )

        found = _databases(founded_books)

        _is(found["migrations"], "fail", "ledger.0004_life", "despensa upgrade")
        assert "privileges" not in found

    def test_a_privilege_added_on_purpose(self, founded_books):
        role = shelves.Names(shelves_prefix(founded_books)).app("ledger")
        with shelves.as_owner(founded_books.endpoints, "ledger") as connection:
            connection.execute(
                sql.SQL("GRANT UPDATE ON transfer TO {}").format(sql.Identifier(role))
            )

        _is(_databases(founded_books)["privileges"], "fail", "ledger.transfer", "UPDATE")

    def test_one_role_for_everything(self, founded_books):
        there = founded_books.endpoints
        one = replace(there, registry_app=there.registry_owner, ledger_app=there.ledger_owner)

        _is(_databases(founded_books, one)["privileges"], "warn", "one role")

    def test_a_table_of_somebody_else(self, founded_books):
        name = shelves.Names(shelves_prefix(founded_books)).database("registry")
        with psycopg.connect(
            shelves.into(founded_books.endpoints.superuser, name), autocommit=True
        ) as connection:
            connection.execute("CREATE TABLE intruder (id int)")

        _is(_databases(founded_books)["table owner"], "fail", "intruder")

    def test_a_role_that_may_enter_both(self, founded_books):
        names = shelves.Names(shelves_prefix(founded_books))
        with psycopg.connect(founded_books.endpoints.superuser, autocommit=True) as connection:
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                    sql.Identifier(names.database("ledger")), sql.Identifier(names.app("registry"))
                )
            )

        _is(_databases(founded_books)["two books"], "fail", "registry", "REVOKE")


def shelves_prefix(books):
    return psycopg.conninfo.conninfo_to_dict(books.endpoints.registry_app)["dbname"][
        : -len("_registry")
    ]


class TestBooks:
    """Unfinished work, ledger and log."""

    def test_a_sheet_past_its_day_is_named_and_mended(self, carded_books):
        books = carded_books
        folder = print_files.folder_of(books.batch, books.tools)
        folder.mkdir(parents=True)
        (folder / "cards-1.pdf").write_bytes(b"codes")
        _is(_books_findings(books)["printed sheets"], "ok")
        books.clock.forward(days=8)

        _is(_books_findings(books)["printed sheets"], "fail", "--mend")
        _is(_books_findings(books, mend=True)["printed sheets"], "ok", "destroyed")

        assert not folder.exists()

    def test_a_staged_file_without_a_proposal_is_named_and_mended(self, founded_books):
        books = founded_books
        stage(books.register(), "register.csv", books.tools, acting=books.acting("ana"))
        books.keeper.staging.seal(bytes(range(16)), b"lost")

        _is(_books_findings(books)["staged files"], "warn", "1 without", "--mend")
        _is(_books_findings(books, mend=True)["staged files"], "ok", "destroyed")

        _is(_books_findings(books)["staged files"], "ok")
        assert len(list((books.folder / "run/staging").iterdir())) == 1

    def test_an_approved_proposal_nobody_carried_out(self, founded_books):
        books = founded_books
        books.approved(books.proposal("jorge", "publish_rule", Reason.PUBLISHED_PROGRAMME))
        _is(_books_findings(books)["approved proposals"], "ok")
        books.clock.forward(minutes=11)

        _is(_books_findings(books)["approved proposals"], "warn", "publish_rule")

    def test_a_ledger_that_does_not_balance(self, opened_books):
        with shelves.as_owner(opened_books.endpoints, "ledger") as connection:
            connection.execute("UPDATE account SET balance = balance + 1 WHERE kind = 3")

        _is(_books_findings(opened_books)["ledger"], "fail", "ledger check")

    def test_a_damaged_log(self, founded_books):
        books = founded_books
        rounds.seal_log(books.tools)
        for path in (books.folder / "log/tile/entries").rglob("*"):
            if path.is_file():
                path.write_bytes(b"\0\1x")

        _is(_books_findings(books)["log"], "fail")

    def test_a_log_that_was_rolled_back(self, founded_books):
        books = founded_books
        rounds.seal_log(books.tools)
        shutil.copytree(books.folder / "log", books.folder / "old-log")
        books.proposal("jorge", "publish_rule", Reason.PUBLISHED_PROGRAMME)
        rounds.seal_log(books.tools)
        shutil.rmtree(books.folder / "log")
        (books.folder / "old-log").rename(books.folder / "log")

        _is(_books_findings(books)["log"], "fail")

    def test_leaves_that_wait(self, founded_books):
        _is(_books_findings(founded_books)["leaves"], "warn", "wait")


class TestTheCommand:
    """What the whole says, and when it stops."""

    def _examine(self, books, monkeypatch, mend=False):
        @contextlib.contextmanager
        def databases(_):
            yield books.endpoints

        monkeypatch.setattr(wiring, "databases", databases)
        return list(doctor.examine(books.tools.workspace, mend=mend))

    def test_everything_in_one_look(self, leased_books, monkeypatch):
        found = self._examine(leased_books, monkeypatch)

        assert findings.is_healthy(found), [f.line() for f in found]
        assert len(found) == len({f.name for f in found}) == 26

    def test_a_server_that_does_not_start_is_a_finding(self, founded_books, monkeypatch):
        def refused(_):
            raise health_books.dump.DatabaseProblem("The server ended while starting.")

        monkeypatch.setattr(wiring, "databases", refused)

        found = list(doctor.examine(founded_books.tools.workspace, mend=False))

        assert not findings.is_healthy(found)
        assert "while starting" in found[-1].text

    def test_with_a_missing_key_nothing_is_opened(self, founded_books, monkeypatch):
        (founded_books.folder / "keys/keeper/kek-1.key").unlink()

        found = self._examine(founded_books, monkeypatch)

        assert not findings.is_healthy(found)
        assert "log" not in {f.name for f in found}
        assert not (founded_books.folder / "keys/keeper/kek-1.key").exists()
