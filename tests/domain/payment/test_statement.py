"""Reconciliation, line by line: what a line does, and what it never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.payment.order import Outcome
from despensa.domain.payment.reference import (
    LENGTH_MAX,
    end_of,
    hold_of,
    is_reference,
    item_of,
    reference,
)
from despensa.domain.payment.statement import (
    OPEN,
    Effect,
    Known,
    Line,
    LineStatus,
    State,
    after,
    judge,
)

REFERENCE = "DAAAAAAAAAAAAAAAAAAAAAAAAAA"


def judged(state, *outcomes, amount=100, currency="EUR", named=REFERENCE):
    lines = [
        Line(number, named, amount, currency, outcome) for number, outcome in enumerate(outcomes, 1)
    ]
    known = {REFERENCE: Known(100, "EUR", state)}
    return [(one.status, one.effect) for one in judge(lines, known)]


@pytest.mark.parametrize(
    "state, outcome, status, effect",
    [
        (State.SENT, Outcome.PAID, LineStatus.MATCHED, Effect.PAY),
        (State.UNKNOWN, Outcome.REJECTED, LineStatus.MATCHED, Effect.FAIL),
        (State.HELD, Outcome.RETURNED, LineStatus.MATCHED, Effect.FAIL),
        (State.SENT, Outcome.PENDING, LineStatus.STILL_OPEN, Effect.NOTHING),
        (State.PAID, Outcome.PAID, LineStatus.ALREADY_FINAL, Effect.NOTHING),
        (State.PAID, Outcome.RETURNED, LineStatus.REVERSED, Effect.TAKE_BACK),
        (State.PAID, Outcome.REJECTED, LineStatus.REVERSED, Effect.TAKE_BACK),
        (State.FAILED, Outcome.REJECTED, LineStatus.ALREADY_FINAL, Effect.NOTHING),
        (State.FAILED, Outcome.PAID, LineStatus.REVERSED, Effect.PAY_AFTER_ALL),
        (State.RETURNED, Outcome.PAID, LineStatus.REVERSED, Effect.PAY_AFTER_ALL),
        (State.WAITING, Outcome.PAID, LineStatus.UNKNOWN, Effect.NOTHING),
    ],
)
def test_what_a_line_does(state, outcome, status, effect):
    assert judged(state, outcome) == [(status, effect)]


@pytest.mark.parametrize(
    "more", [{"amount": 99}, {"amount": 101}, {"currency": "USD"}, {"amount": 10_000}]
)
def test_another_amount_or_currency_moves_nothing(more):
    assert judged(State.SENT, Outcome.PAID, **more) == [(LineStatus.AMOUNT_DIFFERS, Effect.NOTHING)]


def test_the_same_line_twice_moves_once():
    assert judged(State.SENT, Outcome.PAID, Outcome.PAID) == [
        (LineStatus.MATCHED, Effect.PAY),
        (LineStatus.REPEATED, Effect.NOTHING),
    ]


def test_a_line_nobody_can_read_stops_nobody():
    lines = [
        Line(1, REFERENCE, None, None, None, fault="amount 'x'"),
        Line(2, "somebody else's", 1, "EUR", Outcome.PAID),
        Line(3, REFERENCE, 100, "EUR", Outcome.PAID),
    ]

    found = list(judge(lines, {REFERENCE: Known(100, "EUR", State.SENT)}))

    assert [one.status for one in found] == [
        LineStatus.UNREADABLE,
        LineStatus.UNKNOWN,
        LineStatus.MATCHED,
    ]


@given(st.sampled_from(State), st.lists(st.sampled_from(Outcome), max_size=8))
def test_money_leaves_at_most_once_more_than_it_comes_back(state, outcomes):
    balance = 1 if state is State.PAID else 0
    for _, effect in judged(state, *outcomes):
        balance += (effect in {Effect.PAY, Effect.PAY_AFTER_ALL}) - (effect is Effect.TAKE_BACK)
        state = after(effect, state)
        assert balance == (state is State.PAID)
        assert effect in {Effect.NOTHING, Effect.TAKE_BACK, Effect.PAY_AFTER_ALL} or (
            state not in OPEN
        )


def test_a_reference_repeats_until_a_failure_is_confirmed_and_names_nobody():
    key, person = b"k" * 32, b"p" * 16
    item = item_of(b"c" * 16, 978)

    made = reference(key, person=person, item=item, failures=0)

    assert made == reference(key, person=person, item=item, failures=0)
    assert is_reference(made)
    assert len(made) <= LENGTH_MAX
    others = {
        made,
        reference(key, person=person, item=item, failures=1),
        reference(b"x" * 32, person=person, item=item, failures=0),
        reference(key, person=b"q" * 16, item=item, failures=0),
        reference(key, person=person, item=item_of(b"c" * 16, 840), failures=0),
    }
    assert len(others) == 5
    assert len({hold_of(made), end_of(made, "paid"), end_of(made, "failed")}) == 3
