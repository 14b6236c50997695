"""Many small files are not a way round the second person: a day's rows are summed."""

import csv
import io
import uuid
from datetime import date

import psycopg
import pytest

from despensa.adapters.register_file.reader import read_register
from despensa.domain.catalogue import load_catalogue
from despensa.domain.registration.alone import (
    ROWS_WITHOUT_APPROVAL,
    ROWS_WITHOUT_APPROVAL_IN_ALL,
    ApprovalNeeded,
)
from despensa.domain.role import Permission, Role
from despensa.entrypoints.jobs import actions, previewing, staging
from despensa.records.databases import REGISTRY
from despensa.records.registry import queries
from despensa.records.staff.queries import reach_of
from despensa.usecases.add_staff import NewStaff, add_staff
from tests.factories.observing import at_once, count, digests, raised
from tests.factories.shelf import as_app

HEADINGS = ("household_number", "person_number", "full_name", "birth_date", "sex", "role")


def _file(books, name, rows):
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows(
        (f"{name}-{at}", 1, f"Rosa Núñez {name} {at}", "1984-05-01", "female", "head")
        for at in range(rows)
    )
    return read_register(
        stream.getvalue().encode(), filename=f"{name}.csv", today=books.tools.today(),
        workspace_country="VE", catalogue=load_catalogue(),
    )  # fmt: skip


def _alone(books, name, rows, *, by="ana"):
    register = _file(books, name, rows)
    return staging.take_in_small(register, name, books.tools, acting=books.acting(by))


def _registrar(books, name):
    today = books.tools.today()
    books.staff[name] = add_staff(
        NewStaff(
            name, None, name, "en", [Role.REGISTRAR], books.root_area, today, date(2030, 1, 1)
        ),
        acting=books.acting(),
    )  # fmt: skip


def test_small_files_of_one_person_and_day_are_summed(founded_books):
    books = founded_books
    _alone(books, "a", 30)
    _alone(books, "b", ROWS_WITHOUT_APPROVAL - 30)
    before = digests(books.endpoints)

    with pytest.raises(ApprovalNeeded) as told:
        _alone(books, "c", 1)

    assert digests(books.endpoints) == before
    assert "You took in 50 today" in str(told.value)
    assert "second person" in str(told.value)
    assert "tomorrow" in str(told.value)


def test_the_next_day_begins_at_the_workspaces_midnight(founded_books):
    books = founded_books
    _alone(books, "a", ROWS_WITHOUT_APPROVAL)
    # noon in Caracas: its midnight is 4 o'clock of the next day in UTC
    books.clock.forward(hours=11, minutes=59)
    with pytest.raises(ApprovalNeeded):
        _alone(books, "b", 1)

    books.clock.forward(minutes=1)

    assert _alone(books, "b", ROWS_WITHOUT_APPROVAL).households == ROWS_WITHOUT_APPROVAL


def test_the_whole_office_has_a_sum_too(founded_books):
    books = founded_books
    people = [f"registrar-{n}" for n in range(ROWS_WITHOUT_APPROVAL_IN_ALL // 50 + 1)]
    for name in people:
        _registrar(books, name)
    *before, last = people
    for name in before:
        _alone(books, name, ROWS_WITHOUT_APPROVAL, by=name)

    with pytest.raises(ApprovalNeeded, match=f"all together {ROWS_WITHOUT_APPROVAL_IN_ALL}"):
        _alone(books, last, 1, by=last)


@pytest.mark.parametrize("by", [("ana", "ana"), ("ana", "ben")], ids=["one person", "two"])
def test_two_files_at_once_do_not_both_pass_the_sum(founded_books, monkeypatch, by):
    books = founded_books
    _registrar(books, "ben")
    if by == ("ana", "ben"):
        monkeypatch.setattr(
            "despensa.domain.registration.alone.ROWS_WITHOUT_APPROVAL_IN_ALL",
            ROWS_WITHOUT_APPROVAL,
        )

    ended = at_once(
        *[lambda n=n, who=who: _alone(books, f"f{n}", 30, by=who) for n, who in enumerate(by)]
    )

    assert [type(error) for error in raised(ended)] == [ApprovalNeeded]
    assert count(REGISTRY, "household") == 30


def test_the_database_refuses_more_by_itself(founded_books):
    with (
        as_app(founded_books.endpoints, "registry") as connection,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        connection.execute(
            "INSERT INTO rows_taken_alone (day, staff, rows) VALUES (%s, %s, %s)",
            ("2026-11-21", uuid.UUID(int=1), ROWS_WITHOUT_APPROVAL + 1),
        )


def test_rows_with_a_second_person_are_not_counted(founded_books):
    books = founded_books
    proposal = staging.stage(
        _file(books, "large", 60), "large.csv", books.tools, acting=books.acting("ana")
    )
    actions.carry_out(books.approved(proposal), books.tools)

    assert _alone(books, "a", ROWS_WITHOUT_APPROVAL).households == ROWS_WITHOUT_APPROVAL


def test_a_known_file_spends_nothing(founded_books):
    books = founded_books
    _alone(books, "a", 30)
    with pytest.raises(previewing.FileKnown):
        _alone(books, "a", 30)

    assert _alone(books, "b", 20).households == 20


def test_the_office_proposes_what_may_not_come_in_alone_any_more(founded_books):
    books = founded_books
    _alone(books, "a", ROWS_WITHOUT_APPROVAL)
    preview = previewing.keep_preview(
        _file(books, "b", 5), "b.csv", books.tools, acting=books.acting("ana"), is_strict=False
    )

    proposal = previewing.submit(preview, books.tools, acting=books.acting("ana"))

    assert proposal is not None
    reach = reach_of(books.staff["ana"], Permission.PROPOSE_IMPORT, books.tools.today())
    assert proposal in {row.proposal for row in queries.imports(reach=reach)}
