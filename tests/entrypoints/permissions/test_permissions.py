"""
Every door, method and role against the reviewed table, and every cell tried.

A door that is not in the table, and a line whose door is gone, fail alike.
"""

import contextlib
import hashlib
import tomllib
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from typer.testing import CliRunner

from despensa.domain.role import Permission, Role
from despensa.entrypoints import wiring
from despensa.entrypoints.api.urls import LOCKS
from despensa.entrypoints.cli.doors import DOORS
from despensa.entrypoints.cli.main import app
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.open_command_session import open_command_session
from tests.entrypoints.permissions.walk import (
    COLUMNS,
    METHODS,
    addresses,
    commands,
    operations,
)

TABLE = tomllib.loads((Path(__file__).parent / "permissions.toml").read_text(encoding="utf-8"))
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NOBODY = "00000000-0000-4000-8000-000000000000"
RULE = str(resources.files("despensa.data").joinpath("rules/food-parcel.yaml"))
HOUSEHOLD = str(Path(__file__).parent / "household.json")
ARGUMENTS = {
    "import": ["no-such-file.csv"],
    "area import": ["no-such-file.csv"],
    "register list": [],
    "register undo": [NOBODY, "--reason", "wrong_file"],
    "register pair": [NOBODY, "1"],
    "proposal list": [],
    "proposal show": [NOBODY],
    "proposal approve": [NOBODY, "--password", "x", "--code", "000000"],
    "proposal refuse": [NOBODY],
    "payment provider": ["b", "--rail", "table", "--account", "phone", "--name", "B"],
    "payment payee": [NOBODY, "--provider", "b"],
    "payment confirm": [NOBODY],
    "payment draft": [NOBODY, "--provider", "b", "--currency", "EUR", "--pay-on", "2026-12-01"],
    "payment approve": [NOBODY, "--file-hash", "00", "--password", "x", "--code", "000000"],
    "payment list": [],
    "payment tasks": [],
    "payment file": [NOBODY, "--out", "no-such-folder/file"],
    "payment statement": ["pyproject.toml", "--kind", "camt053"],
    "payment lines": ["00"],
    "payment resolve": ["x", "--paid"],
    "cycle list": [],
    "cycle explain": [NOBODY],
    "cycle close": [NOBODY],
    "cycle settle": [NOBODY],
    "cycle fade": [NOBODY],
    "cycle withdraw": [NOBODY],
    "cycle child": [NOBODY, "--kind", "top-up"],
    "cycle children": [NOBODY],
    "cycle propose": [NOBODY],
    "decide run": [NOBODY],
    "decide slip": [NOBODY, "--out", "no-such-folder/slip"],
    "decide paper": [NOBODY, "--out", "no-such-folder/paper.pdf"],
    "release package": [NOBODY, "--recipient", "x", "--key", "00", "--destroy-by", "2027-01-01"],
    "release report": [NOBODY, "--recipient", "x", "--by", "sex", "--destroy-by", "2027-01-01"],
    "decide differences": [NOBODY],
    "release list": [],
    "release fetch": [NOBODY, "--out", "no-such-folder/copy"],
    "household show": [NOBODY],
    "household split": [NOBODY, "--person", NOBODY, "--reason", "x"],
    "household merge": [NOBODY, "--other", NOBODY, "--reason", "x"],
    "household move": [NOBODY, "--area", "x", "--reason", "x"],
    "household birth": [NOBODY, "--full-name", "x", "--born", "2026-01-01", "--reason", "x"],
    "household death": [NOBODY, "--person", NOBODY, "--reason", "x"],
    "household leave": [NOBODY, "--person", NOBODY, "--reason", "x"],
    "household join": [NOBODY, "--reason", "x"],
    "household head": [NOBODY, "--person", NOBODY, "--reason", "x"],
    "household collector": [NOBODY, "--collector", NOBODY, "--reason", "x"],
    "household withdraw": [NOBODY, "--collector", NOBODY, "--reason", "x"],
    "dedup run": [],
    "dedup list": [],
    "dedup show": [NOBODY],
    "dedup decide": [NOBODY, "--verdict", "asked"],
    "household undo": [NOBODY, "--change", NOBODY],
    "household institution": [
        "--kind",
        "shelter",
        "--names",
        "en=x",
        "--office",
        "en=x",
        "--area",
        "x",
    ],
    "desk enrol": [HOUSEHOLD],
    "desk refuse": ["--reason", "not_agreed", "--area", "x"],
    "desk appoint": ["--bring", "nothing", "--area", "x"],
    "desk bind": ["C7Q4-88KD-2", "--household", NOBODY],
    "desk spoil": ["C7Q4-88KD-2"],
    "desk replace": ["C7Q4-88KD-2", "--by", "C7Q4-88KD-2"],
    "card order": ["--help-line", "1", "--stock", "1"],
    "card count": [NOBODY, "--good", "1"],
    "card list": [NOBODY, "--out", "/nowhere/list.pdf"],
    "card send": [NOBODY, "--shop", "Sol", "--key", "age1"],
    "card package": [NOBODY, "--out", "/nowhere/package.age"],
    "card return": [NOBODY, "/nowhere/return.csv"],
    "desk introducers": ["--area", "x", "--person", "2", "--office", "9"],
    "correction list": [],
    "correction show": [NOBODY],
    "correction ask": [NOBODY, "--person", NOBODY, "--set", "address=x", "--reason", "misspelt"],
    "correction refuse": [NOBODY, "--reason", "not_shown"],
    "correction undo": [NOBODY],
    "grievance list": [],
    "grievance show": [NOBODY],
    "grievance bring": [NOBODY, "--ground", "fact_wrong"],
    "grievance answer": [NOBODY, "--answer", "withdrawn"],
    "grievance prepare": [NOBODY],
    "grievance paper": [NOBODY, "--out", "no-such-folder/paper.pdf"],
    "person erase": [NOBODY, "--person", NOBODY, "--reason", "person_asked"],
    "person receipt": [NOBODY],
    "catalogue show": [],
    "catalogue check": [RULE],
    "catalogue propose": [RULE],
    "programme end": ["none"],
    "partner propose": [
        *("x.example.org", "--name", "X", "--key", "00", "--purpose", "assess_assistance"),
        *("--field", "area", "--until", "2027-01-01"),
    ],
    "partner list": [],
    "keys rotate": ["issuer"],
    "keys escrow": ["--custodian", "ana=age1none"],
    "keys drill": [RULE, "--identity", RULE],
    "partner revoke": [NOBODY],
    "stock show": ["x"],
    "stock write": ["x", "count", "--item", "parcel=1"],
    "stock reverse": [NOBODY],
    "stock contents": ["parcel", "--item", "rice=1"],
    "phone offer": ["--area", "x"],
    "phone list": [],
    "phone revoke": [NOBODY],
    "phone prepare": [NOBODY, "--point", "x"],
    "partner consent": [
        *(NOBODY, "--partner", NOBODY, "--purpose", "assess_assistance", "--field", "area"),
        *("--given-by", NOBODY, "--until", "2027-01-01"),
    ],
    "partner withdraw": [NOBODY, NOBODY],
    "partner receipt": [NOBODY, NOBODY],
    "wallet offer": [NOBODY, NOBODY],
    "wallet end": [NOBODY, NOBODY],
    "identity ask": [NOBODY, NOBODY],
    "identity order": ["--help-line", "0"],
    "identity count": [NOBODY, "--good", "1"],
    "identity hand-over": [NOBODY],
    "programme schedule": [
        *("none", "--day", "5", "--from", "2026-12-01", "--until", "2027-11-30"),
    ],
    "programme collectors": ["none", "--person", "2", "--institution", "9"],
    "staff list": [],
    "staff propose": ["somebody", "--name", "Somebody", "--role", "auditor"],
    "staff welcome": ["somebody"],
    "programme define": ["scheme", "--names", "en=Scheme", "--unit", "parcel;en=parcel"],
    "rule propose": [RULE, "--programme", "none"],
    "rule diff": [RULE, "--programme", "none"],
    "rule preview": [RULE, "--programme", "none"],
}


