"""
Consents at the desk: recorded with the person present, taken back at once, with a receipt.

The page shows names, so it is a look that is written down before.
"""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from despensa.domain.partner.consent import (
    About,
    ConsentRefused,
    Fault,
    SharedFor,
    fields_about,
)
from despensa.domain.ports.keeper import AccessRefused
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.office import change_form
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_form import Room
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.partner_pages import (
    ConsentRow,
    ConsentsPage,
)
from despensa.entrypoints.office.partner_words import (
    CONSENT_STATES,
    FAULTS,
    PURPOSES,
    field_word,
    field_words,
    receipt_sentences,
    receipt_title,
)
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.receipt_page import Back, show_receipt
from despensa.entrypoints.office.rooms.household_changes import acting, opened_room
from despensa.entrypoints.office.shell import reach, show
from despensa.entrypoints.office.words import TOO_MANY_READS
from despensa.records.catalogue.queries import in_force
from despensa.records.partners import queries
from despensa.records.registry import queries as registry
from despensa.usecases.end_consent import end_consent
from despensa.usecases.give_consent import Wish, give_consent

_USUAL_DAYS = 180
_HOUSEHOLD = "household"
_RECORDED = gettext_lazy("Recorded. Give the receipt to the person.")
_ENDED = gettext_lazy("Taken back. From now on the partner is told nothing under it.")
_CONSENTS = gettext_lazy("Consents")
_THE_HOUSEHOLD = gettext_lazy("The household as a whole")
_FIELD_OF = {
    Fault.FIELDS: "fields", Fault.NOT_TOLD: "fields", Fault.PURPOSE: "purpose",
    Fault.UNTIL: "until", Fault.TOO_LONG: "until", Fault.NOT_GROWN_UP: "given_by",
    Fault.FOR_THEMSELVES: "given_by", Fault.OTHER_HOME: "given_by", Fault.NOBODY: "given_by",
}  # fmt: skip


