"""
What comes back about payments: each line gets a status of its own, and moves money or not.

Decides the readable form of reconciliation. A line that is wrong changes nothing and stops nobody else;
what was final before is corrected by a movement of its own, never changed in place.
Source: docs/explanation/design.md, section 8.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from despensa.domain.payment.order import Outcome


class State(IntEnum):
    """How far a payment has come; numbers are never reused."""

    WAITING = 1
    HELD = 2
    SENT = 3
    UNKNOWN = 4
    PAID = 5
    FAILED = 6
    RETURNED = 7


OPEN = frozenset({State.HELD, State.SENT, State.UNKNOWN})


class LineStatus(IntEnum):
    """What a line of a statement turned out to be; numbers are never reused."""

    MATCHED = 1
    AMOUNT_DIFFERS = 2
    UNKNOWN = 3
    REPEATED = 4
    REVERSED = 5
    ALREADY_FINAL = 6
    UNREADABLE = 7
    STILL_OPEN = 8


class Effect(IntEnum):
    """What a line does to a payment."""

    NOTHING = 0
    PAY = 1
    FAIL = 2
    TAKE_BACK = 3
    PAY_AFTER_ALL = 4


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line as it was read.

    `fault` says why it could not be; `amount` None where the form names none. Units: minor units.
    """

    number: int
    reference: str
    amount: int | None
    currency: str | None
    outcome: Outcome | None
    reason: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A payment as the books have it."""

    amount: int
    currency: str
    state: State


@dataclass(frozen=True, slots=True)
class Judged:
    """A line, what it turned out to be, and what it does."""

    line: Line
    status: LineStatus
    effect: Effect = Effect.NOTHING


def judge(
    lines: Iterable[Line], known: Mapping[str, Known], seen: set[tuple[str, int]] | None = None
) -> Iterator[Judged]:
    """
    Yield each line with its status, in order; `seen` goes on from one part of a file to the next.

    Holds: for one payment and one file at most one line of each outcome has an effect.
    """
    seen = set() if seen is None else seen
    states = {reference: payment.state for reference, payment in known.items()}
    for line in lines:
        if line.fault or line.outcome is None:
            yield Judged(line, LineStatus.UNREADABLE)
            continue
        payment = known.get(line.reference)
        if payment is None:
            yield Judged(line, LineStatus.UNKNOWN)
            continue
        mark = (line.reference, int(line.outcome))
        if mark in seen:
            yield Judged(line, LineStatus.REPEATED)
            continue
        seen.add(mark)
        if _differs(line, payment):
            yield Judged(line, LineStatus.AMOUNT_DIFFERS)
            continue
        status, effect = _decided(line.outcome, states[line.reference])
        states[line.reference] = _AFTER.get(effect, states[line.reference])
        yield Judged(line, status, effect)


def after(effect: Effect, state: State) -> State:
    """Return the state of a payment after a line's effect."""
    return _AFTER.get(effect, state)


_AFTER = {
    Effect.PAY: State.PAID,
    Effect.FAIL: State.FAILED,
    Effect.TAKE_BACK: State.RETURNED,
    Effect.PAY_AFTER_ALL: State.PAID,
}


def _differs(line: Line, payment: Known) -> bool:
    if line.currency is not None and line.currency != payment.currency:
        return True
    return line.amount is not None and line.amount != payment.amount


def _decided(outcome: Outcome, state: State) -> tuple[LineStatus, Effect]:
    if outcome is Outcome.PENDING:
        is_open = state in OPEN or state is State.WAITING
        return (LineStatus.STILL_OPEN if is_open else LineStatus.ALREADY_FINAL), Effect.NOTHING
    is_paid = outcome is Outcome.PAID
    if state is State.WAITING:
        # it was never sent: nobody can have paid it
        return LineStatus.UNKNOWN, Effect.NOTHING
    if state in OPEN:
        return LineStatus.MATCHED, Effect.PAY if is_paid else Effect.FAIL
    if state is State.PAID:
        if is_paid:
            return LineStatus.ALREADY_FINAL, Effect.NOTHING
        return LineStatus.REVERSED, Effect.TAKE_BACK
    if is_paid:
        return LineStatus.REVERSED, Effect.PAY_AFTER_ALL
    return LineStatus.ALREADY_FINAL, Effect.NOTHING
