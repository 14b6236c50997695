"""Partners: who may ask, a new one proposed to a second person, one revoked in one step."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from despensa.domain.partner.agreement import (
    REQUESTS_A_DAY_MAX,
    REQUESTS_AN_HOUR_MAX,
    Agreement,
    AgreementWrong,
    Wrong,
)
from despensa.domain.partner.consent import About, SharedFor, fields_about
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import partners as jobs
from despensa.entrypoints.jobs.answering import our_id
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.partner_pages import PartnerNewPage, PartnerRow, PartnersPage
from despensa.entrypoints.office.partner_words import (
    PARTNER_STATES,
    PURPOSES,
    WRONGS,
    field_word,
    field_words,
    purpose_words,
)
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.shell import called, may, reach, show, staff_of
from despensa.entrypoints.office.words import PROPOSED_NOTICE
from despensa.records.catalogue.queries import in_force
from despensa.records.households import queries as households
from despensa.records.partners import queries
from despensa.usecases.revoke_partner import NoSuchPartner, revoke_partner

_REVOKED = gettext_lazy("Revoked. From now on this partner is told nothing.")
_OUT_OF_REACH = gettext_lazy("Choose an area that your role reaches.")
_DAY_SECONDS = 86_400
_YEAR_DAYS = 365
_NUMBER_DIGITS = 3
_FIELD_OF = {
    Wrong.SENDER: "sender_id", Wrong.NAME: "name", Wrong.KEY: "key", Wrong.PURPOSES: "purposes",
    Wrong.FIELDS: "fields", Wrong.UNTIL: "until", Wrong.DAY: "a_day", Wrong.HOUR: "an_hour",
    Wrong.CALLBACK: "callback", Wrong.ALONE: "sender_id",
}  # fmt: skip


@door(Permission.SEE_PARTNERS)
def partners(request: HttpRequest) -> HttpResponse:
    """Show who may ask."""
    tools = wiring.tools()
    found = queries.partners(reach=reach(request, Permission.SEE_PARTNERS))
    ids, today = [one.id for one in found], tools.today()
    consents = queries.consents_in_force(ids, today)
    asked = queries.asked_on(ids, tools.now() // _DAY_SECONDS)
    catalogue = in_force()
    may_manage = may(request, Permission.MANAGE_PARTNERS)
    page = PartnersPage(
        rows=tuple(
            PartnerRow(
                name=one.name,
                sender_id=one.sender_id,
                purposes=purpose_words(one.purposes),
                fields=field_words(one.fields, catalogue),
                consents=consents.get(one.id, 0),
                asked_today=asked.get(one.id, 0),
                a_day=one.a_day,
                until=one.until_date,
                state=PARTNER_STATES[_state(one, today)],
                revoke_url=reverse("office:partner_revoke", args=[one.id])
                if may_manage and one.revoked_at is None
                else "",
            )
            for one in found
        ),
        our_id=our_id(tools),
        may_propose=may_manage and not tools.workspace.single_operator,
    )
    return show(request, "office/partners.html", "partners", page)


@door(Permission.MANAGE_PARTNERS)
def partner_new(request: HttpRequest) -> HttpResponse:
    """Show the form of an agreement; after a POST it is proposed."""
    tools = wiring.tools()
    if request.method != "POST":
        given = QueryDict(mutable=True)
        given.update(
            {
                "until": (tools.today() + timedelta(days=_YEAR_DAYS)).isoformat(),
                "an_hour": str(REQUESTS_AN_HOUR_MAX),
                "a_day": str(REQUESTS_A_DAY_MAX),
            }
        )
        return _form(request, given)
    given = request.POST
    acting = tools.acting(staff_of(request).id)
    try:
        proposal = jobs.propose(_agreement(given), _area(given), tools, acting=acting)
    except AgreementWrong as wrong:
        error = FieldError(f"id_{_FIELD_OF[wrong.wrong]}", WRONGS[wrong.wrong])
        return _form(request, given, (error,))
    except OutOfReach:
        return _form(request, given, (FieldError("id_area", _OUT_OF_REACH),))
    messages.success(request, PROPOSED_NOTICE)
    return redirect("office:proposal", proposal)


@door(Permission.MANAGE_PARTNERS)
def partner_revoke(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """Revoke a partner at once."""
    if request.method == "POST":
        try:
            revoke_partner(partner_id, acting=wiring.tools().acting(staff_of(request).id))
        except NoSuchPartner as error:
            raise Http404 from error
        messages.success(request, _REVOKED)
    elif queries.partner(partner_id, reach=reach(request, Permission.MANAGE_PARTNERS)) is None:
        raise Http404
    return redirect("office:partners")


def _agreement(given: QueryDict) -> Agreement:
    """Return what was typed. Raises: AgreementWrong."""
    try:
        key = bytes.fromhex(given.get("key", ""))
    except ValueError:
        key = b""
    try:
        until = date.fromisoformat(given.get("until", ""))
    except ValueError as error:
        raise AgreementWrong(Wrong.UNTIL) from error
    purposes = given.getlist("purposes")
    return Agreement(
        sender_id=given.get("sender_id", "").strip(),
        name=" ".join(given.get("name", "").split()),
        public_key=key,
        purposes=tuple(sorted({int(one) for one in SharedFor if str(int(one)) in purposes})),
        fields=tuple(dict.fromkeys(given.getlist("fields"))),
        until=until,
        an_hour=_number(given.get("an_hour", "")),
        a_day=_number(given.get("a_day", "")),
        callback=given.get("callback", "").strip(),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS else 0


def _area(given: QueryDict) -> UUID:
    """Return the chosen area; what is none is in nobody's reach."""
    try:
        return UUID(given.get("area", ""))
    except ValueError as error:
        raise OutOfReach("no area was chosen") from error


