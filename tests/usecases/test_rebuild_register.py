"""The register is what its journal tells, after whatever was done, and comes back byte for byte."""

import random
import tomllib
from contextlib import contextmanager
from importlib import resources

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from despensa.domain.duplicate import Verdict
from despensa.domain.retention import KEYS_NOTICE_DAYS
from despensa.entrypoints.jobs import actions, cataloguing, retention
from despensa.entrypoints.jobs.staging import stage
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.households import queries
from despensa.records.rebuilt_tables import NOT_REBUILT, REBUILT
from despensa.usecases.rebuild_register import JournalChanged, rebuild_register
from despensa.usecases.revoke_partner import revoke_partner
from tests.domain.test_catalogue_change import without
from tests.factories.books import HOUSEHOLDS
from tests.factories.observing import digests
from tests.factories.partner import PartnerClient, consent
from tests.usecases import test_appeals as appeals
from tests.usecases.test_change_household import _replay, a_home, undo
from tests.usecases.test_corrections import (
    ADDRESS,
    FACT,
    NAME,
    PHONE,
    SEX,
    agreed,
    ask,
    wanted,
)
from tests.usecases.test_duplicates import decide, homes_of_size, make_one, noticed
from tests.usecases.test_erase_person import erase, wish_for

WHOLE = [name for name, kept in REBUILT.items() if kept.is_whole]
GONE_FOR_GOOD = [name for name, kept in REBUILT.items() if not kept.is_whole]


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


def pairs_decided(books):
    """Leave one pair told apart, one asked about, one put together and undone again, one not."""
    several = [people for size in (4, 5, 6) for _, people in homes_of_size(size)]
    first, second = several[0], several[1]
    decide(books, noticed(books, first[-1], second[-1]), Verdict.NOT_SAME)
    asked = noticed(books, first[-1], second[-2])
    decide(books, asked, Verdict.ASKED)
    decide(books, asked, Verdict.ASKED, seen=1)
    pair = noticed(books, first[-2], second[-1])
    done = make_one(books, pair)
    undo(books, done.id, done.household)
    make_one(books, pair)


def records_corrected(books):
    alone = wanted(books, {PHONE: "0412 555 1234", ADDRESS: "Calle Nueva 3"})
    ask(books, alone)
    agreed(books, wanted(books, {NAME: "Zoraida Quintanilla", FACT: True}))
    ask(books, wanted(books, {SEX: 1}))


def a_partner_may_ask(books):
    client = PartnerClient(books)
    partner = client.register()
    home, people = a_home()
    head = people[0]
    first = consent(books, partner, home, head)
    consent(books, partner, home, head, fields=("full_name",))
    assert first is not None
    other = PartnerClient(books, sender="old.example.org")
    revoke_partner(other.register(), acting=books.acting("jorge"))


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
        lambda: pairs_decided(books),
        lambda: records_corrected(books),
        lambda: a_partner_may_ask(books),
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
        for table in WHOLE:
            connection.execute(f"DELETE FROM {table}")
    found = compared(books, is_check=False)
    assert found.is_as_told
    assert set(found.missing) == {name for name in WHOLE if before[f"registry.{name}"][0]}
    assert set(found.missing) >= {"household", "registrant", "membership", "partner"}
    assert rows_of(books) == before


def test_a_fact_that_was_destroyed_stays_away_while_its_keys_wait_for_their_day(registered_books):
    books = registered_books
    a_fact_ended(books)
    before = rows_of(books)

    assert compared(books, is_check=False).is_as_told
    assert rows_of(books) == before
    books.clock.forward(days=KEYS_NOTICE_DAYS)
    retention.carry_out(books.tools)
    assert compared(books).is_as_told


def test_every_table_comes_back_or_says_why_not(founded_books):
    with psycopg.connect(founded_books.endpoints.registry_owner) as owner:
        tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        there = {name for (name,) in tables.fetchall()}

    assert there == REBUILT.keys() | NOT_REBUILT.keys()
    assert not REBUILT.keys() & NOT_REBUILT.keys()
    assert all(len(why.split()) > 4 for why in NOT_REBUILT.values())


def test_what_is_mended_is_what_the_application_may_change():
    grants = tomllib.loads(
        resources.files("despensa.records").joinpath("grants.toml").read_text(encoding="utf-8")
    )["registry"]
    for name, kept in REBUILT.items():
        [given] = [one for one in grants[name] if one.startswith("UPDATE")] or ["UPDATE()"]
        columns = set(kept.columns)
        if given != "UPDATE":
            columns &= set(given.removeprefix("UPDATE(").removesuffix(")").split(","))

        assert columns >= (set(kept.columns) if kept.changeable is None else kept.changeable), name


def test_a_consent_or_request_that_is_gone_or_changed_is_named_and_left(
    registered_books, endpoints
):
    books = registered_books
    records_corrected(books)
    a_partner_may_ask(books)
    assert compared(books).is_as_told
    with intruder(books, endpoints) as owner:
        owner.execute(
            "UPDATE partner_consent SET until_date = until_date + 99 WHERE ended_at IS NULL"
        )
        owner.execute("UPDATE partner_consent SET ended_at = ended_at - 9")
        owner.execute("UPDATE partner SET revoked_at = NULL, revoked_by = NULL")
        owner.execute("DELETE FROM correction WHERE needs_two")

    found = compared(books, is_check=False)

    assert found.missing == {"correction": 2}
    assert found.changed == {"partner_consent": 2, "partner": 1}
    assert found.unmended == 3, "the end of a consent and of a partner came back, nothing else"
    assert set(GONE_FOR_GOOD) == {
        "partner_consent", "correction", "grievance", "identity_card"
    }  # fmt: skip


def test_an_answer_to_an_appeal_that_was_changed_is_named_and_left(decided_books, endpoints):
    books = appeals.staffed(decided_books)
    one = appeals.wanted(books)
    appeals.bring(books, one)
    appeals.answer(books, one)
    assert compared(books).is_as_told
    with intruder(books, endpoints) as owner:
        owner.execute("UPDATE grievance SET reason = 96, last_day = last_day - 60")

    found = compared(books, is_check=False)

    assert (found.changed, found.unmended) == ({"grievance": 1}, 1)


def test_a_decision_whose_operation_is_gone_is_named_and_left(registered_books, endpoints):
    books = registered_books
    pairs_decided(books)
    with intruder(books, endpoints) as owner:
        owner.execute("DELETE FROM household_change WHERE kind = 13")
        owner.execute("DELETE FROM duplicate_decision")

    found = compared(books, is_check=False)

    assert (found.missing, found.unmended) == ({"duplicate_decision": 5}, 2)


@pytest.mark.parametrize(
    ("statement", "kind", "table"),
    [
        ("UPDATE duplicate_pair SET reasons = '\\x00'", "changed", "duplicate_pair"),
        ("DELETE FROM duplicate_decision", "missing", "duplicate_decision"),
        ("UPDATE partner SET revoked_at = NULL, revoked_by = NULL", "changed", "partner"),
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
    if "duplicate" in table:
        pairs_decided(books)
    if table == "partner":
        a_partner_may_ask(books)
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
