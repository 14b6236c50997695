"""Appeals: taken down from a decision, listed by the day an answer is due, answered, on paper."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from despensa.domain import appeal as appeals_domain
from despensa.domain.appeal import Answer, AppealRefused, Ground, Reason, Why
from despensa.domain.eligibility.paper import PaperError, PaperUnreadable
from despensa.domain.ports.keeper import AccessRefused, Purpose
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import appeal_papers, appealing
from despensa.entrypoints.office import appeal_words as words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.appeal_pages import (
    AppealFormPage,
    AppealPage,
    AppealRow,
    AppealsPage,
)
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.rooms.decision_panel import decision_panel
from despensa.entrypoints.office.rooms.household_changes import acting, short_number
from despensa.entrypoints.office.shell import cycle_name, instant, reach, show, staff_of
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.turning import turned
from despensa.entrypoints.office.words import TOO_MANY_READS
from despensa.records.duplicates import queries as duplicates
from despensa.records.grievances import queries
from despensa.records.programmes import queries as programmes
from despensa.records.staff import queries as staff
from despensa.usecases.bring_appeal import Wanted
from despensa.usecases.open_appeal import OpenedAppeal, open_appeal
from despensa.usecases.open_decision import NoSuchHousehold, open_decision

WAITING_MAX = 100
_TAKEN = gettext_lazy("Taken down. Print its paper: it says until when there is an answer.")
_ANSWERED = gettext_lazy("Answered. Print the paper for the household.")
_PREPARED = gettext_lazy("A second person is asked to open the further hand-out.")
_NOTHING_MORE = gettext_lazy(
    "The rule gives nothing more on the facts as they are recorded now. Correct the record; the "
    "household may appeal again."
)
_NOT_PREPARED = gettext_lazy(
    "The further hand-out could not be prepared: the cycle has ended, or somebody works on it now. "
    "It is tried again."
)
_NOT_MADE = gettext_lazy("The paper was not made: its code did not read back. Print it again.")
_GROUND_MISSING = gettext_lazy("Choose what the household says.")
_ANSWER_MISSING = gettext_lazy("Choose an answer.")


@door(Permission.BRING_APPEALS)
def appeals(request: HttpRequest) -> HttpResponse:
    """Show the appeals in reach, without names or words: those due first, then the answered."""
    in_reach = reach(request, Permission.BRING_APPEALS)
    answered, turns = turned(
        request,
        lambda limit, turn: queries.answered(limit, reach=in_reach, turn=turn),
        lambda view: (view.taken_down_at, view.id),
    )
    page = AppealsPage(
        waiting=tuple(_row(view) for view in queries.waiting(WAITING_MAX, reach=in_reach)),
        answered=tuple(_row(view) for view in answered),
        turns=turns,
    )
    return show(request, "office/appeals.html", "appeals", page)


@door(Permission.BRING_APPEALS)
def appeal_new(request: HttpRequest, household_id: UUID, cycle_id: UUID) -> HttpResponse:
    """Show the decision with the form of an appeal against it; what was typed becomes one."""
    given: Mapping[str, str] = request.POST if request.method == "POST" else {}
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        try:
            wanted = _wanted(given, household_id, cycle_id)
            brought = appealing.bring(wanted, wiring.tools(), acting=acting(request))
        except AppealRefused as refused:
            errors = (_bring_error(refused),)
        else:
            messages.success(request, str(_TAKEN))
            return redirect("office:appeal", brought.id)
    page = _form(request, household_id, cycle_id, given, errors)
    return show(
        request, "office/appeal_new.html", "households", page, status=422 if errors else 200
    )


@door(Permission.BRING_APPEALS)
def appeal(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """Show one appeal; the look is written down first."""
    return _shown(request, appeal_id)


@door(Permission.ANSWER_APPEALS)
def appeal_answer(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """Answer an appeal; an upheld one makes what follows at once."""
    if request.method != "POST":
        return redirect("office:appeal", appeal_id)
    answers = {str(int(one)): one for one in Answer}
    reasons = {str(int(one)): one for one in Reason}
    given = request.POST.get("answer", "")
    if given not in answers:
        return _shown(request, appeal_id, (FieldError("id_answer", _ANSWER_MISSING),))
    try:
        appealing.answer(
            appeal_id,
            answers[given],
            wiring.tools(),
            reason=reasons.get(request.POST.get("reason", "")),
            acting=acting(request),
        )
    except AppealRefused as refused:
        if refused.why is Why.NO_SUCH_APPEAL:
            raise Http404 from refused
        field = "id_reason" if refused.why is Why.REASON_DOES_NOT_FIT else "id_answer"
        return _shown(request, appeal_id, (FieldError(field, words.mending(refused)),))
    messages.success(request, str(_ANSWERED))
    return redirect("office:appeal", appeal_id)


@door(Permission.ANSWER_APPEALS)
def appeal_prepare(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """Ask again for what follows from an upheld appeal, after a refusal or where it failed."""
    if request.method == "POST":
        try:
            proposal = appealing.remedy(appeal_id, wiring.tools(), acting=acting(request))
            messages.info(request, str(_NOTHING_MORE if proposal is None else _PREPARED))
        except AppealRefused as refused:
            if refused.why is Why.NO_SUCH_APPEAL:
                raise Http404 from refused
            messages.error(request, str(words.mending(refused)))
        except appealing.PROBLEMS:
            messages.error(request, str(_NOT_PREPARED))
    return redirect("office:appeal", appeal_id)


@door(Permission.BRING_APPEALS)
def appeal_paper(request: HttpRequest, appeal_id: UUID, which: str) -> HttpResponse:
    """Send the paper of a receipt as a PDF, in the language asked for or the household's own."""
    tools = wiring.tools()
    try:
        view = open_appeal(
            appeal_id, acting=acting(request), vault=tools.keeper.vault, with_text=False
        ).view
    except AppealRefused as error:
        raise Http404 from error
    signed = {"brought": view.brought_receipt, "answered": view.answer_receipt}.get(which)
    if signed is None:
        raise Http404
    language = appeal_papers.language_for(
        view.household, tools.workspace.languages, asked=request.GET.get("language", "")
    )
    try:
        pdf = appeal_papers.appeal_paper(view, signed, language, tools)
    except (PaperError, PaperUnreadable):
        messages.error(request, str(_NOT_MADE))
        return redirect("office:appeal", appeal_id)
    response = HttpResponse(pdf, content_type="application/pdf")
    name = appeals_domain.serial(view.id.hex)
    response["Content-Disposition"] = f'attachment; filename="{name}-{which}.pdf"'
    response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    return response