def _form(
    request: HttpRequest, given: QueryDict, errors: tuple[FieldError, ...] = ()
) -> HttpResponse:
    covered = reach(request, Permission.MANAGE_PARTNERS)
    areas = tuple(
        Choice(str(area), called(names))
        for area, names in households.areas()
        if covered.covers(None, area)
    )
    catalogue = in_force()
    known = [name for about in About for name in fields_about(about, catalogue)]
    names = tuple(Choice(name, field_word(name, catalogue)) for name in dict.fromkeys(known))
    purposes = tuple(Choice(str(int(one)), PURPOSES[int(one)]) for one in SharedFor)

    def text(
        name: str, label: object, hint: object = "", *, is_required: bool = True
    ) -> ChangeField:
        value = given.get(name, "")
        return ChangeField(
            name, "text", str(label), values=[value], hint=str(hint), is_required=is_required
        )

    fields = (
        text("name", gettext_lazy("Name of the partner")),
        text("sender_id", gettext_lazy("Its sender id"), gettext_lazy("As it signs: a host name.")),
        text(
            "key",
            gettext_lazy("Its public key"),
            gettext_lazy("Ed25519, 64 hexadecimal digits. Compare it by telephone."),
        ),
        ChangeField(
            "area", "select", gettext_lazy("Area"), areas, [given.get("area", "")], is_required=True
        ),
        ChangeField(
            "purposes", "checks", gettext_lazy("What for"), purposes, given.getlist("purposes")
        ),
        ChangeField(
            "fields", "checks", gettext_lazy("What may be told"), names, given.getlist("fields"),
            gettext_lazy("Never more than a person agrees to, and never more than this."),
        ),
        ChangeField(
            "until", "date", gettext_lazy("Until"), values=[given.get("until", "")], is_required=True
        ),
        text("a_day", gettext_lazy("Requests a day, at most")),
        text("an_hour", gettext_lazy("Requests an hour, at most")),
        text(
            "callback",
            gettext_lazy("Address for answers"),
            gettext_lazy("Empty: nothing is sent out, the partner asks for its answers."),
            is_required=False,
        ),
    )  # fmt: skip
    page = PartnerNewPage(fields, errors)
    return show(request, "office/partner_new.html", "partners", page, status=422 if errors else 200)


def _state(one: queries.PartnerView, today: date) -> str:
    if one.revoked_at is not None:
        return "revoked"
    return "asks" if one.is_active(today) else "over"
