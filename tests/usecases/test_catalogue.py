"""A new version of the catalogue takes two people; what loses its purpose is destroyed in time."""

from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from psycopg.types.json import Jsonb

from despensa.domain.cycle_life import DISPUTE_DAYS
from despensa.domain.encoding import dcbor
from despensa.domain.ports.keeper import FactDestroyed
from despensa.domain.proposal import ApprovalInvalid
from despensa.domain.reach import OutOfReach
from despensa.domain.retention import DRAFT_DAYS, KEYS_NOTICE_DAYS
from despensa.domain.transparency import journal
from despensa.domain.transparency.leaf import PublicKind, PublicLeaf, parse_leaf
from despensa.entrypoints.jobs import actions, cataloguing, retention, rounds
from despensa.entrypoints.jobs.staging import stage
from despensa.records import journal_store
from despensa.records.bulk import execute, fetch
from despensa.records.catalogue import queries
from despensa.records.catalogue import store as catalogue_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store as programme_store
from despensa.usecases.end_programme import ProgrammeGoesOn, end_programme
from despensa.usecases.publish_catalogue import CatalogueRefused
from tests.domain.test_catalogue_change import READ_BY_RULE, added, without
from tests.factories import books as factory
from tests.factories.observing import Killed, at_once, count, dies, digests, raised
from tests.records.test_rebuild import _opened, _people

ENDED = "language"
RETENTION = 90


def published(books, text, by="jorge"):
    """Propose, approve and carry out; return the proposal."""
    proposal = cataloguing.propose(text, acting=books.acting(by))
    actions.carry_out(books.approved(proposal), books.tools)
    return proposal


def values(name):
    return sum(count(REGISTRY, table, "facts ? %s", name) for table in ("household", "registrant"))


def public(kind):
    """Return the bodies of all public leaves of a kind, oldest first."""
    rows = fetch(REGISTRY, "SELECT leaf FROM leaf_queue ORDER BY position")
    leaves = [parse_leaf(bytes(leaf)) for (leaf,) in rows]
    return [
        dcbor.decode(leaf.body)
        for leaf in leaves
        if isinstance(leaf, PublicLeaf) and leaf.kind == kind
    ]


def fact_keys(books):
    return {path.name for path in (books.folder / "keys/keeper/facts").glob("*.key")}


def test_a_new_version_takes_two_people_and_everybody_may_read_it(registered_books):
    books = registered_books
    text = added()
    with pytest.raises(OutOfReach):
        cataloguing.propose(text, acting=books.acting("ana"))
    proposal = cataloguing.propose(text, acting=books.acting("jorge"))
    before = digests(books.endpoints)
    with pytest.raises(actions.NotCarriedOut, match="not approved"):
        actions.carry_out(proposal, books.tools)
    assert digests(books.endpoints) == before

    actions.carry_out(books.approved(proposal), books.tools)

    assert [row.version for row in queries.versions()] == [1, 2]
    assert queries.in_force().get("shelter_damaged") is not None
    assert public(PublicKind.CATALOGUE)[-1][3] == text
    with pytest.raises(actions.NotCarriedOut, match="carried out before"):
        actions.carry_out(proposal, books.tools)


def test_a_fact_that_a_published_rule_reads_cannot_be_left_out(decided_books):
    books = decided_books

    with pytest.raises(CatalogueRefused, match=f"{READ_BY_RULE[0]}: the rule food-parcel/1"):
        cataloguing.propose(without(READ_BY_RULE[0]), acting=books.acting("jorge"))


def test_a_rule_published_after_the_approval_stands_in_the_way(registered_books):
    books = registered_books
    proposal = books.approved(
        cataloguing.propose(without(READ_BY_RULE[0]), acting=books.acting("jorge"))
    )
    factory.decided(books)
    before = digests(books.endpoints)

    with pytest.raises(CatalogueRefused, match="is in use and reads it"):
        actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before


