"""
Papers of the desk: a refusal or an appointment is chosen from closed lists, signed, and printed.

No form here asks anything about the person.
"""

import base64
from datetime import date, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy

from despensa.adapters.qr import ZxingCodes
from despensa.domain import receipt as receipts
from despensa.domain.enrolment import answer as answers
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import desk_words as papers
from despensa.entrypoints import wiring
from despensa.entrypoints.office import desk_words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_form import Mending, id_in
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.desk_pages import DeskFormPage, PaperPage, PaperPart
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.rooms.desk import areas_in_reach
from despensa.entrypoints.office.rooms.household_changes import acting
from despensa.entrypoints.office.shell import reach, show
from despensa.entrypoints.office.states import Word
from despensa.records.enrolment import queries
from despensa.usecases.answer_enrolment import answer_enrolment

_CODE_SIDE_MM = 38.0
_FORM = "office/desk_form.html"
_NOTHING_KEPT = gettext_lazy(
    "Nothing about the person is asked or kept: the paper says why, where, when and by whom."
)
_SIGN = gettext_lazy("Sign and print the paper")
_WHERE = gettext_lazy("Area of this desk")
_LANGUAGE = gettext_lazy("Language of the person")
_BRING_WRONG = gettext_lazy(
    "Mark what the person should come back with, or that nothing is needed: not both."
)
_NO_REASON = gettext_lazy("Choose the reason. If it is not in the list, the household is enrolled.")
_DAY_WRONG = gettext_lazy("Choose a day from today on, at most sixty days ahead.")


@door(Permission.ENROL_HOUSEHOLDS)
def refuse(request: HttpRequest) -> HttpResponse:
    """Show the reasons; after a POST the signed paper."""
    given = request.POST
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        try:
            return _answered(request, given, _refusal(given))
        except Mending as mending:
            errors = mending.errors
    language = translation.get_language() or "en"
    reasons = tuple(
        Choice(str(int(one)), papers.answer_said(one.message_id, language)[0])
        for one in answers.EnrolmentReason
    )
    reason = ChangeField(
        "reason", "radios", gettext_lazy("Why, as the paper says it to the person"), reasons,
        [given.get("reason", "")],
    )  # fmt: skip
    notes = (
        _NOTHING_KEPT,
        gettext_lazy("Missing papers are no reason: who has none is enrolled."),
    )
    return _form(request, given, "refuse", gettext_lazy("Refuse an enrolment"), (reason,), notes,
                 errors)  # fmt: skip


@door(Permission.ENROL_HOUSEHOLDS)
def appoint(request: HttpRequest) -> HttpResponse:
    """Show what may be missing; after a POST the signed paper."""
    given = request.POST
    errors: tuple[FieldError, ...] = ()
    today = wiring.tools().today()
    if request.method == "POST":
        try:
            return _answered(request, given, _appointment(given, today))
        except Mending as mending:
            errors = mending.errors
    language = translation.get_language() or "en"
    things = tuple(Choice(str(int(one)), papers.bring_said(one, language)) for one in answers.Bring)
    until = today + timedelta(days=answers.COME_WITHIN_DAYS)
    fields = (
        ChangeField(
            "bring", "checks", gettext_lazy("What to come back with"), things,
            given.getlist("bring"),
        ),
        ChangeField(
            "come_by", "date", gettext_lazy("The last day to come"),
            values=[given.get("come_by", until.isoformat())],
            hint=gettext_lazy("Any day until then, at any hour at which the office is open."),
            is_required=True,
        ),
    )  # fmt: skip
    title = gettext_lazy("Give an appointment")
    return _form(request, given, "appoint", title, fields, (_NOTHING_KEPT,), errors)