@pytest.fixture
def staff(founded_books, monkeypatch):
    """One member of staff per role, one without any, by column."""
    books = founded_books
    monkeypatch.setattr(wiring, "tools", lambda: books.tools)
    days = (books.tools.today(), date.today())
    from_date, until = min(days) - timedelta(2), max(days) + timedelta(2)
    return {
        column: add_staff(
            NewStaff(
                column,
                f"{column}-is-not-a-secret",
                column,
                "en",
                [] if column == "no_role" else [Role(column)],
                books.root_area,
                from_date,
                until,
            ),
            acting=books.acting(),
        )
        for column in COLUMNS
        if column != "anonymous"
    }


def row(*allowed):
    return "".join("y" if column in allowed else "-" for column in COLUMNS)


def test_the_columns_are_everybody_there_is():
    assert tuple(TABLE["columns"]) == COLUMNS
    rows = [*TABLE["url"].values(), *TABLE["command"].values()]
    assert all(len(one) == len(COLUMNS) and set(one) <= set("y-") for one in rows)


def test_every_address_has_its_lines_and_no_line_is_left_over():
    there = {f"{method} {one.route}" for one in addresses() for method in METHODS}

    assert there - TABLE["url"].keys() == set(), "doors without a line: review them"
    assert TABLE["url"].keys() - there == set(), "lines without a door"