def test_of_two_versions_approved_at_once_one_is_published(registered_books):
    books = registered_books
    first = books.approved(cataloguing.propose(added(), acting=books.acting("jorge")))
    second = books.approved(cataloguing.propose(without(ENDED), acting=books.acting("jorge")))

    ended = at_once(
        *(lambda one=one: actions.carry_out(one, books.tools) for one in (first, second))
    )

    [problem] = raised(ended)
    assert isinstance(problem, CatalogueRefused | ApprovalInvalid)
    assert [row.version for row in queries.versions()] == [1, 2]


def test_a_file_staged_before_a_fact_ended_is_not_taken_in(registered_books):
    books = registered_books
    waiting = stage(
        books.register(skip=factory.HOUSEHOLDS, count=2), "late.csv", books.tools,
        acting=books.acting("ana"),
    )  # fmt: skip
    published(books, without(ENDED))
    before = digests(books.endpoints)
    books.approved(waiting)

    with pytest.raises(actions.NotCarriedOut, match="does not hold any more"):
        actions.carry_out(waiting, books.tools)

    assert digests(books.endpoints)["registry.household"] == before["registry.household"]


def test_the_database_takes_no_fact_but_those_in_force(registered_books):
    home = fetch(REGISTRY, "SELECT id, area_id FROM household ORDER BY id LIMIT 1")[0]
    for sql, values_of in (
        ("UPDATE household SET facts = facts || %s WHERE id = %s", (Jsonb({"zodiac": 1}), home[0])),
        (
            "INSERT INTO household (id, area_id, facts, registered_on) VALUES (%s, %s, %s, now())",
            (UUID(int=7), home[1], Jsonb({"zodiac": 1})),
        ),
    ):
        with (
            pytest.raises(IntegrityError, match="does not hold the fact zodiac"),
            transaction.atomic(using=REGISTRY),
        ):
            execute(REGISTRY, sql, values_of)


def test_what_ended_stays_until_its_retention_is_over_and_takes_no_new_value(registered_books):
    books = registered_books
    assert values(ENDED)
    [(person,)] = fetch(REGISTRY, "SELECT id FROM household WHERE facts ? %s LIMIT 1", (ENDED,))
    published(books, without(ENDED))

    books.clock.forward(days=RETENTION - 1)
    assert retention.carry_out(books.tools) == 0

    assert values(ENDED)
    execute(
        REGISTRY, "UPDATE household SET area_id = area_id, facts = facts WHERE id = %s", (person,)
    )
    with pytest.raises(IntegrityError, match="does not hold"), transaction.atomic(using=REGISTRY):
        execute(
            REGISTRY,
            "UPDATE household SET facts = facts || %s WHERE id = %s",
            (Jsonb({ENDED: "xx"}), person),
        )


def test_after_its_retention_a_fact_is_gone_everywhere_and_the_log_says_so(registered_books):
    books = registered_books
    there = values(ENDED)
    others = values("channel")
    keys = fact_keys(books)
    published(books, without(ENDED))
    # a record that is written again meanwhile is sealed under the version in force
    books.keeper.vault.seal_facts([(bytes(16), {ENDED: "es"})], catalogue_version=2)
    assert len(fact_keys(books)) == len(keys) + 1
    assert ENDED in {fact for row in _journalled(books) for fact in row.get("facts", {})}
    books.clock.forward(days=RETENTION - KEYS_NOTICE_DAYS)
    retention.carry_out(books.tools)
    books.clock.forward(days=KEYS_NOTICE_DAYS)

    rounds.round_trip(books.tools)

    assert values(ENDED) == 0
    assert values("channel") == others
    assert len(fact_keys(books)) == len(keys) - 1
    [gone] = queries.destroyed()
    assert (gone.name, gone.version, gone.at, gone.values) == (ENDED, 1, books.clock.at, there)
    [body] = public(PublicKind.FACT_DESTROYED)
    assert (body[0], body[1]) == (ENDED, [1])
    assert there not in body.values()
    assert ENDED not in {fact for row in _journalled(books) for fact in row.get("facts", {})}
    with pytest.raises(FactDestroyed, match="takes no values"):
        books.keeper.vault.seal_facts([(bytes(16), {ENDED: "es"})], catalogue_version=1)
    before = digests(books.endpoints)
    assert retention.carry_out(books.tools) == 0
    assert digests(books.endpoints) == before


