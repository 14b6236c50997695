"""
Who may vouch and collect: named offices, and the limits of introducers and of collectors.

What is published here stands in the log, so that whoever is refused can check it.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from despensa.domain.enrolment.introducer import DEFAULT_LIMITS, LIMIT_MAX, Limits
from despensa.domain.lease import CollectorCheckKind
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints.office import desk_words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_form import Mending, id_in
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.desk_pages import DeskFormPage
from despensa.entrypoints.office.household_words import INSTITUTIONS
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.rooms.desk import areas_in_reach
from despensa.entrypoints.office.rooms.household_changes import acting
from despensa.entrypoints.office.shell import called, reach, show
from despensa.entrypoints.office.states import Word
from despensa.records.programmes import queries as programmes
from despensa.usecases.add_institution import add_institution
from despensa.usecases.set_collector_limits import set_collector_limits
from despensa.usecases.set_introducer_limits import set_introducer_limits

_FORM = "office/desk_form.html"
_LANGUAGES = (
    ("es", gettext_lazy("in Spanish")),
    ("en", gettext_lazy("in English")),
    ("ar", gettext_lazy("in Arabic")),
)
_NAME_MAX = 200
_NAME_MISSING = gettext_lazy("Write the name in at least one language.")
_KIND_MISSING = gettext_lazy("Choose what it is.")
_NUMBER_WRONG = gettext_lazy("Write a whole number from 1 to 10,000.")
_PROGRAMME_MISSING = gettext_lazy("Choose the programme.")
_CHECKS = (
    Choice("", gettext_lazy("Only the card is asked for")),
    Choice("name", gettext_lazy("The card and the name of who collects")),
)
_PUBLISH = gettext_lazy("Publish in the log")


@door(Permission.RUN_CYCLES)
def office_new(request: HttpRequest) -> HttpResponse:
    """Show the form of a named office; after a POST it may collect and vouch."""
    given = request.POST
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        try:
            _add_office(request, given)
        except Mending as mending:
            errors = mending.errors
        else:
            messages.success(request, gettext_lazy("The office may collect and vouch from now on."))
            return redirect("office:desk")
    kinds = tuple(Choice(str(number), word) for number, word in INSTITUTIONS.items())
    fields = (
        ChangeField("kind", "select", gettext_lazy("What it is"), kinds, [given.get("kind", "")],
                    is_required=True),
        *_names(given, "name", gettext_lazy("Name")),
        *_names(given, "office", gettext_lazy("The office that acts for it")),
        _area(request, given),
    )  # fmt: skip
    notes = (gettext_lazy("Name an office, never a person: whoever sits there today acts for it."),)
    return _show(request, "desk_office", gettext_lazy("Add a named office"), fields,
                 gettext_lazy("Add it"), notes, errors)  # fmt: skip


@door(Permission.RUN_CYCLES)
def introducer_limits(request: HttpRequest) -> HttpResponse:
    """Show for how many introducers of an area may vouch; a POST publishes it."""
    given = request.POST
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        try:
            area = _chosen_area(given)
            limits = Limits(_count(given, "person"), _count(given, "office"))
            set_introducer_limits(area, limits, acting=acting(request))
        except Mending as mending:
            errors = mending.errors
        except OutOfReach:
            errors = (FieldError("id_area", desk_words.ELSEWHERE),)
        else:
            messages.success(request, gettext_lazy("Published. What was vouched for stays."))
            return redirect("office:desk")
    fields = (
        _area(request, given),
        _number(given, "person", gettext_lazy("Households one registered person may vouch for"),
                DEFAULT_LIMITS.person),
        _number(given, "office", gettext_lazy("Households one named office may vouch for"),
                DEFAULT_LIMITS.office),
    )  # fmt: skip
    notes = (
        gettext_lazy("Counted over the links that are not destroyed yet: twelve months at most."),
    )
    return _show(request, "desk_introducers", gettext_lazy("Limits of introducers"), fields,
                 _PUBLISH, notes, errors)  # fmt: skip


@door(Permission.RUN_CYCLES)
def collector_limits(request: HttpRequest) -> HttpResponse:
    """Show for how many households somebody may collect in a programme; a POST publishes it."""
    given = request.POST
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        try:
            set_collector_limits(
                _chosen_programme(request, given),
                person=_count(given, "person"),
                institution=_count(given, "office"),
                check=_chosen_check(given),
                acting=acting(request),
            )
        except Mending as mending:
            errors = mending.errors
        else:
            messages.success(request, gettext_lazy("Published. What is collected goes on."))
            return redirect("office:desk")
    choices = tuple(Choice(str(one), name) for one, name in _programmes(request))
    fields = (
        ChangeField("programme", "select", gettext_lazy("Programme"), choices,
                    [given.get("programme", "")], is_required=True),
        _number(given, "person", gettext_lazy("Households one person may collect for"), 5),
        _number(given, "office", gettext_lazy("Households one institution may collect for"), 500),
        ChangeField("check", "select", gettext_lazy("At the point"), _CHECKS,
                    [given.get("check", "")]),
    )  # fmt: skip
    notes = (
        gettext_lazy("Who collects for a household is named on its own page."),
        gettext_lazy("Names are readable on a phone only while the card is shown. Whoever is not "
                     "named collects for a reason of a closed list, or with two staff PINs."),
    )  # fmt: skip
    return _show(request, "desk_collectors", gettext_lazy("Limits of collectors"), fields,
                 _PUBLISH, notes, errors)  # fmt: skip


def _add_office(request: HttpRequest, given: QueryDict) -> None:
    names, office = _named(given, "name"), _named(given, "office")
    kind = given.get("kind", "")
    if kind not in {str(number) for number in INSTITUTIONS}:
        raise Mending(FieldError("id_kind", _KIND_MISSING))
    area = _chosen_area(given)
    try:
        add_institution(
            kind=int(kind), names=names, office=office, area=area, acting=acting(request)
        )
    except OutOfReach as refused:
        raise Mending(FieldError("id_area", desk_words.ELSEWHERE)) from refused


def _named(given: QueryDict, what: str) -> dict[str, str]:
    written = {code: given.get(f"{what}_{code}", "").strip()[:_NAME_MAX] for code, _ in _LANGUAGES}
    names = {code: name for code, name in written.items() if name}
    if not names:
        raise Mending(FieldError(f"id_{what}_es", _NAME_MISSING))
    return names


def _names(given: QueryDict, what: str, label: Word) -> tuple[ChangeField, ...]:
    return tuple(
        ChangeField(f"{what}_{code}", "text", f"{label}, {word}",
                    values=[given.get(f"{what}_{code}", "")])
        for code, word in _LANGUAGES
    )  # fmt: skip


def _number(given: QueryDict, name: str, label: Word, default: int) -> ChangeField:
    return ChangeField(name, "text", label, values=[given.get(name, str(default))],
                       is_required=True)  # fmt: skip


def _count(given: QueryDict, name: str) -> int:
    written = given.get(name, "").strip()
    if not written.isdecimal() or not 1 <= int(written[:9]) <= LIMIT_MAX:
        raise Mending(FieldError(f"id_{name}", _NUMBER_WRONG))
    return int(written)


def _area(request: HttpRequest, given: QueryDict) -> ChangeField:
    areas = areas_in_reach(request, Permission.RUN_CYCLES)
    chosen = given.get("area", areas[0].value if areas else "")
    return ChangeField("area", "select", gettext_lazy("Area"), areas, [chosen], is_required=True)


def _chosen_area(given: QueryDict) -> UUID:
    area = id_in(given.get("area"))
    if area is None:
        raise Mending(FieldError("id_area", desk_words.ELSEWHERE))
    return area


def _chosen_check(given: QueryDict) -> CollectorCheckKind:
    asks = given.get("check") == _CHECKS[1].value
    return CollectorCheckKind.NAME if asks else CollectorCheckKind.NONE


def _chosen_programme(request: HttpRequest, given: QueryDict) -> UUID:
    programme = id_in(given.get("programme"))
    if programme is None or programme not in {one for one, _ in _programmes(request)}:
        raise Mending(FieldError("id_programme", _PROGRAMME_MISSING))
    return programme


def _programmes(request: HttpRequest) -> list[tuple[UUID, str]]:
    """Return the programmes whose limits somebody may set, by name."""
    within = reach(request, Permission.RUN_CYCLES)
    return [
        (programme, called(names))
        for programme, names, area in programmes.programmes()
        if within.covers(programme, area)
    ]


def _show(
    request: HttpRequest,
    name: str,
    title: Word,
    fields: tuple[ChangeField, ...],
    button: Word,
    notes: tuple[Word, ...],
    errors: tuple[FieldError, ...],
) -> HttpResponse:
    page = DeskFormPage(title, reverse(f"office:{name}"), fields, button, notes, (), errors)
    return show(request, _FORM, "desk", page, status=422 if errors else 200)
