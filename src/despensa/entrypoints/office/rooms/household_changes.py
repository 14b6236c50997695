"""
Changing a household: a form, its preview in sentences, and only then the change; and its undo.

Each page with names is a look that is written down before they are shown.
"""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from despensa.domain.act import Acting
from despensa.domain.household.operation import REASONS, Kind, Order
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.household.statement import Statement, statements
from despensa.domain.identifier import CardNumberError, parse_card_number
from despensa.domain.ports.keeper import AccessRefused, Purpose
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import deduplicating
from despensa.entrypoints.office import change_form
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_form import Mending, Room
from despensa.entrypoints.office.change_pages import ChangeField, HouseholdChangePage
from despensa.entrypoints.office.household_words import (
    INSTITUTIONS,
    KINDS,
    refusal,
    sentence,
    unnamed,
)
from despensa.entrypoints.office.household_words import REASONS as REASON_WORDS
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.shell import called, reach, show, staff_of
from despensa.entrypoints.office.words import TOO_MANY_READS
from despensa.records.cards import queries as cards
from despensa.records.catalogue.queries import in_force
from despensa.records.households import queries
from despensa.records.registry import queries as registry
from despensa.usecases.change_household import Wanted, change_household, preview_change
from despensa.usecases.open_household import NoSuchHousehold, open_household

_TEMPLATE = "office/household_change.html"
_IDS = ("operation", "other_id", "newcomer")
_DONE = gettext_lazy("Done. It stands in the history and can be undone.")
_TWICE = gettext_lazy(
    "Somebody new may be registered already: a pair waits under Registered twice."
)
_UNDONE = gettext_lazy("Undone. Both stand in the history.")
_PREVIEW, _DO = gettext_lazy("Look at what changes"), gettext_lazy("Yes, do this")


@door(Permission.CHANGE_HOUSEHOLDS)
def change(request: HttpRequest, household_id: UUID, name: str) -> HttpResponse:
    """Show the form of an operation; after a POST its preview; after another POST it is done."""
    kind = change_form.KIND_OF.get(name)
    if kind is None:
        raise Http404
    given = request.POST
    try:
        room = opened_room(request, household_id)
        if request.method != "POST":
            return _form(request, kind, name, room, _fresh(request, room))
        other = _other(request, given)
        if other is not None and kind in {Kind.JOIN, Kind.MERGE, Kind.COLLECTOR_NAMED}:
            room = opened_room(request, household_id, guests=other)
            if kind is Kind.JOIN and not given.getlist("people"):
                return _form(request, kind, name, room, given)
        wanted = _wanted(kind, room, given, other)
        if given.get("stage") == "do":
            _do(request, wanted, room.today)
            messages.success(request, _DONE)
            if deduplicating.notice(wanted.order.newcomers, wiring.tools(), acting=acting(request)):
                messages.warning(request, _TWICE)
            return redirect("office:household", household_id)
        situation, decided = preview_change(wanted.order, acting=acting(request), today=room.today)
    except Mending as mending:
        return _form(request, kind, name, room, given, mending.errors)
    except ChangeRefused as refused:
        return _refused(request, refused, kind, name, household_id, given)
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:households")
    names = dict(room.names)
    names.update(
        (person, draft.full_name)
        for person, draft in zip(wanted.order.newcomers, wanted.newcomers, strict=True)
    )
    told = sentences(statements(decided, situation), names)
    return _preview(request, kind, name, wanted.order, told)


@door(Permission.CHANGE_HOUSEHOLDS)
def undo(request: HttpRequest, household_id: UUID, change_id: UUID) -> HttpResponse:
    """Show what undoing an operation changes; after a POST it is undone."""
    given = request.POST
    try:
        room = opened_room(request, household_id)
        fresh = _fresh(request, room) if request.method != "POST" else given
        order = _undo_order(fresh, room, change_id)
        if request.method == "POST":
            _do(request, Wanted(order), room.today)
            messages.success(request, _UNDONE)
            return redirect("office:household", household_id)
        situation, decided = preview_change(order, acting=acting(request), today=room.today)
    except ChangeRefused as refused:
        messages.error(request, refusal(refused))
        return redirect("office:household", household_id)
    except Mending:
        return redirect("office:household_undo", household_id, change_id)
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:households")
    told = statements(decided, situation)
    reasons = tuple(Choice(str(int(one)), REASON_WORDS[one]) for one in REASONS[Kind.UNDO])
    page = HouseholdChangePage(
        household_id=household_id,
        number=short_number(household_id),
        title=gettext("Undo"),
        action=reverse("office:household_undo", args=[household_id, change_id]),
        fields=(ChangeField("reason", "select", gettext_lazy("Why"), reasons, is_required=True),),
        hidden=tuple((one, fresh.get(one, "")) for one in ("operation", "version")),
        sentences=sentences(told, room.names),
        button=gettext_lazy("Yes, undo this"),
    )
    return show(request, _TEMPLATE, "households", page)


def opened_room(request: HttpRequest, household_id: UUID, *, guests: UUID | None = None) -> Room:
    """Return what the form chooses from; the people's names are opened for it."""
    tools = wiring.tools()
    names: dict[UUID, str] = {}
    for household in filter(None, (household_id, guests)):
        try:
            opened = open_household(
                household,
                purpose=Purpose.CORRECT_RECORD,
                acting=acting(request),
                vault=tools.keeper.vault,
            )
        except NoSuchHousehold as error:
            if household == household_id:
                raise Http404 from error
            raise ChangeRefused(Why.NO_SUCH_HOUSEHOLD) from error
        names.update(zip((one.id for one in opened.members), opened.names, strict=True))
    if not reach(request, Permission.CHANGE_HOUSEHOLDS).holds(_area(household_id)):
        raise Http404
    return Room(
        household=household_id,
        situation=queries.situation_of([h for h in (household_id, guests) if h is not None]),
        names=names,
        areas=tuple(Choice(str(area), called(words)) for area, words in queries.areas()),
        collectors=tuple(
            Choice(f"institution:{one.id}", institution_word(one)) for one in queries.institutions()
        ),
        today=tools.today(),
        guests=guests,
    )


