"""A cycle in words: its state, its name, its line in a list."""

from despensa.entrypoints.office.pages import CycleSummary
from despensa.entrypoints.office.shell import called
from despensa.entrypoints.office.states import CYCLE_STATES
from despensa.records.programmes.queries import CycleRow

DRAFT, DECIDED, OPENING, OPEN, CLOSED = 1, 2, 3, 4, 5
STATE_NAMES = {
    DRAFT: "draft",
    DECIDED: "decided",
    OPENING: "approved",
    OPEN: "open",
    CLOSED: "closed",
}
OUTCOMES = {1: "entitled", 2: "not_entitled", 3: "needs_information"}


def summary(cycle: CycleRow, *, points_open: int = 0) -> CycleSummary:
    """Return a cycle in a line."""
    return CycleSummary(
        cycle_id=cycle.id,
        programme_name=called(cycle.programme_names),
        cycle_name=cycle.code,
        state=CYCLE_STATES[STATE_NAMES[cycle.state]],
        opens_on=cycle.opens_on,
        closes_on=cycle.closes_on,
        households=cycle.totals.get("entitled"),
        points_open=points_open,
    )
