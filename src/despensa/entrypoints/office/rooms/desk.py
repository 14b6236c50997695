"""
The desk: one household that is present is enrolled, checked by whoever typed it, and given a card.

A form holds the id of its enrolment from the beginning, so that sending it twice enrols once.
"""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy

from despensa.domain.enrolment.card_binding import CardRefused
from despensa.domain.enrolment.desk import PEOPLE_MAX, FormFaulty
from despensa.domain.enrolment.introducer import Introducer, IntroducerRefused
from despensa.domain.identifier import display_card_number
from despensa.domain.reach import OutOfReach
from despensa.domain.registration.alone import ROWS_WITHOUT_APPROVAL, ApprovalNeeded
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import desk as jobs
from despensa.entrypoints.office import desk_words, enrol_form
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_form import id_in
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.desk_pages import (
    CheckPage,
    DeskPage,
    EnrolledPage,
    EnrolPage,
    FieldGroup,
    OfficeRow,
)
from despensa.entrypoints.office.household_words import INSTITUTIONS
from despensa.entrypoints.office.parts import Choice, FieldError, Figure
from despensa.entrypoints.office.rooms.household_changes import acting, short_number
from despensa.entrypoints.office.shell import called, may, reach, show, staff_of
from despensa.records.cards import queries as cards
from despensa.records.catalogue.queries import in_force
from despensa.records.duplicates import queries as duplicates
from despensa.records.enrolment import queries
from despensa.records.households import queries as households
from despensa.records.registry import queries as registry
from despensa.usecases.bind_card import bind_card
from despensa.usecases.enrol_household import Enrolment

_ENROLLED = gettext_lazy("Enrolled. The household has the same rights as every other.")
_KNOWN = gettext_lazy("This household was enrolled already with this form: nothing was doubled.")
_DAY_SECONDS, _HOUR_SECONDS = 86_400, 3_600


@door(Permission.SEE_DESK)
def desk(request: HttpRequest) -> HttpResponse:
    """Show what was done at the desk today, and the named offices."""
    return _desk(request)


@door(Permission.ENROL_HOUSEHOLDS)
def card_spoilt(request: HttpRequest) -> HttpResponse:
    """Take a printed card of nobody out of the world."""
    if request.method != "POST":
        return redirect("office:desk")
    written = request.POST.get("card_number", "")[: jobs.SCANNED_MAX]
    tools = wiring.tools()
    try:
        number = jobs.read_card(written, tools)
        is_new = jobs.spoil(number, tools, acting=acting(request))
    except CardRefused as refused:
        error = FieldError("id_card_number", desk_words.CARD_TROUBLES[refused.trouble])
        return _desk(request, card_number=written[:20], errors=(error,))
    except OutOfReach as refused:
        return _desk(request, errors=(FieldError("id_card_number", str(refused)),))
    told = gettext("Card %(number)s is dead. Destroy it and take another one.")
    if not is_new:
        told = gettext("Card %(number)s was dead before. Destroy it and take another one.")
    messages.success(request, told % {"number": f"\u2068{display_card_number(number)}\u2069"})
    return redirect("office:desk")


@door(Permission.ENROL_HOUSEHOLDS)
def enrol(request: HttpRequest) -> HttpResponse:
    """Show the form; after a POST what was typed, to check; after another POST it is written."""
    given = request.POST.copy()
    if id_in(given.get("enrolment")) is None:
        given["enrolment"] = str(acting(request).new_id())
    stage = given.get("stage", "")
    if request.method != "POST" or stage == "edit":
        return _form(request, given)
    if stage in {"add", "fewer"}:
        people = enrol_form.people_in(given) + (1 if stage == "add" else -1)
        given["people"] = str(min(max(people, 1), PEOPLE_MAX))
        return _form(request, given)
    try:
        enrolment = _enrolment(request, given)
        if stage != "do":
            return _check(request, given)
        done = jobs.enrol(enrolment, wiring.tools(), acting=acting(request))
        # written by now: whatever is found of it sends nobody away
        jobs.notice(done.household, wiring.tools(), acting=acting(request))
    except FormFaulty as faulty:
        errors = enrol_form.field_errors(
            faulty.faults, people=enrol_form.people_in(given), is_agreed=_is_agreed(given)
        )
    except CardRefused as refused:
        # which of the two numbers: the one whose field is not empty, the stock card first
        field = "id_card" if given.get("card", "").strip() else "id_introducer_card"
        errors = (FieldError(field, desk_words.CARD_TROUBLES[refused.trouble]),)
    except IntroducerRefused as refused:
        errors = (FieldError("id_introducer_card", desk_words.no_vouching(refused)),)
    except ApprovalNeeded:
        errors = (FieldError("id_h_area", desk_words.enough_today()),)
    except OutOfReach:
        errors = (FieldError("id_h_area", desk_words.ELSEWHERE),)
    else:
        messages.success(request, _ENROLLED if done.is_new else _KNOWN)
        return redirect("office:desk_enrolled", done.household)
    return _form(request, given, errors)