def _wanted(given: Mapping[str, str], household: UUID, cycle: UUID) -> Wanted:
    grounds = {str(int(one)): one for one in Ground}
    ground, request = given.get("ground", ""), given.get("request", "")
    if ground not in grounds:
        raise AppealRefused(Why.REASON_DOES_NOT_FIT)
    try:
        appeal_id = UUID(request)
    except ValueError as error:
        raise AppealRefused(Why.ID_USED_OTHERWISE) from error
    return Wanted(appeal_id, cycle, household, grounds[ground], given.get("text", ""))


def _bring_error(refused: AppealRefused) -> FieldError:
    if refused.why is Why.NO_SUCH_APPEAL:
        raise Http404 from refused
    if refused.why is Why.REASON_DOES_NOT_FIT:
        return FieldError("id_ground", _GROUND_MISSING)
    is_text = refused.why in {Why.TEXT_TOO_LONG, Why.NOBODY_TO_SEAL_FOR}
    return FieldError("id_text" if is_text else "id_ground", words.mending(refused))


def _form(
    request: HttpRequest,
    household_id: UUID,
    cycle_id: UUID,
    given: Mapping[str, str],
    errors: tuple[FieldError, ...],
) -> AppealFormPage:
    tools, act = wiring.tools(), acting(request)
    try:
        decisions = open_decision(household_id, purpose=Purpose.ANSWER_GRIEVANCE, acting=act)
    except NoSuchHousehold as error:
        raise Http404 from error
    decision = next((one for one in decisions if one.cycle == cycle_id), None)
    cycle = programmes.cycle(cycle_id)
    asked = queries.decision(cycle_id, household_id)
    if decision is None or cycle is None or asked is None:
        raise Http404
    if not reach(request, Permission.BRING_APPEALS).covers(asked.programme, asked.area):
        raise Http404
    return AppealFormPage(
        household_id=household_id,
        number=short_number(household_id),
        action=reverse("office:appeal_new", args=[household_id, cycle_id]),
        decision=decision_panel(decision),
        last_day=cycle.disputed_until,
        answer_until=appeals_domain.answer_by(tools.today()),
        grounds=tuple(Choice(str(int(one)), words.ground_word(one)) for one in Ground),
        ground=given.get("ground", ""),
        text=given.get("text", ""),
        hidden=(("request", given.get("request") or str(act.new_id())),),
        errors=errors,
    )


def _shown(
    request: HttpRequest, appeal_id: UUID, errors: tuple[FieldError, ...] = ()
) -> HttpResponse:
    try:
        opened = open_appeal(appeal_id, acting=acting(request), vault=wiring.tools().keeper.vault)
    except AppealRefused as error:
        raise Http404 from error
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:appeals")
    page = _page(request, opened, errors)
    return show(request, "office/appeal.html", "appeals", page, status=422 if errors else 200)