@door(Permission.ENROL_HOUSEHOLDS)
def paper(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """Show a signed paper for printing, in the person's language and in another script."""
    view = queries.answer(answer_id, reach=reach(request, Permission.ENROL_HOUSEHOLDS))
    if view is None:
        raise Http404
    tools = wiring.tools()
    keys = tools.keeper.signatory.public_keys().authority_ring()
    said = receipts.verify_receipt(view.receipt, authority_keys=keys).receipt
    asked = request.GET.get("language", "")
    language = asked if asked in papers.LANGUAGES else translation.get_language() or "en"
    both = (language, other_script(language, tools.workspace.languages))
    picture = ZxingCodes().code_svg(view.receipt.hex().upper(), side_mm=_CODE_SIDE_MM)
    page = PaperPage(
        answer_id=answer_id,
        serial=said.serial,
        parts=tuple(_part(said, one, tools.workspace.name) for one in both),
        words=" ".join(receipts.spoken_code(view.receipt)),
        code_url="data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode(),
        language=language,
        languages=tuple(Choice(code, name) for code, name in papers.LANGUAGES.items()),
        paper="a4" if request.GET.get("paper") == "a4" else "a6",
    )
    return show(request, "office/desk_paper.html", "desk", page)


def other_script(language: str, spoken: tuple[str, ...]) -> str:
    """
    Return the language of the second half: the office's first that is written in another script.

    >>> other_script("ar", ("es", "ar", "en")), other_script("es", ("es",))
    ('es', 'ar')
    """
    is_arabic = language == "ar"
    others = [one for one in spoken if one in papers.LANGUAGES and (one == "ar") != is_arabic]
    return others[0] if others else ("en" if is_arabic else "ar")


def _part(said: receipts.Receipt, language: str, workspace: str) -> PaperPart:
    with translation.override(language):
        direction = "rtl" if translation.get_language_bidi() else "ltr"
        return desk_words.paper_part(said, language, workspace=workspace, direction=direction)


def _refusal(given: QueryDict) -> answers.Refusal:
    known = {str(int(one)): one for one in answers.EnrolmentReason}
    reason = known.get(given.get("reason", ""))
    if reason is None:
        raise Mending(FieldError("id_reason", _NO_REASON))
    return answers.refusal(reason, day=wiring.tools().today())


def _appointment(given: QueryDict, today: date) -> answers.Appointment:
    known = {str(int(one)): one for one in answers.Bring}
    bring = [known[one] for one in given.getlist("bring") if one in known]
    if not bring or (answers.Bring.NOTHING in bring and len(bring) > 1):
        raise Mending(FieldError("id_bring", _BRING_WRONG))
    try:
        come_by = date.fromisoformat(given.get("come_by", ""))
        return answers.appointment(bring, come_by=come_by, day=today)
    except (ValueError, answers.AnswerWrong) as wrong:
        raise Mending(FieldError("id_come_by", _DAY_WRONG)) from wrong


def _answered(
    request: HttpRequest, given: QueryDict, answer: answers.Refusal | answers.Appointment
) -> HttpResponse:
    """Sign what was chosen and go to the paper. Raises: Mending."""
    act, area = acting(request), id_in(given.get("area"))
    own = id_in(given.get("answer")) or act.new_id()
    if area is None:
        raise Mending(FieldError("id_area", desk_words.ELSEWHERE))
    signatory = wiring.tools().keeper.signatory
    try:
        answer_enrolment(own, answer, area=area, acting=act, signatory=signatory)
    except OutOfReach as refused:
        raise Mending(FieldError("id_area", desk_words.ELSEWHERE)) from refused
    language = given.get("language", "")
    address = reverse("office:desk_paper", args=[own])
    return redirect(f"{address}?language={language}" if language in papers.LANGUAGES else address)


def _form(
    request: HttpRequest,
    given: QueryDict,
    name: str,
    title: Word,
    fields: tuple[ChangeField, ...],
    notes: tuple[Word, ...],
    errors: tuple[FieldError, ...],
) -> HttpResponse:
    areas = areas_in_reach(request, Permission.ENROL_HOUSEHOLDS)
    only = areas[0].value if len(areas) == 1 else ""
    spoken = tuple(Choice(code, called) for code, called in papers.LANGUAGES.items())
    language = given.get("language", translation.get_language() or "en")
    page = DeskFormPage(
        title=title,
        action=reverse(f"office:desk_{name}"),
        fields=(
            *fields,
            ChangeField("area", "select", _WHERE, areas, [given.get("area", only)],
                        is_required=True),
            ChangeField("language", "select", _LANGUAGE, spoken, [language]),
        ),
        button=_SIGN,
        notes=notes,
        hidden=(("answer", given.get("answer") or str(acting(request).new_id())),),
        errors=errors,
    )  # fmt: skip
    return show(request, _FORM, "desk", page, status=422 if errors else 200)
