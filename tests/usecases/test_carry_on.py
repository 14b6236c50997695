"""Unclaimed rights of a settled cycle go on into the next one, where the rule says so."""

import psycopg

from despensa.domain.cycle_life import SWEEP_DAYS
from despensa.entrypoints.jobs import cycle as freezing
from despensa.entrypoints.jobs import rounds
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import life_queries
from despensa.records.ledger import queries as ledger
from despensa.records.programmes import queries
from tests.factories import books as stages
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