def _page(request: HttpRequest, opened: OpenedAppeal, errors: tuple[FieldError, ...]) -> AppealPage:
    view = opened.view
    names = staff.names({view.taken_down_by, *filter(None, [view.answered_by])})
    may_answer, why_not = _may_answer(request, view)
    answers = reach(request, Permission.ANSWER_APPEALS).covers(view.programme, view.area)
    child = None if view.child is None else programmes.cycle(view.child)
    gives_nothing = (
        child is not None and child.frozen_root is not None
        and view.proposal is None and not programmes.goods_totals(child.id)
    )  # fmt: skip
    is_asked = view.proposal is not None and view.proposal_state != _PROPOSAL_REFUSED
    return AppealPage(
        appeal_id=view.id,
        household_id=view.household,
        serial=appeals_domain.serial(view.id.hex),
        number=short_number(view.household),
        state=words.STATES[view.answer],
        ground=words.ground_word(view.ground),
        text=opened.text,
        is_forgotten=not view.digest,
        decision=None if opened.decision is None else decision_panel(opened.decision),
        cycle_name=cycle_name(view.cycle_code),
        taken_by=names.get(view.taken_down_by, ""),
        taken_at=instant(view.taken_down_at),
        last_day=view.last_day,
        answer_until=view.answer_until,
        is_overdue=_is_overdue(view),
        brought_papers=_papers(view, "brought"),
        answer_papers=() if view.answer_receipt is None else _papers(view, "answered"),
        reason="" if view.reason is None else words.reason_word(view.reason),
        answered_by="" if view.answered_by is None else names.get(view.answered_by, ""),
        answered_at=None if view.answered_at is None else instant(view.answered_at),
        may_answer=may_answer,
        why_not=why_not,
        answers=tuple(Choice(str(int(one)), words.ANSWERS[one]) for one in Answer),
        reasons=tuple(Choice(str(int(one)), words.reason_word(one)) for one in Reason),
        answer=request.POST.get("answer", ""),
        answer_reason=request.POST.get("reason", ""),
        child_url="" if child is None else reverse("office:cycle", args=[child.id]),
        proposal_url=(
            reverse("office:proposal", args=[view.proposal])
            if _sees_proposal(request, view)
            else ""
        ),
        may_prepare=answers and view.answer is Answer.UPHELD and not is_asked and not gives_nothing,
        gives_nothing=gives_nothing,
        money_waits_until=duplicates.money_waits([view.household], on=wiring.tools().today()).get(
            view.household
        ),
        errors=errors,
    )


_PROPOSAL_REFUSED = 3


def _sees_proposal(request: HttpRequest, view: queries.AppealView) -> bool:
    in_reach = reach(request, Permission.SEE_PROPOSALS)
    return view.proposal is not None and in_reach.covers(view.programme, view.area)


def _may_answer(request: HttpRequest, view: queries.AppealView) -> tuple[bool, Word]:
    """Return whether the reader answers this appeal, and why not where only that stands in the way."""
    in_reach = reach(request, Permission.ANSWER_APPEALS)
    if not view.is_open or not in_reach.covers(view.programme, view.area):
        return False, ""
    brought = appeals_domain.Brought(view.taken_down_by, queries.deciders(view.cycle), view.answer)
    tools = wiring.tools()
    try:
        appeals_domain.answer(
            brought,
            Answer.UPHELD,
            by=staff_of(request).id,
            waited_seconds=tools.now() - view.taken_down_at
            if tools.workspace.single_operator
            else None,
        )
    except AppealRefused as refused:
        return False, words.mending(refused)
    return True, ""


def _papers(view: queries.AppealView, which: str) -> tuple[Choice, ...]:
    """Return addresses and languages of a paper, the household's own language first."""
    known = appeal_papers.paper_languages()
    own = appeal_papers.language_for(view.household, wiring.tools().workspace.languages)
    address = reverse("office:appeal_paper", args=[view.id, which])
    return tuple(
        Choice(f"{address}?{urlencode({'language': code})}", known[code])
        for code in sorted(known, key=lambda code: code != own)
    )


def _is_overdue(view: queries.AppealView) -> bool:
    return view.is_open and view.answer_until < wiring.tools().today()


def _row(view: queries.AppealView) -> AppealRow:
    return AppealRow(
        appeal_id=view.id,
        serial=appeals_domain.serial(view.id.hex),
        cycle_name=cycle_name(view.cycle_code),
        ground=words.ground_word(view.ground),
        taken_at=instant(view.taken_down_at),
        answer_until=view.answer_until,
        is_overdue=_is_overdue(view),
        state=words.STATES[view.answer],
    )
