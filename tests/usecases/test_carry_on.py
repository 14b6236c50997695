"""Unclaimed rights of a settled cycle go on into the next one, where the rule says so."""

import psycopg

from despensa.domain.cycle_life import SWEEP_DAYS
from despensa.domain.household.operation import Kind
from despensa.entrypoints.jobs import cycle as freezing
from despensa.entrypoints.jobs import rounds
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.households import queries as households
from despensa.records.ledger import life_queries
from despensa.records.ledger import queries as ledger
from despensa.records.programmes import queries
from tests.factories import books as stages
from tests.usecases.test_carry_over import holds
from tests.usecases.test_change_household import an_order, do, undo
from tests.usecases.test_cycle_life import (
    FADED,
    SETTLED,
    balances,
    scan,
    send,
    settled,
    state_of,
    texts,
    to_closing,
    to_fading,
)


class TestCarryingOn:
    """What was not claimed goes on where the rule says so: never twice, never what may be out."""

    def test_an_unclaimed_right_goes_on_into_the_next_cycle(self, leased_books):
        books = leased_books
        rule = _rule_that_carries(books)
        settled(books)
        [(_, _, unclaimed, *_)] = life_queries.quantities(books.cycle)
        first, later = books.cycle, _next_cycle(books, rule)
        before = balances(books, 3)

        rounds.round_trip(books.tools)
        rounds.round_trip(books.tools)

        [(_, delivered, left, carried, *_)] = life_queries.quantities(first)
        assert carried > 0
        assert (left, delivered > 0) == (unclaimed - carried, True)
        assert sum(balances(books, 3)) == sum(before) + carried
        assert max(now - then for now, then in zip(balances(books, 3), before, strict=True)) == 1
        assert ledger.check().is_balanced
        session, phone = books.new_session("P09"), books.new_phone("P09")
        books.prepare(phone, session)
        [(listed,)] = fetch(LEDGER, "SELECT sum(quantity)::bigint FROM lease_row WHERE active")
        assert listed == sum(balances(books, 3))
        books.cycle = first
        to_fading(books)
        rounds.round_trip(books.tools)
        assert (state_of(books), queries.cycle(later).state) == (FADED, SETTLED)
        assert life_queries.quantities(first)[0][3] == carried
        assert ledger.check().is_balanced

    def test_what_an_unsynced_list_may_have_handed_over_does_not_go_on(self, leased_books):
        books = leased_books
        rule = _rule_that_carries(books)
        batch = scan(books, texts(books)[:2])
        to_closing(books)
        books.clock.forward(days=SWEEP_DAYS)
        rounds.round_trip(books.tools)
        rounds.round_trip(books.tools)
        first = books.cycle
        _next_cycle(books, rule)
        rounds.round_trip(books.tools)
        assert [row[3] for row in life_queries.quantities(first)] == [0]

        send(books, batch)
        merged = rounds.round_trip(books.tools)

        assert (merged.posted, merged.excess) == (2, 0)
        assert ledger.check().is_balanced

    def test_what_a_household_left_goes_on_with_its_people_and_counts_for_one(self, leased_books):
        books = leased_books
        rule = _rule_that_carries(books)
        settled(books)
        had_it, too, *left = _goods(books)
        _merged(books, left[0], had_it)
        _merged(books, left[1], left[2])
        undo(books, _merged(books, left[3], too), too)

        _next_cycle(books, rule)
        own = _goods(books)
        assert left[0] not in own
        rounds.round_trip(books.tools)
        rounds.round_trip(books.tools)

        # at most one that was left comes to what was decided for each
        more = {home: holds(books, home) - own[home] for home in (had_it, left[2], left[3], too)}
        assert list(more.values()) == [1, 1, 1, 0]
        assert ledger.check().is_balanced

    def test_merged_after_the_next_opened_it_goes_where_the_people_are(self, leased_books):
        books = leased_books
        rule = _rule_that_carries(books)
        settled(books)
        had_it, _, source, *_ = _goods(books)
        _next_cycle(books, rule)
        own = _goods(books)
        _merged(books, source, had_it)
        for _ in range(3):
            rounds.round_trip(books.tools)

        assert holds(books, had_it) == own[had_it] + own[source] + 1
        assert holds(books, source) == 0
        assert ledger.check().is_balanced


def _goods(books):
    """Return how many parcels were decided for each household that has any, by id."""
    return {
        home: goods[0][1]
        for home, _, _, goods, _ in queries.decided_households(books.cycle)
        if goods
    }


def _merged(books, source, target):
    order = an_order(
        books, Kind.MERGE, target, other=source, other_version=households.standing(source).version
    )
    do(books, order)
    return order.id


def _rule_that_carries(books):
    """Let the open cycle's rule say that one parcel goes on, as if it had been published so."""
    [(text,)] = fetch(REGISTRY, "SELECT text FROM rule WHERE id = %s", (books.rule,))
    text += "\ncarry_over:\n  - {unit: parcel, at_most: 1}\n"
    with psycopg.connect(books.endpoints.registry_owner) as connection:
        connection.execute("UPDATE rule SET text = %s WHERE id = %s", (text, books.rule))
    return books.rule


def _next_cycle(books, rule):
    """Return the next cycle, decided and open."""
    books.rule = rule
    books.clock.forward(days=31)
    books.cycle = stages.new_cycle(books, "2026-12")
    freezing.freeze_and_decide(books.cycle, books.tools, acting=books.acting("jorge"))
    stages.opened(books)
    return books.cycle