@door(Permission.ENROL_HOUSEHOLDS)
def enrolled(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Show that a household is enrolled, without its names; bind a card to it by POST."""
    in_reach = reach(request, Permission.ENROL_HOUSEHOLDS)
    if registry.household(household_id, reach=in_reach) is None:
        raise Http404
    written = ""
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        tools = wiring.tools()
        written = request.POST.get("card_number", "")[: jobs.SCANNED_MAX]
        try:
            bind_card(
                jobs.read_card(written, tools),
                household_id,
                acting=acting(request),
                sealer=tools.keeper.vault,
                today=tools.today(),
            )
        except CardRefused as refused:
            said = desk_words.CARD_TROUBLES[refused.trouble]
            errors = (FieldError("id_card_number", said),)
        else:
            messages.success(request, gettext("The card is bound, and counts from now on."))
            return redirect("office:desk_enrolled", household_id)
    page = EnrolledPage(
        household_id=household_id,
        number=short_number(household_id),
        cards=tuple(display_card_number(one.number) for one in cards.cards_of(household_id)),
        pairs=tuple(
            duplicates.waiting_about(
                households.situation_of([household_id]).living(household_id),
                reach=reach(request, Permission.CHANGE_HOUSEHOLDS),
            )
        ),
        card_number=written[:20],
        errors=errors,
    )
    status = 422 if errors else 200
    return show(request, "office/desk_enrolled.html", "desk", page, status=status)


def areas_in_reach(request: HttpRequest, permission: Permission) -> tuple[Choice, ...]:
    """Return the areas somebody may choose, those of the whole workspace first."""
    in_reach = reach(request, permission)
    return tuple(
        Choice(str(area), called(names))
        for area, names in households.areas()
        if in_reach.holds(area)
    )


def _desk(
    request: HttpRequest, *, card_number: str = "", errors: tuple[FieldError, ...] = ()
) -> HttpResponse:
    in_reach = reach(request, Permission.SEE_DESK)
    act = acting(request)
    since = act.at - _DAY_SECONDS
    while act.day_of(since) < act.day:
        since += _HOUR_SECONDS
    day = queries.desk_day(staff_of(request).id, day=act.day, since=since, reach=in_reach)
    may_enrol = may(request, Permission.ENROL_HOUSEHOLDS)
    figures: tuple[Figure, ...] = (
        Figure(desk_words.FIGURES["refused"], day.refused),
        Figure(desk_words.FIGURES["appointed"], day.appointed),
    )
    if may_enrol:
        left = Figure(desk_words.FIGURES["rows"], day.rows_alone, ROWS_WITHOUT_APPROVAL)
        figures = (left, *figures)
    page = DeskPage(
        figures=figures,
        offices=tuple(_office(one) for one in queries.offices(reach=in_reach)),
        may_enrol=may_enrol,
        may_set=may(request, Permission.RUN_CYCLES),
        card_number=card_number,
        errors=errors,
    )
    return show(request, "office/desk.html", "desk", page, status=422 if errors else 200)


def _office(view: queries.OfficeView) -> OfficeRow:
    return OfficeRow(
        name=called(view.names),
        office=called(view.office),
        kind_word=INSTITUTIONS[view.kind],
        area_name=called(registry.area_names([view.area]).get(view.area, {})),
        vouched=view.vouched,
        allowed=queries.limits_in(view.area).office,
    )


def _enrolment(request: HttpRequest, given: QueryDict) -> Enrolment:
    """Return what was typed. Raises: FormFaulty; CardRefused; IntroducerRefused; OutOfReach."""
    tools, catalogue = wiring.tools(), in_force()
    own = id_in(given.get("enrolment"))
    assert own is not None, "put there at the beginning"
    draft = jobs.draft_of(enrol_form.typed(given, catalogue), own, tools)
    if not _is_agreed(given):
        raise FormFaulty([])
    area = id_in(given.get("h_area"))
    if area is None or not reach(request, Permission.ENROL_HOUSEHOLDS).holds(area):
        raise OutOfReach(str(desk_words.ELSEWHERE))
    written = given.get("card", "").strip()
    card = jobs.read_card(written, tools) if written else None
    return Enrolment(own, draft, area, _introducer(request, given), card)


def _introducer(request: HttpRequest, given: QueryDict) -> Introducer | None:
    return jobs.introducer_of(
        given.get("introducer_card", ""),
        id_in(given.get("introducer_office")),
        reach=reach(request, Permission.ENROL_HOUSEHOLDS),
        tools=wiring.tools(),
    )


def _is_agreed(given: QueryDict) -> bool:
    return given.get(enrol_form.CONSENT) == "yes"


def _form(
    request: HttpRequest, given: QueryDict, errors: tuple[FieldError, ...] = ()
) -> HttpResponse:
    catalogue, wrong = in_force(), {one.field_id for one in errors}
    people = enrol_form.people_in(given)
    areas = areas_in_reach(request, Permission.ENROL_HOUSEHOLDS)
    page = EnrolPage(
        household=enrol_form.household_group(given, catalogue, areas),
        people=tuple(enrol_form.person_block(given, catalogue, at, wrong) for at in range(people)),
        beside=_beside(request, given),
        is_agreed=_is_agreed(given),
        hidden=(("enrolment", given.get("enrolment", "")), ("people", str(people))),
        errors=errors,
    )
    return show(request, "office/desk_enrol.html", "desk", page, status=422 if errors else 200)


def _beside(request: HttpRequest, given: QueryDict) -> tuple[FieldGroup, ...]:
    """Return who vouches, the card, and whether the household agrees."""
    in_reach = reach(request, Permission.ENROL_HOUSEHOLDS)
    offices = (
        Choice("", gettext("no office")),
        *(
            Choice(str(one.id), f"{called(one.names)}, {called(one.office)}")
            for one in queries.offices(reach=in_reach)
        ),
    )
    vouching = FieldGroup(
        gettext_lazy("Somebody who vouches"),
        (
            ChangeField(
                "introducer_card", "text", gettext_lazy("Card of a registered person who vouches"),
                values=[given.get("introducer_card", "")],
                hint=gettext_lazy("The person shows it here; their name is not opened."),
            ),
            ChangeField(
                "introducer_office", "select", gettext_lazy("Or a named office"), offices,
                [given.get("introducer_office", "")],
            ),
        ),
        note=gettext_lazy(
            "Nobody needs to be vouched for. Who vouched is sealed, shown to nobody, and destroyed "
            "within twelve months."
        ),
    )  # fmt: skip
    card = FieldGroup(
        gettext_lazy("A card on the spot"),
        (
            ChangeField(
                "card", "text", gettext_lazy("Number of a blank card"),
                values=[given.get("card", "")],
                hint=gettext_lazy("Scan the code or type the ten characters, as in C7Q4-88KD-2."),
            ),
        ),
        note=gettext_lazy("It can also be given later. One card is for one household."),
    )  # fmt: skip
    return (vouching, card)


def _check(request: HttpRequest, given: QueryDict) -> HttpResponse:
    """Show everything once more; the form that writes it carries all that was typed."""
    catalogue = in_force()
    area = id_in(given.get("h_area"))
    named = called(registry.area_names([area]).get(area, {})) if area else ""
    groups = enrol_form.answers(enrol_form.typed(given, catalogue), catalogue, named)
    beside = desk_words.beside(
        has_introducer=bool(
            given.get("introducer_card", "").strip() or given.get("introducer_office", "")
        ),
        card=given.get("card", "").strip(),
    )
    kept = given.copy()
    kept.pop("stage", None)
    kept.pop("csrfmiddlewaretoken", None)
    page = CheckPage(
        groups=(*groups, beside),
        hidden=tuple((name, str(value)) for name, values in kept.lists() for value in values),
    )
    return show(request, "office/desk_check.html", "desk", page)
