"""Cases: deliveries that no list covers and phones with two journals, closed by two people."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from despensa.domain.redemption.verdict import Verdict
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.office import case_words as words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.case_pages import CaseRow, CasesPage
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.phone_words import mark
from despensa.entrypoints.office.shell import called, may, reach, show, staff_of
from despensa.records.programmes import queries as programmes
from despensa.records.redemption import case_queries
from despensa.usecases.judge_case import NoSuchCase, WordGiven, judge_case


@door(Permission.SEE_CASES)
def cases(request: HttpRequest) -> HttpResponse:
    """Show the cases in reach, the open ones first."""
    return _cases(request)


@door(Permission.JUDGE_CASES)
@require_POST
def case_judge(request: HttpRequest, subject: UUID) -> HttpResponse:
    """Say what a case was; two people who say the same close it."""
    try:
        verdict = Verdict(int(request.POST.get("verdict", "")))
    except ValueError:
        return _cases(request, FieldError(f"id_{subject}", words.CHOOSE))
    try:
        is_closed = judge_case(
            subject,
            verdict,
            reach=reach(request, Permission.JUDGE_CASES),
            acting=wiring.tools().acting(staff_of(request).id),
        )
    except NoSuchCase as error:
        raise Http404 from error
    except WordGiven:
        return _cases(request, FieldError(f"id_{subject}", words.GIVEN))
    messages.success(request, words.ENDED if is_closed else words.SAID)
    return redirect("office:cases")


def _cases(request: HttpRequest, *errors: FieldError) -> HttpResponse:
    names = {number: called(said) or code for number, (code, said) in programmes.units().items()}
    found = case_queries.cases(reach(request, Permission.SEE_CASES).areas)
    page = CasesPage(
        tuple(_row(request, view, names) for view in found),
        tuple(Choice(str(int(one)), word) for one, word in words.VERDICTS.items()),
        errors,
    )
    return show(request, "office/cases.html", "cases", page, status=422 if errors else 200)


def _row(request: HttpRequest, view: case_queries.CaseView, names: dict[int, str]) -> CaseRow:
    state = words.OPEN if not view.words else words.ONE_WORD
    said_before = any(str(staff_of(request).id) == str(staff) for staff, _ in view.words)
    is_open = view.verdict is None
    return CaseRow(
        id=str(view.subject),
        cause=words.CAUSES[view.cause],
        phone_mark=mark(view.device),
        point_name="" if view.names is None else called(view.names) or view.code or "",
        on=view.day,
        goods=" · ".join(f"{many} {names.get(unit, str(unit))}" for unit, many in view.goods),
        set_aside=view.set_aside,
        state=state if is_open else words.CLOSED,
        verdict="" if view.verdict is None else words.VERDICTS[Verdict(view.verdict)],
        judge_url=reverse("office:case_judge", args=[view.subject])
        if is_open and not said_before and may(request, Permission.JUDGE_CASES)
        and reach(request, Permission.JUDGE_CASES).holds(view.area)
        else "",
    )  # fmt: skip
