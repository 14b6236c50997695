"""Whose facts changed since a cycle was decided: listed, while the frozen facts stay as they are."""

from collections import Counter
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.domain.ports.engine import EngineError, FactsChange
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs.facts_since import FactsGone, facts_since
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.parts import Figure
from despensa.entrypoints.office.rooms.household_changes import short_number
from despensa.entrypoints.office.shell import cycle_name, may, reach, show
from despensa.entrypoints.office.states import State
from despensa.entrypoints.office.work_pages import CycleDifferencesPage, DifferenceRow
from despensa.records.programmes import queries

ROWS_MAX = 100
CHANGES = {
    FactsChange.CHANGED: State("waiting", pgettext_lazy("facts", "changed")),
    FactsChange.NEW: State("information", pgettext_lazy("facts", "came later")),
    FactsChange.GONE: State("stopped", pgettext_lazy("facts", "no longer there")),
}
_GONE = gettext_lazy("This cycle has no frozen facts any more, or they cannot be read.")


@door(Permission.RUN_CYCLES)
def cycle_differences(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """Ask whether to compare; a POST compares the frozen facts with the register as it is now."""
    row = queries.cycle(cycle_id)
    covered = reach(request, Permission.RUN_CYCLES)
    if row is None or not covered.covers(row.programme, row.programme_area):
        raise Http404
    page = CycleDifferencesPage(row.id, cycle_name(row.code), row.reference_date)
    if request.method == "POST":
        try:
            found = facts_since(row, wiring.tools())
        except (FactsGone, EngineError):
            messages.warning(request, str(_GONE))
            return redirect("office:cycle", row.id)
        counts = Counter(one.change for one in found)
        sees = may(request, Permission.READ_HOUSEHOLDS)
        page = CycleDifferencesPage(
            row.id,
            cycle_name(row.code),
            row.reference_date,
            is_compared=True,
            figures=tuple(
                Figure(state.word, counts[change], kind=state.kind)
                for change, state in CHANGES.items()
            ),
            rows=tuple(
                _row(UUID(bytes=one.household), one.change, sees=sees) for one in found[:ROWS_MAX]
            ),
            more=max(0, len(found) - ROWS_MAX),
        )
    return show(request, "office/cycle_differences.html", "cycles", page)


def _row(household: UUID, change: FactsChange, *, sees: bool) -> DifferenceRow:
    url = reverse("office:household", args=[household]) if sees else ""
    return DifferenceRow(short_number(household), CHANGES[change], url)
