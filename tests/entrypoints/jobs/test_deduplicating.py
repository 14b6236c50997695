"""A search of the register: approved, done in processes of its own, only new pairs, nobody shown."""

import csv
import io

import pytest

from despensa.domain.catalogue import load_catalogue
from despensa.domain.duplicate import Verdict
from despensa.domain.proposal import ApprovalInvalid
from despensa.entrypoints.jobs import actions, deduplicating
from despensa.entrypoints.jobs.staging import stage
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries
from despensa.usecases.decide_pair import decide_pair
from tests.factories import books as factory
from tests.factories import keeper_process
from tests.factories.observing import count
from tests.usecases.test_duplicates import EVERYWHERE

pytest.importorskip("splink")
TWICE = 2


def take_in_again(books):
    """Take the heads of two households in once more, each alone and with a slip in the name."""
    text = factory.register_text(books.tools.today(), skip=0, count=factory.HOUSEHOLDS)
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["role"] == "head"][:TWICE]
    for number, row in enumerate(rows):
        row["household_number"], row["person_number"] = f"again-{number}", "1"
        name = row["full_name"]
        row["full_name"] = name[:2] + name[3:]
        for part in ("surname_1", "given_names"):
            if row.get(part):
                row[part] = row[part][:2] + row[part][3:] if len(row[part]) > 4 else row[part]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    register = factory.read_register(
        stream.getvalue().encode(), filename="again.csv", today=books.tools.today(),
        workspace_country="VE", catalogue=load_catalogue(),
    )  # fmt: skip
    waiting = stage(register, "again.csv", books.tools, acting=books.acting("ana"))
    actions.carry_out(books.approved(waiting), books.tools)


def search(books):
    """Propose a search, let a second person approve it, do it; return the line about it."""
    proposal = deduplicating.propose(acting=books.acting("ana"))
    return actions.carry_out(books.approved(proposal), books.tools)


@pytest.fixture
def served(registered_books, monkeypatch):
    """Let the processes of a search find the databases of these books."""
    monkeypatch.setenv("DESPENSA_REGISTRY_URL", registered_books.endpoints.registry_app)
    keeper_process.see_the_environment()
    return registered_books


def test_who_came_in_twice_is_found_and_a_second_search_brings_nothing_new(served):
    books = served
    take_in_again(books)
    looks = count(REGISTRY, "access_entry")

    first = search(books)

    pairs = queries.waiting(50, reach=EVERYWHERE)
    homes = {
        frozenset(people)
        for (*people,) in fetch(
            REGISTRY, "SELECT person_a_id, person_b_id FROM duplicate_pair ORDER BY id"
        )
    }
    again = {
        person
        for (person,) in fetch(
            REGISTRY,
            """SELECT registrant_id FROM membership GROUP BY household_id, registrant_id
               HAVING (SELECT count(DISTINCT inner_.registrant_id) FROM membership inner_
                       WHERE inner_.household_id = membership.household_id) = 1""",
        )
    }
    assert len(pairs) == TWICE, first
    assert all(people & again for people in homes)
    assert count(REGISTRY, "access_entry") == looks, "nobody was shown to anybody"
    record = [one for one in books.keeper_records() if one[0] == 3]
    assert len(record) == 1
    assert record[0][5] == [int(column) for column in deduplicating.FIELDS]

    decide_pair(
        pairs[0].id, Verdict.NOT_SAME, seen=0, acting=books.acting("ana"), sealer=books.keeper.vault
    )
    second = search(books)

    assert "0 of them new" in second
    assert count(REGISTRY, "duplicate_pair") == TWICE
    assert [one.id for one in queries.waiting(50, reach=EVERYWHERE)] == [pairs[1].id]


def test_a_register_that_grew_too_much_is_not_opened(served, monkeypatch):
    books = served
    proposal = deduplicating.propose(acting=books.acting("ana"))
    books.approved(proposal)
    monkeypatch.setattr(queries, "people_to_compare", lambda: 10_000)

    with pytest.raises(ApprovalInvalid, match="grown"):
        actions.carry_out(proposal, books.tools)

    assert not [one for one in books.keeper_records() if one[0] == 3]
    assert count(REGISTRY, "duplicate_pair") == 0


def test_without_the_extra_one_sentence_says_what_to_install(served, monkeypatch):
    monkeypatch.setattr(deduplicating, "is_installed", lambda: False)

    with pytest.raises(deduplicating.MatchMissing, match=r"pip install 'despensa\[match\]'"):
        deduplicating.propose(acting=served.acting("ana"))
