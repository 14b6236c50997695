"""
The life of a cycle after it is open, across both databases and the keeper, one stage after another.

Every stage may be repeated: killed anywhere, the next round goes on where it stopped. What a step
waits for is asked of `standing`, which doors show as well.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from despensa.domain import cycle_life as rules
from despensa.domain.act import Acting
from despensa.domain.cycle_life import Step, Waits
from despensa.domain.proposal import Mandate
from despensa.entrypoints.wiring import Tools
from despensa.records.grievances import queries as appeals
from despensa.records.ledger import life_queries as ledger
from despensa.records.programmes import life_queries as cycles_lived
from despensa.records.programmes import queries
from despensa.usecases.begin_fade import begin_fade
from despensa.usecases.close_books import close_books
from despensa.usecases.close_cycle import ACTION, close_cycle
from despensa.usecases.end_sweep import end_sweep
from despensa.usecases.fade_books import fade_books, fade_rest
from despensa.usecases.finish_fade import finish_fade
from despensa.usecases.settle_cycle import settle_cycle
from despensa.usecases.sweep_unclaimed import sweep_unclaimed

__all__ = ["ACTION", "Standing", "carry_out", "close", "fade", "settle", "standing"]

OPEN, CLOSED, SETTLED, FADING, FADED = 4, 5, 6, 7, 8
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What the next step of a cycle waits for, and what phones still hold or have sent of it.

    `step` is None where no step of this life comes next: not open yet, or faded.
    """

    step: Step | None
    lists_out: int = 0
    events_waiting: int = 0


def standing(row: queries.CycleRow, tools: Tools) -> Standing:
    """Return what the next step of a cycle waits for."""
    today = tools.today()
    if row.state == OPEN:
        return Standing(rules.closing(row.closes_on, today))
    if row.state == CLOSED:
        books = ledger.books(row.id)
        out = 0 if books is None else books.lists_out
        waiting = 0 if books is None else books.events_waiting
        return Standing(
            rules.settling(row.closed_on or row.closes_on, today, lists_out=out), out, waiting
        )
    if row.state == SETTLED:
        at = cycles_lived.settled_at(row.id)
        day = None if at is None else tools.acting(None).day_of(at)
        has_appeals = bool(appeals.with_open_appeals([row.id]))
        return Standing(
            rules.fading(row.disputed_until, today, settled_on=day, has_appeals=has_appeals)
        )
    return Standing(Step(Waits.NOTHING) if row.state == FADING else None)


def close(cycle: UUID, tools: Tools, *, acting: Acting, mandate: Mandate | None = None) -> bool:
    """
    Return whether a cycle was closed now, at its published day or under a mandate.

    Raises: NotYet; WrongState; ApprovalInvalid; AlreadyUsed.
    """
    closed = close_cycle(cycle, acting=acting, mandate=mandate)
    close_books(cycle, acting=tools.acting(None))
    return closed


def settle(cycle: UUID, tools: Tools) -> bool:
    """Return whether a closed cycle was settled now; False while lists are out."""
    row = queries.cycle(cycle)
    if row is None or row.state != CLOSED:
        return False
    close_books(cycle, acting=tools.acting(None))
    step = standing(row, tools).step
    books = ledger.books(cycle)
    if step is None or step.waits is not Waits.NOTHING or books is None:
        return False
    if books.state == ledger.CLOSED:
        for chunk in range(books.chunks):
            sweep_unclaimed(
                cycle, chunk, books.chunks, acting=tools.acting(None), keeper=tools.keeper.cycles
            )
        end_sweep(cycle, books.chunks, acting=tools.acting(None))
    settled = settle_cycle(cycle, acting=tools.acting(None))
    tools.keeper.cycles.note_settled(cycle.bytes, at=tools.now())
    return settled


def fade(cycle: UUID, tools: Tools) -> bool:
    """
    Return whether a settled cycle faded now; False while its dispute window runs.

    False as well while the keeper, which was told late, keeps the cycle's keys.
    """
    row = queries.cycle(cycle)
    if row is None or row.state not in {SETTLED, FADING}:
        return False
    step = standing(row, tools).step
    if step is None or step.waits is not Waits.NOTHING:
        return False
    if tools.now() < tools.keeper.cycles.note_settled(cycle.bytes, at=tools.now()):
        return False
    begin_fade(cycle, acting=tools.acting(None))
    fade_books(cycle, acting=tools.acting(None))
    tools.keeper.cycles.destroy_cycle(cycle.bytes, at=tools.now())
    return finish_fade(cycle, acting=tools.acting(None))


def carry_out(tools: Tools) -> int:
    """Take every step that is due, of every cycle, and return how many there were."""
    done = 0
    for state, take in _STEPS:
        for cycle in cycles_lived.cycles_in_state(state):
            if state == SETTLED:
                # again after a settlement that was killed before the keeper heard of it
                tools.keeper.cycles.note_settled(cycle.bytes, at=tools.now())
            row = queries.cycle(cycle)
            step = None if row is None else standing(row, tools).step
            if step is not None and step.waits is Waits.NOTHING and take(cycle, tools):
                _log.info("cycle %s: %s", cycle, _WORDS[state])
                done += 1
    for cycle in ledger.faded_with_rest():
        fade_rest(cycle, acting=tools.acting(None))
    return done


def _close_due(cycle: UUID, tools: Tools) -> bool:
    return close(cycle, tools, acting=tools.acting(None))


_STEPS: tuple[tuple[int, Callable[[UUID, Tools], bool]], ...] = (
    (OPEN, _close_due),
    (CLOSED, settle),
    (SETTLED, fade),
    (FADING, fade),
)
_WORDS = {OPEN: "closed", CLOSED: "settled", SETTLED: "faded", FADING: "faded"}
