"""A cycle in words: its state, its name, its line in a list."""

from collections.abc import Sequence
from uuid import UUID

from despensa.entrypoints.office.pages import CycleSummary
from despensa.entrypoints.office.shell import called, cycle_name
from despensa.entrypoints.office.states import CYCLE_STATES
from despensa.records.programmes.queries import CycleRow, outcome_totals

WITHDRAWN, DRAFT, DECIDED, OPENING, OPEN, CLOSED, SETTLED, FADING, FADED = range(9)
STATE_NAMES = {
    WITHDRAWN: "withdrawn",
    DRAFT: "draft",
    DECIDED: "decided",
    OPENING: "approved",
    OPEN: "open",
    CLOSED: "closed",
    SETTLED: "settled",
    FADING: "fading",
    FADED: "faded",
}
OUTCOMES = {1: "entitled", 2: "not_entitled", 3: "needs_information"}


def summary(cycle: CycleRow, *, areas: Sequence[UUID] | None, points_open: int = 0) -> CycleSummary:
    """Return a cycle in a line, with the households entitled in these areas (None: in all)."""
    entitled = cycle.totals.get("entitled")
    if areas is not None and entitled is not None:
        entitled = outcome_totals(cycle.id, areas=areas).get(1, 0)
    return CycleSummary(
        cycle_id=cycle.id,
        programme_name=called(cycle.programme_names),
        cycle_name=cycle_name(cycle.code),
        code=cycle.code,
        state=CYCLE_STATES[STATE_NAMES[cycle.state]],
        opens_on=cycle.opens_on,
        closes_on=cycle.closes_on,
        households=entitled,
        points_open=points_open,
    )
