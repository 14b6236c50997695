"""`despensa release`: proposed by one, approved by another, fetched, listed."""

import pytest

from despensa.domain.proposal import Reason
from despensa.entrypoints.jobs import actions
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.releases import queries
from tests.entrypoints.jobs.test_releasing import PUBLIC, checks_of, states

LATER = "2027-03-01"


@pytest.fixture
def office(decided_books, at, sign_in):
    books = at(decided_books)
    sign_in(books, "jorge")
    return books


def approved(books, said):
    assert said.code == 0, said.err
    proposal = type(books.cycle)(said.json["proposal"])
    actions.carry_out(books.approved(proposal), books.tools)
    return proposal


def test_a_package_and_a_report_go_from_proposal_to_recipient(office, despensa, tmp_path):
    asked = ("--recipient", "Court of Accounts", "--destroy-by", LATER, "--json")
    package = approved(
        office, despensa("release", "package", "2026-11", "--key", PUBLIC.hex(), *asked)
    )
    report = approved(
        office, despensa("release", "report", "2026-11", "--by", "sex", "--by", "item", *asked)
    )

    listed = despensa("release", "list", "--json")
    taken = despensa("release", "fetch", package, "--out", tmp_path / "cycle.package", "--json")
    table = despensa("release", "fetch", report, "--out", tmp_path / "report.csv")
    book = despensa("release", "fetch", report, "--out", tmp_path / "report.xlsx")
    again = despensa("release", "fetch", report, "--out", tmp_path / "report.xlsx")

    assert [(one["number"], one["kind"], one["state"]) for one in listed.json] == [
        (2, "report", "ready"), (1, "package", "ready"),
    ]  # fmt: skip
    assert (taken.code, table.code, book.code, again.code) == (0, 0, 0, 2)
    assert "does not hold" not in states(checks_of(office, tmp_path / "cycle.package")).values()
    assert "sex,female,people planned," in (tmp_path / "report.csv").read_text("utf-8-sig")
    assert (tmp_path / "report.xlsx").read_bytes()[:2] == b"PK"
    assert queries.release(report).fetches == 2
    [(reasons,)] = fetch(REGISTRY, "SELECT array_agg(reason ORDER BY number) FROM release")
    assert reasons == [Reason.AUDIT, Reason.AGREED_REPORT]


def test_what_cannot_be_is_one_sentence(office, despensa, tmp_path):
    asked = ("--recipient", "x", "--destroy-by", LATER)
    for code, words, arguments in (
        (2, "64 hexadecimal digits", ("package", "2026-11", "--key", "zz", *asked)),
        (1, "no cycle", ("package", "2031-01", "--key", PUBLIC.hex(), *asked)),
        (2, "breakdown", ("report", "2026-11", "--by", "name", *asked)),
        (2, "no id", ("fetch", "x", "--out", tmp_path / "a")),
        (1, "no such release", ("fetch", office.cycle, "--out", tmp_path / "a")),
    ):
        said = despensa("release", *arguments)
        assert (said.code, words in said.err) == (code, True), said
