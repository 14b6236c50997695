"""Releases: what left the system, what waits for a second person, and proposing or taking one."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from despensa.adapters.release.report_file import as_csv, as_xlsx
from despensa.domain.proposal import parse
from despensa.domain.reach import OutOfReach
from despensa.domain.release.package import PackageTerms, ReleaseWrong, Wrong
from despensa.domain.release.report import Breakdown, ReportTerms
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import releasing, reporting
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.desk_pages import DeskFormPage
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.release_pages import ReleaseRow, ReleasesPage, WaitingRelease
from despensa.entrypoints.office.release_words import (
    ALONE,
    BREAKDOWNS,
    KINDS,
    RELEASE_STATES,
    WRONGS,
)
from despensa.entrypoints.office.rooms.cycle_words import DECIDED
from despensa.entrypoints.office.rooms.proposal_words import described
from despensa.entrypoints.office.shell import called, cycle_name, may, reach, show, staff_of
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.turning import turned
from despensa.entrypoints.office.words import PARAMETERS, PROPOSED_NOTICE, STORED_REASONS
from despensa.records.programmes import queries as programmes
from despensa.records.proposals import queries as proposals
from despensa.records.releases import queries
from despensa.records.releases.queries import PACKAGE, READY, REPORT
from despensa.usecases.fetch_release import NoSuchRelease, fetch_release

_NOT_HERE = gettext_lazy(
    "The file is not here: it is being made, or its day has come, or the workspace was restored."
)
_KEPT_DAYS = 90
_FIELD_OF = {
    Wrong.RECIPIENT: "recipient", Wrong.KEY: "key", Wrong.DESTROY_BY: "destroy_by",
    Wrong.BREAKDOWN: "breakdowns", Wrong.NOT_FOR_REPORTS: "breakdowns",
}  # fmt: skip
_KIND_OF = {releasing.ACTION: PACKAGE, reporting.ACTION: REPORT}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS = {
    PACKAGE: (Choice("package", gettext_lazy("Take the package")),),
    REPORT: (
        Choice("xlsx", gettext_lazy("Take it as a workbook")),
        Choice("csv", gettext_lazy("Take it as CSV")),
    ),
}


@door(Permission.SEE_PROPOSALS)
def releases(request: HttpRequest) -> HttpResponse:
    """Show what left and what waits."""
    covered = reach(request, Permission.SEE_PROPOSALS)
    rows, turns = turned(
        request,
        lambda limit, turn: queries.releases(limit, reach=covered, turn=turn),
        lambda one: (one.number, one.id),
    )
    is_alone = wiring.tools().workspace.single_operator
    page = ReleasesPage(
        rows=tuple(_row(request, one) for one in rows),
        waiting=_waiting(request),
        turns=turns,
        may_propose=may(request, Permission.RUN_CYCLES) and not is_alone,
        alone=ALONE if is_alone else "",
    )
    return show(request, "office/releases.html", "releases", page)


@door(Permission.RUN_CYCLES)
def package_new(request: HttpRequest) -> HttpResponse:
    """Show the form of an auditor's package; a POST proposes it."""
    key = ChangeField(
        "key", "text", gettext_lazy("The recipient's public key"), (), [request.POST.get("key", "")],
        gettext_lazy(
            "The auditor makes it with: despensa decide audit-key. Compare its digits by telephone."
        ),
        is_required=True,
    )  # fmt: skip
    notes = (
        gettext_lazy("Everything that is needed to decide the cycle again: no name, no household."),
        gettext_lazy("Only the holder of the key opens it; this office cannot."),
    )
    title = gettext_lazy("Give an auditor the package of a cycle")

    def proposed(row: programmes.CycleRow, recipient: str, destroy_by: date) -> UUID:
        tools = wiring.tools()
        try:
            public = bytes.fromhex(request.POST.get("key", "").strip())
        except ValueError as error:
            raise ReleaseWrong(Wrong.KEY) from error
        terms = PackageTerms(recipient, public, destroy_by)
        return releasing.propose(row, terms, tools, acting=tools.acting(staff_of(request).id))

    return _form(request, title, reverse("office:package_new"), key, notes, proposed)


@door(Permission.RUN_CYCLES)
def report_new(request: HttpRequest) -> HttpResponse:
    """Show the form of an agreement's report; a POST proposes it."""
    chosen = request.POST.getlist("breakdowns")
    by = ChangeField(
        "breakdowns", "checks", PARAMETERS["breakdowns"],
        tuple(Choice(str(one), BREAKDOWNS[one]) for one in Breakdown), chosen,
    )  # fmt: skip
    notes = (
        gettext_lazy("Exact totals of a cycle for a recipient by name; no line is about a person."),
        gettext_lazy("Small counts stay exact: whoever gets it must keep it to themselves."),
    )
    title = gettext_lazy("Give a partner of an agreement its report")

    def proposed(row: programmes.CycleRow, recipient: str, destroy_by: date) -> UUID:
        tools = wiring.tools()
        terms = ReportTerms(
            recipient, destroy_by, tuple(one for one in Breakdown if str(one) in chosen)
        )
        return reporting.propose(row, terms, tools, acting=tools.acting(staff_of(request).id))

    return _form(request, title, reverse("office:report_new"), by, notes, proposed)


