"""Corrections: what waits for an answer, one request with its diff, and the record to be corrected."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from despensa.domain import receipt as receipts
from despensa.domain.correction.decide import CorrectionRefused
from despensa.domain.correction.slot import Channel, Field, Reason, Refusal, Slot, State
from despensa.domain.ports.keeper import AccessRefused
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import correcting
from despensa.entrypoints.office import correction_form, correction_words
from despensa.entrypoints.office import states as shapes
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.correction_pages import (
    CorrectionFormPage,
    CorrectionPage,
    CorrectionRow,
    CorrectionsPage,
    DiffRow,
)
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.receipt_page import Back, show_receipt
from despensa.entrypoints.office.rooms.household_changes import acting, short_number
from despensa.entrypoints.office.shell import instant, may, reach, show, staff_of
from despensa.entrypoints.office.turning import turned
from despensa.entrypoints.office.words import TOO_MANY_READS
from despensa.records.catalogue import queries as catalogue
from despensa.records.corrections import queries
from despensa.records.staff import queries as staff
from despensa.usecases.open_correction import OpenedCorrection, open_correction
from despensa.usecases.open_record import open_record
from despensa.usecases.request_correction import Wanted

WAITING_MAX = 100
_PROPOSAL_WAITING, _PROPOSAL_APPROVED = 1, 2
_CORRECTION = gettext_lazy("Correction")
_TITLE = gettext_lazy("Correct a record")
_TAKEN = gettext_lazy("Taken down. A second person looks at it before anything changes.")
_MADE = gettext_lazy("Corrected. It stands in the timeline and can be taken back.")
_REFUSED = gettext_lazy("Refused. Give the receipt to whoever asked.")
_TO_BE_UNDONE = gettext_lazy("A request to take it back was made.")
_REASON_MISSING = gettext_lazy("Choose a reason.")


@door(Permission.SEE_PROPOSALS)
def corrections(request: HttpRequest) -> HttpResponse:
    """Show the requests in reach, without names or values: those due first, then the answered."""
    in_reach = reach(request, Permission.SEE_PROPOSALS)
    answered, turns = turned(
        request,
        lambda limit, turn: queries.answered(limit, reach=in_reach, turn=turn),
        lambda view: (view.at, view.id),
    )
    page = CorrectionsPage(
        waiting=tuple(_row(view) for view in queries.waiting(WAITING_MAX, reach=in_reach)),
        answered=tuple(_row(view) for view in answered),
        turns=turns,
    )
    return show(request, "office/corrections.html", "proposals", page)


@door(Permission.SEE_PROPOSALS)
def correction(request: HttpRequest, correction_id: UUID) -> HttpResponse:
    """Show one request, field by field, to those who may see it."""
    try:
        page = _page(request, _opened(request, correction_id))
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:corrections")
    return show(request, "office/correction.html", "proposals", page)


@door(Permission.DECIDE_PROPOSALS)
def correction_refuse(request: HttpRequest, correction_id: UUID) -> HttpResponse:
    """Refuse a request, with a reason of the list."""
    if request.method != "POST":
        return redirect("office:correction", correction_id)
    reason = request.POST.get("reason", "")
    known = {str(int(one)): one for one in Refusal}
    error = None if reason in known else FieldError("id_refuse_reason", _REASON_MISSING)
    if error is None:
        try:
            correcting.refuse(correction_id, known[reason], wiring.tools(), acting=acting(request))
        except CorrectionRefused as refused:
            error = FieldError("id_refuse_reason", correction_words.mending(refused))
    if error is None:
        messages.info(request, str(_REFUSED))
        return redirect("office:correction", correction_id)
    try:
        page = _page(request, _opened(request, correction_id), (error,))
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:corrections")
    return show(request, "office/correction.html", "proposals", page, status=422)


@door(Permission.CHANGE_HOUSEHOLDS)
def correction_undo(request: HttpRequest, correction_id: UUID) -> HttpResponse:
    """Ask to take a correction back; who had to agree to it has to agree to that as well."""
    view = queries.correction(correction_id)
    if view is None or not reach(request, Permission.CHANGE_HOUSEHOLDS).holds(view.area):
        raise Http404
    if request.method != "POST":
        return redirect("office:correction", correction_id)
    act = acting(request)
    wanted = Wanted(
        id=act.new_id(), person=view.person, household=view.household, version="",
        channel=Channel.OFFICE, reason=Reason.UNDO, values={}, undoes=view.id,
    )  # fmt: skip
    try:
        asked = correcting.ask(wanted, wiring.tools(), acting=act)
    except CorrectionRefused as refused:
        messages.error(request, str(correction_words.mending(refused)))
        return redirect("office:correction", correction_id)
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:corrections")
    messages.success(request, str(_MADE if asked.state is State.DONE else _TO_BE_UNDONE))
    return redirect("office:correction", asked.id)


@door(Permission.CHANGE_HOUSEHOLDS)
def correction_new(request: HttpRequest, household_id: UUID, person_id: UUID) -> HttpResponse:
    """Show a person's record as a form; what was typed becomes a request."""
    tools, given = wiring.tools(), request.POST
    try:
        if request.method == "POST":
            wanted = correction_form.wanted_of(given, person_id, household_id, catalogue.in_force())
            asked = correcting.ask(wanted, tools, acting=acting(request))
            messages.success(request, str(_MADE if asked.state is State.DONE else _TAKEN))
            return redirect("office:correction", asked.id)
    except CorrectionRefused as refused:
        error = FieldError(
            correction_form.field_id(refused.slot), correction_words.mending(refused)
        )
        return _form(request, household_id, person_id, given, (error,))
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:households")
    return _form(request, household_id, person_id, None)


