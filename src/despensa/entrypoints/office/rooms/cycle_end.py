"""The life of a cycle after it is open, for its page: what comes next and what waits on what."""

from datetime import date

from despensa.domain.reach import Reach
from despensa.entrypoints.jobs import cycle_life
from despensa.entrypoints.office.rooms.cycle_words import (
    CLOSED,
    FADED,
    OPEN,
    SETTLED,
    STATE_NAMES,
)
from despensa.entrypoints.office.shell import called
from despensa.entrypoints.office.step_words import CYCLE_NEXT, CYCLE_WAITS
from despensa.entrypoints.office.templatetags.office import short_day
from despensa.entrypoints.office.work_pages import CycleEnd, GoodsEnd
from despensa.entrypoints.wiring import Tools
from despensa.records.ledger import life_queries
from despensa.records.programmes import queries

CYCLE_STATIONS = ("draft", "decided", "approved", "open", "closed", "settled", "faded")


def station_of(state: int) -> int:
    """Return at which of the stations a cycle is; what has been done there counts as done."""
    return {0: 1, 1: 0, 2: 1, 3: 2, OPEN: 3, CLOSED: 4, SETTLED: 5}.get(state, 6)


def station_notes(row: queries.CycleRow) -> tuple[str, str, str]:
    """Return the notes under closed, settled and faded: days that passed, or that will."""
    if row.state < OPEN:
        return "", "", ""
    closed = short_day(row.closed_on or row.closes_on)
    return closed, "", short_day(row.disputed_until)


def cycle_end(row: queries.CycleRow, tools: Tools, *, reach: Reach) -> CycleEnd | None:
    """Return what comes after a cycle is open, or None before; `reach` is where cycles are seen."""
    if row.state < OPEN:
        return None
    found = cycle_life.standing(row, tools)
    step, name = found.step, STATE_NAMES[row.state]
    on = None if step is None else step.on
    return CycleEnd(
        next_word=CYCLE_NEXT[name] if step else "",
        waits_word=CYCLE_WAITS[step.waits.name] if step else "",
        on=on,
        days_left=_days(on, tools.today()),
        is_latest=row.state == CLOSED,
        closed_on=row.closed_on,
        disputed_until=row.disputed_until if row.state > OPEN else None,
        lists_out=found.lists_out,
        events_waiting=found.events_waiting,
        goods=_goods(row) if reach.covers(row.programme, row.programme_area) else (),
        backup_days=tools.backup_days if row.state == FADED else 0,
    )


def _days(on: date | None, today: date) -> int:
    return 0 if on is None else max(0, (on - today).days)


def _goods(row: queries.CycleRow) -> tuple[GoodsEnd, ...]:
    if row.state < SETTLED:
        return ()
    units = queries.units()
    return tuple(
        GoodsEnd(called(units[unit][1]) if unit in units else str(unit), *amounts)
        for unit, *amounts in life_queries.quantities(row.id)
    )