@door(Permission.CHANGE_HOUSEHOLDS)
def consents(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Show a household's consents and the form of a new one; after a POST it is recorded."""
    try:
        room = opened_room(request, household_id)
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:households")
    if request.method != "POST":
        given = QueryDict(mutable=True)
        given["until"] = (room.today + timedelta(days=_USUAL_DAYS)).isoformat()
        return _page(request, room, given)
    tools = wiring.tools()
    try:
        consent = give_consent(
            _wish(room, request.POST),
            acting=acting(request),
            vault=tools.keeper.vault,
            signatory=tools.keeper.signatory,
            catalogue=in_force(),
        )
    except ConsentRefused as refused:
        error = FieldError(f"id_{_FIELD_OF.get(refused.fault, 'partner')}", FAULTS[refused.fault])
        return _page(request, room, request.POST, (error,))
    messages.success(request, _RECORDED)
    return redirect("office:consent_receipt", household_id, consent)


@door(Permission.CHANGE_HOUSEHOLDS)
def consent_end(request: HttpRequest, household_id: UUID, consent_id: UUID) -> HttpResponse:
    """Take a consent back, at once."""
    if request.method != "POST":
        _require(request, household_id, consent_id)
        return redirect("office:consents", household_id)
    tools = wiring.tools()
    try:
        end_consent(
            consent_id,
            household=household_id,
            acting=acting(request),
            vault=tools.keeper.vault,
            signatory=tools.keeper.signatory,
        )
    except ConsentRefused as refused:
        raise Http404 from refused
    messages.success(request, _ENDED)
    return redirect("office:consent_receipt", household_id, consent_id)


@door(Permission.CHANGE_HOUSEHOLDS)
def consent_receipt(request: HttpRequest, household_id: UUID, consent_id: UUID) -> HttpResponse:
    """Show the receipt of a consent, or of its end, for printing, in the person's language."""
    _require(request, household_id, consent_id)
    found = queries.receipts(consent_id)
    assert found is not None, "it was found before"
    given, ended = found
    signed = given if ended is None or request.GET.get("of") == "given" else ended
    workspace, catalogue = wiring.tools().workspace.name, in_force()
    return show_receipt(
        request,
        signed,
        room="households",
        back=Back(reverse("office:consents", args=[household_id]), _CONSENTS),
        title=receipt_title,
        sentences=lambda said: receipt_sentences(said, workspace=workspace, catalogue=catalogue),
    )


def _require(request: HttpRequest, household_id: UUID, consent_id: UUID) -> None:
    """Refuse a consent that is not of this household, or a household out of reach."""
    covered = reach(request, Permission.CHANGE_HOUSEHOLDS)
    is_here = registry.household(household_id, reach=covered) is not None
    if not is_here or consent_id not in {one.id for one in queries.consents_of(household_id)}:
        raise Http404


def _wish(room: Room, given: QueryDict) -> Wish:
    """Return what was chosen. Raises: ConsentRefused."""
    partner, giver = (
        change_form.id_in(given.get("partner")),
        change_form.id_in(given.get("given_by")),
    )
    about = given.get("about", "")
    person = None if about == _HOUSEHOLD else change_form.id_in(about)
    purpose = given.get("purpose", "")
    if partner is None:
        raise ConsentRefused(Fault.PARTNER_GONE)
    if giver is None or (person is None and about != _HOUSEHOLD):
        raise ConsentRefused(Fault.NOBODY)
    if purpose not in {str(int(one)) for one in SharedFor}:
        raise ConsentRefused(Fault.PURPOSE)
    try:
        until = date.fromisoformat(given.get("until", ""))
    except ValueError as error:
        raise ConsentRefused(Fault.UNTIL) from error
    return Wish(
        partner=partner,
        household=room.household,
        person=person,
        given_by=giver,
        purpose=SharedFor(int(purpose)),
        fields=tuple(dict.fromkeys(given.getlist("fields"))),
        until=until,
    )


def _page(
    request: HttpRequest, room: Room, given: QueryDict, errors: tuple[FieldError, ...] = ()
) -> HttpResponse:
    today = room.today
    page = ConsentsPage(
        household_id=room.household,
        action=reverse("office:consents", args=[room.household]),
        rows=tuple(_row(one, room) for one in queries.consents_of(room.household)),
        fields=_fields(request, room, given, today),
        errors=errors,
    )
    return show(request, "office/consents.html", "households", page, status=422 if errors else 200)


def _row(one: queries.ConsentView, room: Room) -> ConsentRow:
    state = "holds" if one.holds(room.today) else "ended" if one.ended_at is not None else "over"
    here = [room.household, one.id]
    return ConsentRow(
        partner_name=one.partner_name,
        about=_THE_HOUSEHOLD if one.person is None else room.names.get(one.person, ""),
        purpose=PURPOSES[one.purpose],
        fields=field_words(one.fields, in_force()),
        given_on=one.from_date,
        until=one.until_date,
        state=CONSENT_STATES[state],
        receipt_url=reverse("office:consent_receipt", args=here),
        end_url=reverse("office:consent_end", args=here) if state == "holds" else "",
    )


def _fields(
    request: HttpRequest, room: Room, given: QueryDict, today: date
) -> tuple[ChangeField, ...]:
    covered = reach(request, Permission.SEE_PARTNERS)
    asking = [one for one in queries.partners(reach=covered) if one.is_active(today)]
    people = room.living()
    catalogue = in_force()
    known = [name for about in About for name in fields_about(about, catalogue)]
    told = {name for one in asking for name in one.fields}
    names = tuple(Choice(n, field_word(n, catalogue)) for n in dict.fromkeys(known) if n in told)
    purposes = tuple(Choice(str(int(one)), PURPOSES[int(one)]) for one in SharedFor)
    return (
        ChangeField(
            "partner", "select", gettext_lazy("Which partner"),
            tuple(Choice(str(one.id), one.name) for one in asking), [given.get("partner", "")],
            is_required=True,
        ),
        ChangeField(
            "about", "radios", gettext_lazy("About whom"),
            (Choice(_HOUSEHOLD, _THE_HOUSEHOLD), *people), [given.get("about", "")],
        ),
        ChangeField(
            "given_by", "radios", gettext_lazy("Who is present and agrees"), people,
            [given.get("given_by", "")],
            gettext_lazy("Grown-ups agree for themselves; for a child, a grown-up who lives there."),
        ),
        ChangeField(
            "purpose", "select", gettext_lazy("What for"), purposes, [given.get("purpose", "")],
            is_required=True,
        ),
        ChangeField(
            "fields", "checks", gettext_lazy("What may be told"), names, given.getlist("fields"),
            gettext_lazy("Read each one to the person. Only what they choose is told."),
        ),
        ChangeField(
            "until", "date", gettext_lazy("Until"), values=[given.get("until", "")],
            hint=gettext_lazy("At most a year. It can be taken back on any day."), is_required=True,
        ),
    )  # fmt: skip