@door(Permission.SEE_PROPOSALS)
def correction_receipt(request: HttpRequest, correction_id: UUID, which: str) -> HttpResponse:
    """Show a receipt for printing, in the language of the person it is for."""
    view = queries.correction(correction_id)
    may_see = view is not None and reach(request, Permission.SEE_PROPOSALS).holds(view.area)
    signed = None
    if view is not None and may_see:
        signed = {"asked": view.asked_receipt, "answer": view.answer_receipt}.get(which)
    if signed is None:
        raise Http404
    workspace = wiring.tools().workspace.name
    return show_receipt(
        request,
        signed,
        room="proposals",
        back=Back(reverse("office:correction", args=[correction_id]), _CORRECTION),
        title=lambda said: correction_words.receipt_title(said.kind),
        sentences=lambda said: correction_words.receipt_sentences(said, workspace=workspace),
    )


def _opened(request: HttpRequest, correction_id: UUID) -> OpenedCorrection:
    view = queries.correction(correction_id)
    if view is None:
        raise Http404
    try:
        return open_correction(view, acting=acting(request), vault=wiring.tools().keeper.vault)
    except CorrectionRefused as error:
        raise Http404 from error


def _state(view: queries.CorrectionView) -> shapes.State:
    if view.state is State.WAITING:
        has_proposal = view.proposal_state in {_PROPOSAL_WAITING, _PROPOSAL_APPROVED}
        return correction_words.STATES["waiting" if has_proposal else "unanswered"]
    if view.state is State.DONE:
        return correction_words.STATES["undone" if view.is_undone else "done"]
    return correction_words.STATES["refused"]


def _is_overdue(view: queries.CorrectionView) -> bool:
    return view.state is State.WAITING and view.answer_until < wiring.tools().today()


def _row(view: queries.CorrectionView) -> CorrectionRow:
    kinds = dict.fromkeys(Field(one) for one in view.fields)
    return CorrectionRow(
        correction_id=view.id,
        serial=receipts.correction_serial(view.id.hex),
        fields=", ".join(shapes.isolated(correction_words.FIELDS[one]) for one in kinds),
        number=short_number(view.household),
        channel=correction_words.CHANNELS[view.channel],
        taken_at=instant(view.at),
        answer_until=view.answer_until,
        is_overdue=_is_overdue(view),
        state=_state(view),
    )


