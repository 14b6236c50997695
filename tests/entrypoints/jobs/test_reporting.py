"""The report of an agreement: exact totals to a named recipient, no line about a person."""

import csv
import io
from datetime import timedelta

import pytest

from despensa.adapters.release.report_file import as_csv, as_xlsx
from despensa.domain.proposal import ApprovalInvalid
from despensa.domain.release.package import ReleaseWrong, Wrong
from despensa.domain.release.report import Breakdown, ReportTerms, lines
from despensa.entrypoints.jobs import actions, package_files, reporting
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries as programmes
from despensa.records.releases import queries
from despensa.usecases.fetch_release import NoSuchRelease, fetch_release

EVERYTHING = (Breakdown.SEX, Breakdown.AGE, Breakdown.AREA, Breakdown.ITEM, Breakdown.POINT)


def proposed(books, *, breakdowns=EVERYTHING, recipient="Aid agency", days=30):
    terms = ReportTerms(recipient, books.tools.today() + timedelta(days=days), tuple(breakdowns))
    row = programmes.cycle(books.cycle)
    return reporting.propose(row, terms, books.tools, acting=books.acting("jorge"))


def made(books, **terms):
    proposal = books.approved(proposed(books, **terms))
    actions.carry_out(proposal, books.tools)
    return queries.release(proposal)


def sums(content, breakdown, measure):
    return {
        value: count
        for kind, value, what, count in content["lines"]
        if (kind, what) == (breakdown, measure)
    }


def test_its_totals_are_those_of_the_books(decided_books):
    # what the ledger would have reported of two points
    point = decided_books.acting().new_id()
    for name, count in (("delivered", 3), ("refused", 4)):
        execute(
            REGISTRY,
            """INSERT INTO cycle_total (cycle_id, point, point_names, day, name, count)
               VALUES (%s, %s, '{"es": "=Escuela"}', current_date, %s, %s)""",
            (decided_books.cycle, point, name, count),
        )

    content = made(decided_books).content

    [(households, people)] = fetch(
        REGISTRY,
        """SELECT count(DISTINCT household_id),
                  (SELECT count(*) FROM membership WHERE role IN (1, 2) AND until_date IS NULL
                   AND household_id IN (SELECT household_id FROM benefit_line))
           FROM benefit_line""",
    )
    assert sums(content, "all", "households planned") == {"": households}
    assert sums(content, "all", "people planned") == {"": people}
    assert sum(sums(content, "sex", "people planned").values()) == people
    assert sum(sums(content, "age", "people planned").values()) == people
    assert sum(sums(content, "sex and age", "people planned").values()) == people
    assert sum(sums(content, "area", "households planned").values()) == households
    assert sums(content, "all", "deliveries") == {"": 3}
    assert sums(content, "point", "deliveries") == {"=Escuela": 3}
    [(quantity,)] = fetch(REGISTRY, "SELECT sum(quantity)::int FROM benefit_line")
    assert sums(content, "item", "quantity planned") == {"parcel": quantity}
    rows = list(csv.reader(io.StringIO(as_csv(content).decode("utf-8-sig"))))
    assert rows == [[str(cell) for cell in line] for line in lines(content)]
    assert any(row[1] == "'=Escuela" for row in rows)
    assert as_xlsx(content)[:2] == b"PK"


def test_its_hash_is_told_to_nobody_and_its_copy_ends(decided_books):
    books = decided_books
    release = made(books, days=1)

    leaves = [bytes(leaf) for (leaf,) in fetch(REGISTRY, "SELECT leaf FROM leaf_queue")]
    assert not any(release.sha256 in leaf for leaf in leaves)
    assert fetch_release(release.id, acting=books.acting("jorge")).content is not None
    books.clock.forward(days=1)
    assert package_files.destroy_due(books.tools) == 1
    assert queries.release(release.id).content is None
    with pytest.raises(NoSuchRelease):
        fetch_release(release.id, acting=books.acting("jorge"))


def test_what_is_not_held_for_reports_is_not_counted(decided_books):
    for wrong, terms in (
        (Wrong.NOT_FOR_REPORTS, {"breakdowns": [Breakdown.DISABILITY]}),
        (Wrong.BREAKDOWN, {"breakdowns": []}),
        (Wrong.RECIPIENT, {"recipient": ""}),
        (Wrong.DESTROY_BY, {"days": 0}),
    ):
        with pytest.raises(ReleaseWrong) as refused:
            proposed(decided_books, **terms)
        assert refused.value.wrong is wrong


def test_other_households_than_agreed_to_are_not_reported(decided_books, endpoints):
    from tests.usecases.test_rebuild_register import intruder

    proposal = decided_books.approved(proposed(decided_books))
    with intruder(decided_books, endpoints) as connection:
        connection.execute("DELETE FROM benefit_line")

    with pytest.raises(ApprovalInvalid):
        actions.carry_out(proposal, decided_books.tools)
    assert queries.release(proposal) is None
