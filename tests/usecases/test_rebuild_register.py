"""The register is what its journal tells, after whatever was done, and comes back byte for byte."""

import random
from contextlib import contextmanager

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from despensa.entrypoints.jobs import actions, cataloguing, retention
from despensa.entrypoints.jobs.staging import stage
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.households import queries
from despensa.usecases.rebuild_register import JournalChanged, rebuild_register
from tests.domain.test_catalogue_change import without
from tests.factories.books import HOUSEHOLDS
from tests.factories.observing import digests
from tests.usecases.test_change_household import _replay
from tests.usecases.test_erase_person import erase, wish_for

REBUILT = (
    "household", "registrant", "registrant_document", "registrant_phone", "membership",
    "household_standing", "institution_duty",
)  # fmt: skip


def compared(books, *, is_check=True):
    return rebuild_register(acting=books.acting(), opener=books.keeper.vault, is_check=is_check)


@contextmanager
def intruder(books, endpoints):
    """Yield a connection with super-user rights that no constraint and no trigger stops."""
    name = conninfo_to_dict(books.endpoints.registry_owner)["dbname"]
    with psycopg.connect(endpoints.superuser, dbname=name) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def rows_of(books):
    return {name: row for name, row in digests(books.endpoints).items()
            if name.removeprefix("registry.") in REBUILT}  # fmt: skip


def more_households(books, skip):
    waiting = stage(
        books.register(skip=skip, count=2), f"more-{skip}.csv", books.tools,
        acting=books.acting("ana"),
    )  # fmt: skip
    actions.carry_out(books.approved(waiting), books.tools)


def somebody_erased(books, chance):
    homes = [home for (home,) in fetch(REGISTRY, "SELECT id FROM household ORDER BY id")]
    for home in chance.sample(homes, len(homes)):
        living = queries.situation_of([home]).living(home)
        collecting = {
            row.holder for row in queries.rows_on([home], books.tools.today()) if row.role in (3, 4)
        }
        free = [person for person in living if person not in collecting]
        if len(living) > 1 and free:
            erase(books, wish_for(chance.choice(free), home))
            return


def a_fact_ended(books):
    proposal = cataloguing.propose(without("language"), acting=books.acting("jorge"))
    actions.carry_out(books.approved(proposal), books.tools)
    books.clock.forward(days=91)
    assert retention.carry_out(books.tools) == 1


@settings(
    max_examples=3,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_whatever_was_done_the_journal_tells_it_to_the_byte(
    shelf, endpoints, django_db_blocker, seed
):
    with django_db_blocker.unblock():
        _any_history(shelf.take("registered"), endpoints, random.Random(seed))
        shelf.give_back()


def _any_history(books, endpoints, chance):
    steps = [
        lambda: _replay(books, chance),
        lambda: somebody_erased(books, chance),
        lambda: more_households(books, HOUSEHOLDS),
    ]
    chance.shuffle(steps)
    for step in steps:
        step()
    if chance.random() < 0.5:
        a_fact_ended(books)

    assert compared(books).is_as_told

    before = rows_of(books)
    with intruder(books, endpoints) as connection:
        for table in REBUILT:
            connection.execute(f"DELETE FROM {table}")
    found = compared(books, is_check=False)
    assert found.is_as_told
    assert set(found.missing) >= {"household", "registrant", "membership"}
    assert rows_of(books) == before


@pytest.mark.parametrize(
    ("statement", "kind", "table"),
    [
        ("UPDATE registrant SET sex = 3 - sex WHERE sex IN (1, 2)", "changed", "registrant"),
        ("UPDATE household SET facts = '{}'", "changed", "household"),
        ("UPDATE registrant SET full_name = '\\x00'", "changed", "registrant"),
        ("DELETE FROM registrant_document", "missing", "registrant_document"),
        ("UPDATE membership SET until_date = from_date", "changed", "membership"),
    ],
)
def test_what_an_intruder_did_is_named_and_undone(
    registered_books, endpoints, statement, kind, table
):
    books = registered_books
    before = rows_of(books)
    with intruder(books, endpoints) as owner:
        owner.execute(statement)
    spoilt = rows_of(books)
    assert spoilt != before

    found = compared(books)
    assert getattr(found, kind)[table]
    assert not found.is_as_told
    assert rows_of(books) == spoilt

    assert compared(books, is_check=False).is_as_told
    assert rows_of(books) == before


def test_what_the_application_may_not_mend_is_said(registered_books, endpoints):
    books = registered_books
    with intruder(books, endpoints) as owner:
        owner.execute("UPDATE membership SET role = 2 WHERE role = 1")
        owner.execute(
            "INSERT INTO household (id, area_id, facts, registered_on) "
            "SELECT gen_random_uuid(), area_id, '{}', registered_on "
            "FROM household LIMIT 1"
        )
        owner.execute("UPDATE person_key SET kek = kek + 1 WHERE person = (SELECT min(person::text)"
                      "::uuid FROM person_key)")  # fmt: skip

    found = compared(books, is_check=False)

    assert not found.is_as_told
    assert found.strange == {"household": 1}
    assert found.keys == 1
    assert found.unmended >= 2


def test_a_journal_that_was_changed_rebuilds_nothing(registered_books, endpoints):
    books = registered_books
    with intruder(books, endpoints) as owner:
        owner.execute(
            "UPDATE journal_content SET salt = sha256(salt) WHERE entry = (SELECT entry FROM journal"
            " ORDER BY seq LIMIT 1)"
        )
    before = digests(books.endpoints)

    with pytest.raises(JournalChanged, match="Entry 1 of the journal"):
        compared(books, is_check=False)

    assert digests(books.endpoints) == before