def _page(
    request: HttpRequest, opened: OpenedCorrection, errors: tuple[FieldError, ...] = ()
) -> CorrectionPage:
    view, facts = opened.view, catalogue.latest()
    names = staff.names({view.staff, *filter(None, [view.decided_by])})
    is_waiting = view.state is State.WAITING
    may_refuse = (
        is_waiting
        and view.staff != staff_of(request).id
        and view.proposal_state != _PROPOSAL_APPROVED
        and reach(request, Permission.DECIDE_PROPOSALS).covers(None, view.area)
    )
    takes = may(request, Permission.CHANGE_HOUSEHOLDS) and reach(
        request, Permission.CHANGE_HOUSEHOLDS
    ).holds(view.area)
    can_undo = view.state is State.DONE and not view.is_undone and view.undoes is None
    if opened.changes is None:
        rows = tuple(
            DiffRow(correction_words.FIELDS[kind])
            for kind in dict.fromkeys(Field(one) for one in view.fields)
        )
    else:
        rows = tuple(
            DiffRow(
                correction_words.field_word(one.slot, facts),
                correction_words.value_words(one.slot, one.before, facts),
                correction_words.value_words(one.slot, one.after, facts),
            )
            for one in opened.changes
        )
    return CorrectionPage(
        correction_id=view.id,
        household_id=view.household,
        serial=receipts.correction_serial(view.id.hex),
        number=short_number(view.household),
        state=_state(view),
        is_open=opened.changes is not None,
        rows=rows,
        channel=correction_words.CHANNELS[view.channel],
        reason=correction_words.REASONS[view.reason],
        taken_by=names.get(view.staff, ""),
        taken_at=instant(view.at),
        answer_until=view.answer_until,
        is_overdue=_is_overdue(view),
        decided_by="" if view.decided_by is None else names.get(view.decided_by, ""),
        decided_at=None if view.decided_at is None else instant(view.decided_at),
        refused_for=(
            "" if view.refused_for is None
            else correction_words.REFUSALS[Refusal(view.refused_for)]
        ),
        may_read_household=may(request, Permission.READ_HOUSEHOLDS),
        proposal_url=(
            "" if view.proposal is None else reverse("office:proposal", args=[view.proposal])
        ),
        undoes_url=(
            "" if view.undoes is None else reverse("office:correction", args=[view.undoes])
        ),
        asked_url=reverse("office:correction_receipt", args=[view.id, "asked"]),
        answer_url=(
            "" if view.answer_receipt is None
            else reverse("office:correction_receipt", args=[view.id, "answer"])
        ),
        may_undo=can_undo and takes,
        may_refuse=may_refuse,
        refuse_reasons=tuple(
            Choice(str(int(one)), correction_words.REFUSALS[one]) for one in Refusal
        ),
        errors=errors,
    )  # fmt: skip


def _form(
    request: HttpRequest,
    household_id: UUID,
    person_id: UUID,
    given: QueryDict | None,
    errors: tuple[FieldError, ...] = (),
) -> HttpResponse:
    """Show the form; what was typed stays, the record's version is the one of this look."""
    tools, act = wiring.tools(), acting(request)
    try:
        record = open_record(person_id, household_id, acting=act, vault=tools.keeper.vault)
    except CorrectionRefused as error:
        raise Http404 from error
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:households")
    typed = correction_form.as_typed(record)
    if given is not None:
        typed |= {name: str(given.get(name, "")) for name in given}
    page = CorrectionFormPage(
        household_id=household_id,
        title=str(record.values.get(Slot(Field.FULL_NAME), _TITLE)),
        action=reverse("office:correction_new", args=[household_id, person_id]),
        request=correction_form.request_fields(typed),
        fields=correction_form.record_fields(typed, catalogue.in_force()),
        hidden=(("request", str(act.new_id())), ("version", record.version)),
        errors=errors,
    )
    status = 422 if errors else 200
    return show(request, "office/correction_new.html", "households", page, status=status)
