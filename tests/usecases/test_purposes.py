"""One purpose, once a month: the database refuses a second benefit, and a sentence says why."""

import uuid
from dataclasses import replace

import psycopg
import pytest

from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.proposal import Reason
from despensa.entrypoints.jobs import actions, cycle, proposing_cycles
from despensa.records.bulk import fetch
from despensa.records.children import purpose_queries, purpose_store
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.programmes import queries
from despensa.usecases.begin_opening import PurposeTaken
from despensa.usecases.define_programme import ProgrammeOutline, define_programme
from tests.factories import books as factory
from tests.factories.observing import at_once, count, digests, raised

OPEN, DECIDED = 4, 2


def _another(books, code, *changes, programme=None):
    """Return a decided cycle of another programme, or of one, whose rule differs by changes."""
    text = factory.rule_text().replace("rule: food-parcel", f"rule: {code}", 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    if programme is None:
        programme = define_programme(
            ProgrammeOutline(
                code, {"es": code}, books.root_area, ((1, "parcel", {"es": "canasta"}),)
            ),
            acting=books.acting("jorge"),
        )
    waiting = books.proposal(
        "jorge", "publish_rule", Reason.PUBLISHED_PROGRAMME,
        scope=(programme.bytes, None, None), parameters=(text,),
        inputs=(rule_hash(parse_text(text)),),
    )  # fmt: skip
    actions.carry_out(books.approved(waiting), books.tools)
    there = replace(books, programme=programme, rule=queries.latest_rule(programme))
    decided = factory.new_cycle(there, f"2026-11 {uuid.uuid4().hex[:4]}")
    cycle.freeze_and_decide(decided, books.tools, acting=books.acting("jorge"))
    return decided


def _propose(books, cycle_id):
    return proposing_cycles.propose_opening(
        queries.cycle(cycle_id), acting=books.acting("jorge"), percent=0
    )


def _open(books, cycle_id):
    return actions.carry_out(books.approved(_propose(books, cycle_id)), books.tools)


def test_food_and_food_collide_with_a_sentence_before_anybody_approves(opened_books):
    books = opened_books
    other = _another(books, "canteen")
    before = digests(books.endpoints)

    with pytest.raises(PurposeTaken) as refused:
        _propose(books, other)

    assert "for the purpose food in 2026-11 already, from: Canasta" in str(refused.value)
    assert digests(books.endpoints) == before


def test_food_and_school_support_do_not(opened_books):
    books = opened_books
    other = _another(books, "school-kit", ("purpose: food", "purpose: school"))

    _open(books, other)

    assert queries.cycle(other).state == OPEN
    assert {purpose for (purpose,) in fetch(REGISTRY, "SELECT purpose FROM purpose_claim")} == {
        "food", "school",
    }  # fmt: skip


def test_another_month_is_another_benefit(opened_books):
    books = opened_books
    books.clock.forward(days=31)
    other = _another(books, "canteen")

    _open(books, other)

    assert queries.cycle(other).state == OPEN


def test_a_rule_may_let_everything_stand_beside_it(opened_books):
    books = opened_books
    other = _another(books, "supplement", ("purpose: food", "purpose: food\nbeside: everything"))

    _open(books, other)

    assert count(REGISTRY, "purpose_claim", "owner <> %s", books.cycle) == 0


def test_weekly_parcels_of_one_programme_repeat_and_still_collide_with_others(decided_books):
    books = decided_books
    weekly = ("purpose: food", "purpose: food\nbeside: own_cycles")
    first = _another(books, "weekly", weekly)
    _open(books, first)
    programme = queries.cycle(first).programme
    second = _another(books, "weekly", weekly, ("version: 1", "version: 2"), programme=programme)

    _open(books, second)

    assert queries.cycle(second).state == OPEN
    with pytest.raises(PurposeTaken, match="from: weekly"):
        _propose(books, books.cycle)


def test_a_cycle_that_never_opened_stands_in_nobodys_way(decided_books):
    books = decided_books
    other = _another(books, "canteen")

    _open(books, other)

    assert count(REGISTRY, "purpose_claim") == count(
        REGISTRY, "(SELECT DISTINCT household_id FROM benefit_line WHERE cycle_id = %s) x",
        "true", other,
    )  # fmt: skip


def test_two_openings_at_once_give_once(decided_books, monkeypatch):
    books = decided_books
    other = _another(books, "canteen")
    orders = [books.approved(_propose(books, one)) for one in (books.cycle, other)]
    # both have looked and seen nothing in the way: the key of the table is what is left
    monkeypatch.setattr(purpose_store.purpose_queries, "taken", lambda _: [])

    ended = at_once(*(lambda one=one: actions.carry_out(one, books.tools) for one in orders))

    assert [type(error) for error in raised(ended)] == [PurposeTaken]
    states = sorted(queries.cycle(one).state for one in (books.cycle, other))
    assert states == [DECIDED, OPEN]
    assert count(LEDGER, "account", "kind = 2") == 1


def test_the_key_is_the_databases_own(opened_books):
    [(household, month)] = fetch(REGISTRY, "SELECT household_id, month FROM purpose_claim LIMIT 1")
    with (
        psycopg.connect(opened_books.endpoints.registry_owner) as connection,
        pytest.raises(psycopg.errors.UniqueViolation, match="purpose_claim_pkey"),
    ):
        connection.execute(
            "INSERT INTO purpose_claim (household_id, purpose, month, owner) "
            "VALUES (%s, 'food', %s, gen_random_uuid())",
            (household, month),
        )


def test_what_is_in_the_way_is_counted_and_named(opened_books):
    other = _another(opened_books, "canteen")

    [taken] = purpose_queries.taken(other)

    assert taken.programmes == ({"es": "Canasta"},)
    assert taken.households == count(REGISTRY, "purpose_claim")
