"""Schedules: drafts appear by the daily round, each once, and two people open them."""

from datetime import date

import pytest

from despensa.domain.reach import OutOfReach
from despensa.domain.schedule import Schedule
from despensa.entrypoints.jobs import schedules
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.usecases.publish_schedule import publish_schedule
from tests.factories.observing import Killed, at_once, count, dies, raised

PLAN = Schedule(1, 3, 14, date(2026, 12, 1), date(2027, 1, 31))


def _publish(books, plan=PLAN, by="jorge"):
    publish_schedule(books.programme, plan, acting=books.acting(by))


def _drafts():
    return fetch(
        REGISTRY,
        """SELECT code, state, reference_date, opens_on, closes_on FROM cycle
           WHERE code LIKE '20__-__-__' ORDER BY code""",
    )


def test_a_draft_appears_when_it_is_due_and_once(decided_books):
    books = decided_books
    _publish(books)

    assert schedules.carry_out(books.tools) == 1
    assert schedules.carry_out(books.tools) == 0

    first = ("2026-12-01", 1, date(2026, 11, 17), date(2026, 12, 1), date(2026, 12, 3))
    assert _drafts() == [first]
    books.clock.forward(days=30)
    assert schedules.carry_out(books.tools) == 1
    books.clock.forward(days=60)
    assert schedules.carry_out(books.tools) == 0
    assert [code for code, *_ in _drafts()] == ["2026-12-01", "2027-01-01"]


def test_two_rounds_at_once_draft_one(decided_books):
    books = decided_books
    _publish(books)

    ended = at_once(*[lambda: schedules.carry_out(books.tools)] * 2)

    assert not raised(ended)
    assert sum(ended) == len(_drafts()) == 1


def test_killed_on_its_way_it_is_drafted_by_the_next_round(decided_books, monkeypatch):
    books = decided_books
    _publish(books)
    with monkeypatch.context() as patched:
        dies(patched, schedules, "draft_cycle", after=True)
        with pytest.raises(Killed):
            schedules.carry_out(books.tools)

    assert schedules.carry_out(books.tools) == 0
    assert len(_drafts()) == 1


def test_publishing_again_replaces_it_and_only_in_reach(decided_books):
    books = decided_books
    _publish(books)
    _publish(books, Schedule(5, 3, 14, PLAN.from_date, PLAN.until_date))

    schedules.carry_out(books.tools)

    assert count(REGISTRY, "cycle_schedule") == 1
    assert [code for code, *_ in _drafts()] == ["2026-12-05"]
    with pytest.raises(OutOfReach):
        _publish(books, by="ana")
