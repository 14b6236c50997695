"""The paper of a decision, for the household to take home; the look is written down first."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from despensa.domain.eligibility.paper import PaperError, PaperUnreadable
from despensa.domain.ports.keeper import Purpose
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import decision_papers
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.shell import staff_of
from despensa.records.programmes import queries as programmes
from despensa.usecases.open_decision import NoSuchHousehold, open_decision

_NOT_MADE = gettext_lazy(
    "The paper was not made: its code holds too much, or did not read back. Write the slip as a file:"
    " despensa decide slip."
)


@door(Permission.READ_HOUSEHOLDS)
def decision_paper(request: HttpRequest, household_id: UUID, cycle_id: UUID) -> HttpResponse:
    """Send the paper as a PDF, in the language asked for or the household's own."""
    tools = wiring.tools()
    try:
        decisions = open_decision(
            household_id,
            purpose=Purpose.SERVE_HOUSEHOLD,
            acting=tools.acting(staff_of(request).id),
        )
    except NoSuchHousehold as error:
        raise Http404 from error
    decision = next((one for one in decisions if one.cycle == cycle_id), None)
    row = programmes.cycle(cycle_id)
    if decision is None or row is None or not decision_papers.has_facts(row, tools):
        raise Http404
    language = decision_papers.language_for(
        household_id, tools.workspace.languages, asked=request.GET.get("language", "")
    )
    try:
        pdf = decision_papers.decision_paper(decision, row, language, tools)
    except (PaperError, PaperUnreadable):
        messages.error(request, _NOT_MADE)
        return redirect("office:household", household_id)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="decision-{row.code}.pdf"'
    response["Content-Language"] = language
    # it holds a household's facts: no copy stays in the browser
    response["Cache-Control"] = "no-store"
    return response


def papers_of(household: UUID, cycle: programmes.CycleRow) -> tuple[Choice, ...]:
    """Return addresses and languages of a decision's paper, the household's own language first."""
    tools = wiring.tools()
    if not decision_papers.has_facts(cycle, tools):
        return ()
    known = decision_papers.paper_languages()
    own = decision_papers.language_for(household, tools.workspace.languages)
    address = reverse("office:decision_paper", args=[household, cycle.id])
    return tuple(
        Choice(f"{address}?{urlencode({'language': code})}", known[code])
        for code in sorted(known, key=lambda code: code != own)
    )