def test_every_operation_has_its_line_and_no_line_is_left_over():
    there = {name: f"{LOCKS[name]} {what}" for name, what in operations().items()}

    assert there == TABLE["operation"]
    routes = {one.route.replace("<path:piece>", "{piece}") for one in addresses()}
    assert {what.split()[1] for what in operations().values()} <= routes


def test_every_command_has_its_line_and_its_lock():
    there = {*commands(), "import --dry-run"}

    assert there - TABLE["command"].keys() == set(), "commands without a line: review them"
    assert TABLE["command"].keys() - there == set(), "lines without a command"
    assert set(DOORS) == there


def is_refused(answer):
    if answer.status_code == 403:
        return True
    return answer.status_code == 302 and answer["Location"].startswith("/account/login/")


def test_every_address_lets_in_exactly_whom_the_table_names(staff):
    wrong = []
    clients = {column: Client(raise_request_exception=False) for column in COLUMNS}
    users = {column: User.objects.get(username=column) for column in staff}
    for column, client in clients.items():
        for one in addresses():
            for method in METHODS:
                if column != "anonymous" and not _is_signed_in(client):
                    client.force_login(users[column], backend=BACKEND)
                answer = client.get(one.path) if method == "GET" else client.post(one.path)
                passes = TABLE["url"][f"{method} {one.route}"][COLUMNS.index(column)] == "y"
                if is_refused(answer) == passes:
                    wrong.append(f"{column} {method} {one.route}: {answer.status_code}")
                if answer.status_code >= 500:
                    wrong.append(f"{column} {method} {one.route}: broke ({answer.status_code})")

    assert not wrong, "\n".join(wrong)


def _is_signed_in(client):
    cookie = client.cookies.get("sessionid")
    return cookie is not None and bool(cookie.value)


def test_nothing_is_changed_without_the_token_of_a_form(staff):
    wrong = []
    users = [User.objects.get(username=column) for column in ("registrar", "approver")]
    for user in users:
        for one in addresses():
            client = Client(enforce_csrf_checks=True, raise_request_exception=False)
            client.force_login(user, backend=BACKEND)
            for method in ("post", "put", "patch", "delete"):
                status = getattr(client, method)(one.path).status_code
                is_signed = one.route in TABLE["without_token"] and method == "post"
                if not is_signed and status not in {403, 405}:
                    wrong.append(f"{method} {one.route}: {status}")

    assert not wrong, "\n".join(wrong)


def test_every_command_lets_in_exactly_whom_the_table_names(staff, founded_books, monkeypatch):
    tools = founded_books.tools
    monkeypatch.setattr(wiring, "databases", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(wiring, "open_tools", lambda _: tools)
    monkeypatch.setenv("DESPENSA_WORKSPACE", str(founded_books.folder))
    from despensa.entrypoints.cli.opened import session_file

    wrong = []
    asking = {name for name, lock in DOORS.items() if isinstance(lock, Permission)}
    assert asking <= set(ARGUMENTS), "say how to call the new commands"
    for column in COLUMNS:
        secret = hashlib.sha256(column.encode()).digest()
        session_file(tools.workspace).unlink(missing_ok=True)
        if column != "anonymous":
            open_command_session(
                hashlib.sha256(secret).digest(),
                staff=staff[column],
                acting=tools.acting(staff[column]),
            )
            session_file(tools.workspace).write_bytes(secret)
        for name in sorted(asking):
            result = CliRunner().invoke(app, [*name.split(), *ARGUMENTS[name]])
            said = str(result.exception)
            shut = "asks for the permission" in said or "Nobody is signed in" in said
            if shut == (TABLE["command"][name][COLUMNS.index(column)] == "y"):
                wrong.append(f"{column} {name}: {said}")

    assert not wrong, "\n".join(wrong)


def test_a_session_of_the_command_line_ends_by_itself(staff, founded_books, monkeypatch):
    from despensa.entrypoints.cli.opened import session_file, signed_in

    tools = founded_books.tools
    open_command_session(
        hashlib.sha256(b"secret").digest(),
        staff=staff["registrar"],
        acting=tools.acting(staff["registrar"]),
    )
    session_file(tools.workspace).write_bytes(b"secret")
    assert signed_in(tools).name == "registrar"

    founded_books.clock.forward(hours=8)

    assert signed_in(tools) is None


def test_doors_that_show_people_are_for_few():
    """The table once more from the other side: who may ever see or move people in bulk."""
    assert TABLE["url"]["GET /households/"] == row("registrar", "grievance_officer")
    assert TABLE["command"]["cycle explain"] == row("registrar", "grievance_officer")
    assert TABLE["command"]["import"] == row("registrar")
    assert TABLE["command"]["proposal approve"] == row("approver")
    for person_free in ("system_administrator", "security_officer", "auditor"):
        place = COLUMNS.index(person_free)
        assert TABLE["url"]["GET /households/<uuid:household_id>/"][place] == "-"
