"""`despensa decide run` and `differences` on a workspace; both engines decide the same rows."""

import pytest

from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.adapters.engine.test_spark import MASTER, needs_java
from tests.factories.books import new_cycle

ROWS = """
    SELECT household_id, outcome, clauses, line, unit, quantity FROM decision
    LEFT JOIN benefit_line USING (cycle_id, household_id)
    WHERE cycle_id = %s ORDER BY household_id, line"""


@needs_java
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_spark_decides_a_workspace_row_for_row_as_duckdb_does(decided_books, at, sign_in, despensa):
    books = at(decided_books)
    sign_in(books, "jorge")
    one, other = (new_cycle(books, code) for code in ("2026-12", "2027-01"))

    by_duckdb = despensa("decide", "run", "2026-12", "--json")
    by_spark = despensa(
        "decide", "run", "2027-01", "--engine", "spark", "--master", MASTER, "--json"
    )

    assert (by_duckdb.code, by_spark.code) == (0, 0), (by_duckdb.err, by_spark.err)
    told = [{key: value for key, value in said.json.items() if key not in {"cycle", "code"}}
            for said in (by_duckdb, by_spark)]  # fmt: skip
    assert [one.pop("engine") for one in told] == ["duckdb", "spark"]
    assert told[0] == told[1]
    rows = fetch(REGISTRY, ROWS, (one,))
    assert rows == fetch(REGISTRY, ROWS, (other,))
    assert len({row[0] for row in rows}) == told[0]["households"] > 0


def test_what_changed_since_is_listed_and_a_draft_has_nothing_frozen(
    decided_books, at, sign_in, despensa
):
    books = at(decided_books)
    sign_in(books, "jorge")
    new_cycle(books, "2026-12")

    said = despensa("decide", "differences", "2026-11", "--json")
    draft = despensa("decide", "differences", "2026-12")
    nothing = despensa("decide", "differences", "2031-01")

    assert said.code == 0, said.err
    assert [said.json[key] for key in ("changed", "new", "gone", "households")] == [0, 0, 0, []]
    assert (draft.code, nothing.code) == (1, 1)
    assert "has no frozen facts" in draft.err