@door(Permission.TAKE_RELEASES)
def release_take(request: HttpRequest, release_id: UUID) -> HttpResponseBase:
    """Send a copy of a release, once it is written down who takes it."""
    view, covered = queries.release(release_id), reach(request, Permission.TAKE_RELEASES)
    if view is None or not covered.covers(view.programme, view.programme_area):
        raise Http404
    if request.method != "POST":
        return redirect("office:releases")
    tools = wiring.tools()
    place = releasing.package_file(view.id, tools)
    if view.kind == PACKAGE and not place.is_file():
        messages.warning(request, str(_NOT_HERE))
        return redirect("office:releases")
    try:
        view = fetch_release(release_id, acting=tools.acting(staff_of(request).id))
    except NoSuchRelease:
        messages.warning(request, str(_NOT_HERE))
        return redirect("office:releases")
    name = f"release-{view.number}"
    if view.content is None:
        return FileResponse(
            place.open("rb"),
            as_attachment=True,
            filename=f"{name}.package",
            content_type="application/octet-stream",
        )
    is_book = request.POST.get("format") == "xlsx"
    return FileResponse(
        io.BytesIO((as_xlsx if is_book else as_csv)(view.content)),
        as_attachment=True,
        filename=f"{name}.{'xlsx' if is_book else 'csv'}",
        content_type=_XLSX if is_book else "text/csv; charset=utf-8",
    )


def _row(request: HttpRequest, one: queries.ReleaseView) -> ReleaseRow:
    may_take = one.state == READY and may(request, Permission.TAKE_RELEASES)
    if may_take:
        covered = reach(request, Permission.TAKE_RELEASES)
        may_take = covered.covers(one.programme, one.programme_area)
    return ReleaseRow(
        number=one.number,
        kind_word=KINDS[one.kind],
        cycle_name=f"{called(one.programme_names)}, {cycle_name(one.cycle_code)}",
        recipient=one.recipient,
        purpose=STORED_REASONS[one.reason],
        destroy_by=one.destroy_by,
        taken=one.fetches,
        state=RELEASE_STATES[one.state],
        proposal_id=one.id,
        take_url=reverse("office:release_take", args=[one.id]) if may_take else "",
        formats=_FORMATS[one.kind] if may_take else (),
    )


def _waiting(request: HttpRequest) -> tuple[WaitingRelease, ...]:
    now = wiring.tools().now()
    return tuple(
        WaitingRelease(
            kind_word=KINDS[_KIND_OF[view.action]],
            described=described(view),
            recipient=str(parse(view.canonical).parameters[0]),
            proposal_id=view.id,
        )
        for view in proposals.waiting(reach=reach(request, Permission.SEE_PROPOSALS))
        if view.action in _KIND_OF and view.expires_at > now
    )


def _form(
    request: HttpRequest,
    title: Word,
    url: str,
    own: ChangeField,
    notes: tuple[Word, ...],
    proposed: Callable[[programmes.CycleRow, str, date], UUID],
) -> HttpResponse:
    """Show a form with a field of its own; a POST proposes what was typed."""
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        try:
            proposal = proposed(*_asked(request))
        except ReleaseWrong as wrong:
            place = _FIELD_OF.get(wrong.wrong, "cycle")
            errors = (FieldError(f"id_{place}", WRONGS[wrong.wrong]),)
        except OutOfReach:
            errors = (FieldError("id_cycle", WRONGS[Wrong.NOT_DECIDED]),)
        else:
            messages.success(request, str(PROPOSED_NOTICE))
            return redirect("office:proposal", proposal)
    given = request.POST if request.method == "POST" else request.GET
    page = DeskFormPage(
        title, url, _fields(request, given, own), gettext_lazy("Propose it to a second person"),
        notes, (), errors,
        back_url=reverse("office:releases"), back_word=gettext_lazy("Releases"),
    )  # fmt: skip
    return show(request, "office/desk_form.html", "releases", page, status=422 if errors else 200)


def _asked(request: HttpRequest) -> tuple[programmes.CycleRow, str, date]:
    """Return the cycle, the recipient and the last day that were typed. Raises: ReleaseWrong."""
    wanted = request.POST.get("cycle", "")
    row = next((one for one in _cycles(request) if str(one.id) == wanted), None)
    if row is None:
        raise ReleaseWrong(Wrong.NOT_DECIDED)
    try:
        destroy_by = date.fromisoformat(request.POST.get("destroy_by", ""))
    except ValueError as error:
        raise ReleaseWrong(Wrong.DESTROY_BY) from error
    return row, " ".join(request.POST.get("recipient", "").split()), destroy_by


def _fields(request: HttpRequest, given: QueryDict, own: ChangeField) -> tuple[ChangeField, ...]:
    kept = (wiring.tools().today() + timedelta(days=_KEPT_DAYS)).isoformat()
    cycles = tuple(
        Choice(str(row.id), f"{called(row.programme_names)}, {cycle_name(row.code)}")
        for row in _cycles(request)
    )
    return (
        ChangeField(
            "cycle", "select", gettext_lazy("Cycle"), cycles, [given.get("cycle", "")],
            is_required=True,
        ),
        ChangeField(
            "recipient", "text", PARAMETERS["recipient"], (), [given.get("recipient", "")],
            gettext_lazy("A person or an office, by name."), is_required=True,
        ),
        own,
        ChangeField(
            "destroy_by", "date", PARAMETERS["destroy_by"], (), [given.get("destroy_by", kept)],
            gettext_lazy("On this day the copy here is destroyed. Within a year."),
            is_required=True,
        ),
    )  # fmt: skip


def _cycles(request: HttpRequest) -> list[programmes.CycleRow]:
    """Return the decided cycles that the person signed in runs."""
    covered = reach(request, Permission.RUN_CYCLES)
    return [
        row
        for row in programmes.cycles()
        if row.state >= DECIDED and covered.covers(row.programme, row.programme_area)
    ]
