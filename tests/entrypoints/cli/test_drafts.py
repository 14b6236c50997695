"""Drafts at the command line: beside the version before, counted coarsely, logged, fifty a day."""

import psycopg
import pytest

from despensa.adapters.engine.preview import DuckDBPreview
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.preview import Counted, Split
from despensa.entrypoints.jobs import drafting, retention
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.programmes.preview_store import PreviewsUsedUp
from tests.factories import books as factory
from tests.factories.observing import at_once, count, raised
from tests.factories.shelf import as_app

DAY_SECONDS = 86_400


@pytest.fixture
def draft(tmp_path):
    """A draft that asks for five years more of the older than the published rule does."""
    path = tmp_path / "draft.yaml"
    path.write_text(factory.rule_text().replace("value: 60", "value: 65", 1), encoding="utf-8")
    return path


@pytest.fixture
def books(decided_books, at, sign_in):
    """Books with a decided cycle, and the programme manager signed in."""
    at(decided_books)
    sign_in(decided_books, "jorge")
    return decided_books


@pytest.fixture
def programme(books):
    """The code of the programme."""
    return fetch(REGISTRY, "SELECT code FROM programme")[0][0]


def test_a_draft_stands_beside_the_last_version(despensa, programme, draft):
    said = despensa("rule", "diff", draft, "--programme", programme)
    asked = despensa("rule", "diff", draft, "--programme", programme, "--version", "7")

    assert said.code == 0
    assert "parameter older_age" in said.out
    assert "- 60 from 2026-01-01" in said.out
    assert "+ 65 from 2026-01-01" in said.out
    assert (asked.code, "no published version 7" in asked.err) == (1, True)


def test_a_preview_tells_coarse_numbers_and_is_logged_with_its_hash(
    despensa, books, programme, draft
):
    leaves = count(REGISTRY, "journal")

    said = despensa("rule", "preview", draft, "--programme", programme, "--json")

    assert said.code == 0, said.err
    told = said.json
    numbers = [*told["outcomes"].values(), *told["entitled"]["by_area"].values()]
    assert all(one == "<20" or (one >= 20 and one % 10 == 0) for one in numbers)
    assert (told["last_version"], told["left_today"]) == (1, 49)
    assert told["examples"]
    assert any("counts as sixty" in warning for warning in told["warnings"])
    digest = rule_hash(parse_text(draft.read_text(encoding="utf-8")))
    assert told["hash"] == digest.hex()
    assert count(REGISTRY, "journal") == leaves + 1
    [(content,)] = fetch(
        REGISTRY,
        """SELECT bytes FROM journal_content JOIN journal USING (entry)
           JOIN leaf_number USING (entry) ORDER BY number DESC LIMIT 1""",
    )
    assert digest in bytes(content)
    assert b"preview_rule" in bytes(content)
    assert not list(books.tools.workspace.facts.glob("preview-*"))


def test_the_fifty_first_preview_of_a_day_is_refused_by_code_and_database(
    despensa, books, programme, draft
):
    despensa("rule", "preview", draft, "--programme", programme)
    row = "SELECT gen_random_uuid(), staff, day, {n}, programme_id, rule_hash, text, false, at"
    insert = (
        "INSERT INTO rule_preview (id, staff, day, number, programme_id, rule_hash, text, is_own, "
        f"at) {row} FROM rule_preview WHERE number = 1"
    )
    with as_app(books.endpoints, "registry") as connection:
        connection.execute(insert.format(n=50))
        connection.commit()
        with pytest.raises(psycopg.errors.CheckViolation, match="rule_preview_fifty_a_day"):
            connection.execute(insert.format(n=51))

    said = despensa("rule", "preview", draft, "--programme", programme)

    assert said.code == 1
    assert "Go on tomorrow" in said.err


def test_of_two_at_once_one_gets_the_last_preview_of_the_day(books, draft):
    def one(value):
        text = draft.read_text(encoding="utf-8").replace("value: 65", f"value: {value}", 1)
        acting = books.acting("jorge")
        return drafting.preview(text, books.programme, books.tools, acting=acting)[0].left_today

    assert one(66) == 49
    with as_app(books.endpoints, "registry") as connection:
        connection.execute(
            "INSERT INTO rule_preview (id, staff, day, number, programme_id, rule_hash, text, "
            "is_own, at) SELECT gen_random_uuid(), staff, day, 49, programme_id, rule_hash, text, "
            "false, at FROM rule_preview"
        )
        connection.commit()

    ended = at_once(lambda: one(67), lambda: one(68))

    assert [type(error) for error in raised(ended)] == [PreviewsUsedUp]
    assert 0 in ended
    assert count(REGISTRY, "rule_preview") == 3


def test_a_draft_with_a_fault_is_not_counted(despensa, programme, draft):
    text = draft.read_text(encoding="utf-8").replace("displaced", "voted")
    draft.write_text(text, encoding="utf-8")

    said = despensa("rule", "preview", draft, "--programme", programme)

    assert said.code == 1
    assert count(REGISTRY, "rule_preview") == 0


def test_a_draft_is_erased_after_180_days(despensa, books, programme, draft):
    despensa("rule", "preview", draft, "--programme", programme)
    books.tools.clock.at += 180 * DAY_SECONDS
    retention.carry_out(books.tools)
    kept = count(REGISTRY, "rule_preview")
    books.tools.clock.at += DAY_SECONDS
    retention.carry_out(books.tools)

    assert (kept, count(REGISTRY, "rule_preview")) == (1, 0)


def test_a_draft_is_compared_with_the_last_version_and_what_was_told_before(
    books, monkeypatch, draft
):
    """Each own answer joins what later drafts are held against; how near is drawn, 20 to 39."""
    orders = []

    def counting(_, order):
        orders.append(order)
        return Counted({}, {}, None, None, None, Split({}, {}, {}, {}), None), len(orders) != 2

    monkeypatch.setattr(DuckDBPreview, "preview", counting)
    text = draft.read_text(encoding="utf-8")
    for value in (61, 62, 63):
        changed = text.replace("value: 65", f"value: {value}", 1)
        drafting.preview(changed, books.programme, books.tools, acting=books.acting("jorge"))

    last, *_ = orders[0].earlier
    assert last == orders[0].last
    assert orders[0].earlier == orders[1].earlier[:1] == (last,)
    assert orders[1].earlier == orders[2].earlier == (last, orders[0].draft)
    assert all(20 <= order.near <= 39 for order in orders)