def institution_word(one: queries.InstitutionRow) -> str:
    """Return an institution as it is called, with its office and what it is."""
    return f"{called(one.names)}, {called(one.office)} ({INSTITUTIONS[one.kind]})"


def _area(household_id: UUID) -> UUID:
    standing = queries.standing(household_id)
    if standing is None:
        raise Http404
    return standing.area


def _fresh(request: HttpRequest, room: Room) -> QueryDict:
    """Return the values of an empty form: the ids that this operation will have."""
    act = acting(request)
    values = {name: str(act.new_id()) for name in _IDS}
    values["version"] = str(room.situation.households[room.household].version)
    return QueryDict(urlencode(values), mutable=True)


def _wanted(kind: Kind, room: Room, given: QueryDict, other: UUID | None) -> Wanted:
    typed = given.copy()
    if kind is Kind.COLLECTOR_NAMED and other is not None:
        typed["collector"] = str(change_form.head_of(room.situation, other) or "")
        other = None
    order = change_form.order(kind, room, typed, other=other)
    newcomers = tuple(change_form.newcomer(given, room.today) for _ in order.newcomers)
    return Wanted(order, newcomers)


def _other(request: HttpRequest, given: QueryDict) -> UUID | None:
    """Return the household a card number names, or None when none was written."""
    written = given.get("other", "").strip()
    if not written:
        return None
    try:
        within = reach(request, Permission.CHANGE_HOUSEHOLDS)
        card = cards.household_of(parse_card_number(written), reach=within)
    except (CardNumberError, ValueError):
        card = None
    if card is None or card.household is None:
        raise ChangeRefused(Why.NO_SUCH_HOUSEHOLD)
    return card.household


def _undo_order(given: QueryDict, room: Room, change_id: UUID) -> Order:
    typed = given.copy()
    typed["day"] = room.today.isoformat()
    if "reason" not in typed:
        typed["reason"] = str(int(REASONS[Kind.UNDO][0]))
    read = change_form.order(Kind.UNDO, room, typed, other=None)
    return Order(
        read.id, Kind.UNDO, read.reason, room.today, room.household, read.expected_version,
        undoes=change_id,
    )  # fmt: skip


def _do(request: HttpRequest, wanted: Wanted, today: date) -> None:
    tools = wiring.tools()
    change_household(
        wanted,
        acting=acting(request),
        vault=tools.keeper.vault,
        today=today,
        catalogue_version=in_force().version,
    )


def _form(
    request: HttpRequest,
    kind: Kind,
    name: str,
    room: Room,
    given: QueryDict,
    errors: tuple[FieldError, ...] = (),
) -> HttpResponse:
    page = HouseholdChangePage(
        household_id=room.household,
        number=short_number(room.household),
        title=KINDS[kind],
        action=reverse("office:household_change", args=[room.household, name]),
        fields=change_form.fields(kind, room, given),
        hidden=tuple((one, given.get(one, "")) for one in (*_IDS, "version") if one in given),
        errors=errors,
        button=_PREVIEW,
    )
    return show(request, _TEMPLATE, "households", page, status=422 if errors else 200)


def _refused(
    request: HttpRequest,
    refused: ChangeRefused,
    kind: Kind,
    name: str,
    household_id: UUID,
    given: QueryDict,
) -> HttpResponse:
    """Show the form again with why; one that was begun on an old look gets fresh ids."""
    room = opened_room(request, household_id)
    typed = given.copy()
    if refused.why in {Why.CHANGED_MEANWHILE, Why.ID_USED_OTHERWISE}:
        for one, values in _fresh(request, room).lists():
            typed.setlist(one, values)
    first = change_form.fields(kind, room, typed)[0].id
    return _form(request, kind, name, room, typed, (FieldError(first, refusal(refused)),))


def _preview(
    request: HttpRequest, kind: Kind, name: str, order: Order, told: tuple[str, ...]
) -> HttpResponse:
    """Show what an order changes; the form that does it carries everything that was typed."""
    typed = request.POST.copy()
    typed["stage"] = "do"
    if order.other_version is not None:
        typed["other_version"] = str(order.other_version)
    hidden = tuple(
        (one, str(value))
        for one, values in typed.lists()
        if one != "csrfmiddlewaretoken"
        for value in values
    )
    page = HouseholdChangePage(
        household_id=order.household,
        number=short_number(order.household),
        title=KINDS[kind],
        action=reverse("office:household_change", args=[order.household, name]),
        hidden=hidden,
        sentences=told,
        button=_DO,
    )
    return show(request, _TEMPLATE, "households", page)


def sentences(told: list[Statement], names: Mapping[UUID, str]) -> tuple[str, ...]:
    """Return statements as sentences in the reader's language."""
    institutions = {one.id: institution_word(one) for one in queries.institutions()}

    def name(said: Statement) -> str:
        assert said.holder is not None, "asked for statements about somebody"
        return institutions.get(said.holder) or names.get(said.holder) or unnamed()

    def area(place: UUID) -> str:
        return called(registry.area_names([place]).get(place, {}))

    return tuple(sentence(one, name=name, area=area) for one in told)


def short_number(household_id: UUID) -> str:
    """Return the short form of a household's id."""
    return str(household_id)[:8]


def acting(request: HttpRequest) -> Acting:
    """Return the act of whoever sent the request."""
    return wiring.tools().acting(staff_of(request).id)