def _journalled(books):
    return [
        dcbor.decode(row.body)
        for row in _opened(books, _people())
        if row.op == journal.Op.INSERT and row.body
    ]


@pytest.mark.parametrize(
    ("owner", "name"),
    [(catalogue_store, "destroy"), (journal_store, "announce"), (journal_store, "record")],
)
def test_killed_anywhere_it_is_done_next_time(registered_books, monkeypatch, owner, name):
    books = registered_books
    published(books, without(ENDED))
    books.clock.forward(days=RETENTION)
    before = digests(books.endpoints)
    with monkeypatch.context() as patched:
        dies(patched, owner, name, after=True)
        with pytest.raises(Killed):
            retention.carry_out(books.tools)
    assert digests(books.endpoints) == before

    assert retention.carry_out(books.tools) == 1
    assert values(ENDED) == 0


def test_killed_before_the_keys_are_gone_they_go_next_time(registered_books, monkeypatch):
    books = registered_books
    keys = fact_keys(books)
    published(books, without(ENDED))
    books.clock.forward(days=RETENTION)
    with monkeypatch.context() as patched:
        dies(patched, type(books.keeper.vault), "destroy_facts")
        with pytest.raises(Killed):
            retention.carry_out(books.tools)
    assert values(ENDED) == 0
    assert fact_keys(books) == keys

    # no round came in time to tell the keeper: it hears of the end now, and waits
    assert retention.carry_out(books.tools) == 0
    assert fact_keys(books) == keys
    books.clock.forward(days=KEYS_NOTICE_DAYS)
    assert retention.carry_out(books.tools) == 0

    assert len(fact_keys(books)) == len(keys) - 1


def test_facts_that_no_rule_ever_read_go_after_the_days_of_a_draft(decided_books):
    books = decided_books
    unread = {"displaced", "dwelling_shared"} - set(READ_BY_RULE)
    there = {name: values(name) for name in unread if values(name)}
    assert there
    read = {name: values(name) for name in READ_BY_RULE}

    books.clock.forward(days=DRAFT_DAYS)
    retention.carry_out(books.tools)

    assert {name: values(name) for name in there} == dict.fromkeys(there, 0)
    assert {name: values(name) for name in READ_BY_RULE} == read
    assert not unread & {fact.name for fact in queries.in_force().facts}
    published(books, added())
    assert unread <= {fact.name for fact in queries.in_force().facts}


def test_the_end_of_its_programme_is_the_end_of_a_facts_purpose(decided_books):
    books = decided_books
    with pytest.raises(ProgrammeGoesOn, match="lasts until"):
        end_programme(books.programme, acting=books.acting("jorge"))
    with pytest.raises(OutOfReach):
        end_programme(books.programme, acting=books.acting("ana"))
    books.clock.forward(days=5)
    end_programme(books.programme, acting=books.acting("jorge"))
    with pytest.raises(ProgrammeGoesOn, match="has ended before"):
        end_programme(books.programme, acting=books.acting("jorge"))
    with pytest.raises(programme_store.ProgrammeEnded):
        factory.new_cycle(books, "2027-01")
    there = [name for name in READ_BY_RULE if values(name)]
    assert there

    books.clock.forward(days=DISPUTE_DAYS + RETENTION - 3)
    retention.carry_out(books.tools)
    assert [name for name in READ_BY_RULE if values(name)] == there
    books.clock.forward(days=2)
    retention.carry_out(books.tools)

    assert [name for name in READ_BY_RULE if values(name)] == []
