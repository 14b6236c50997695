"""A household's history: what was done to it, and who lived there on any day."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from despensa.domain.household.operation import Kind
from despensa.domain.household.situation import head_due
from despensa.domain.household.statement import Says, Statement, role_statement
from despensa.domain.ports.keeper import AccessRefused, Purpose
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.office import change_form
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_pages import (
    ChangesPanel,
    HistoryPage,
    RoleRow,
    TimelineRow,
)
from despensa.entrypoints.office.household_words import KINDS, REASONS, ROLES, sentence, unnamed
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.rooms.household_changes import institution_word
from despensa.entrypoints.office.shell import called, instant, may, reach, show, staff_of
from despensa.entrypoints.office.words import PURPOSE_NUMBERS, TOO_MANY_READS
from despensa.records.households import queries
from despensa.records.registry import queries as registry
from despensa.records.staff import queries as staff
from despensa.usecases.open_history import NoSuchHousehold, OpenedHistory, open_history

_BEGINS = {1: True, 2: False, 3: False, 4: True}
_CONSENTS = gettext_lazy("Consents: what partners may be told")
_WALLET = gettext_lazy("Identity cards on phones")
_DAY_WRONG = gettext_lazy("Write a day that is not in the future, such as 2026-11-21.")


@door(Permission.READ_HOUSEHOLDS)
def history(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Show who lived in a household on a day, and everything that was done to it."""
    tools = wiring.tools()
    today = tools.today()
    day, errors = _day(request, today)
    try:
        opened = open_history(
            household_id,
            day=day,
            purpose=purpose_of(request),
            acting=tools.acting(staff_of(request).id),
            vault=tools.keeper.vault,
        )
    except NoSuchHousehold as error:
        raise Http404 from error
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:households")
    page = HistoryPage(
        household_id=household_id,
        number=str(household_id)[:8],
        day=day,
        today=today,
        area_name=_place(opened.area),
        roles=_roles(opened),
        timeline=_timeline(request, household_id, opened.timeline, opened.names),
        errors=errors,
    )
    status = 422 if errors else 200
    return show(request, "office/household_history.html", "households", page, status=status)


def panel(request: HttpRequest, household_id: UUID) -> ChangesPanel:
    """Return the part of a household's page about its history; no name is in it."""
    situation = queries.situation_of([household_id])
    rows = [r for r in situation.memberships.values() if r.household == household_id]
    ended_on = situation.households[household_id].ended_on
    operations: tuple[Choice, ...] = ()
    if _may_change(request, situation.households[household_id].area) and ended_on is None:
        operations = tuple(
            Choice(reverse("office:household_change", args=[household_id, name]), KINDS[kind])
            for name, kind in change_form.KIND_OF.items()
        )
        erase = reverse("office:household_erase", args=[household_id])
        consents = reverse("office:consents", args=[household_id])
        operations = (
            *operations,
            Choice(consents, _CONSENTS),
            Choice(reverse("office:wallet", args=[household_id]), _WALLET),
            Choice(erase, KINDS[Kind.ERASURE]),
        )
    return ChangesPanel(
        timeline=_timeline(request, household_id, queries.timeline(household_id), None),
        operations=operations,
        institutions=tuple(
            RoleRow(institution_word(one), ROLES[role])
            for one, role in queries.institutions_of(household_id)
        ),
        head_due=head_due(rows),
        ended_on=ended_on,
    )


def purpose_of(request: HttpRequest) -> Purpose:
    """Return what was said at the search about what for, as on the household's page."""
    return Purpose(PURPOSE_NUMBERS.get(str(request.session.get("purpose")), 1))


def _may_change(request: HttpRequest, area: UUID) -> bool:
    return may(request, Permission.CHANGE_HOUSEHOLDS) and reach(
        request, Permission.CHANGE_HOUSEHOLDS
    ).holds(area)


def _timeline(
    request: HttpRequest,
    household_id: UUID,
    rows: Sequence[queries.TimelineRow],
    names: Mapping[UUID, str] | None,
) -> tuple[TimelineRow, ...]:
    recorded_by = staff.names({row.staff for row in rows})
    standing = queries.standing(household_id)
    may_undo = standing is not None and _may_change(request, standing.area)
    shown = []
    for row in rows:
        is_latest = standing is not None and row.version == standing.version
        lasts = row.kind in {Kind.UNDO, Kind.ERASURE, Kind.FILE_UPDATE} or row.is_undone
        can_undo = may_undo and is_latest and not lasts
        shown.append(
            TimelineRow(
                day=row.day,
                word=KINDS[row.kind],
                reason=REASONS[row.reason],
                person_name=recorded_by.get(row.staff, ""),
                recorded_at=instant(row.at),
                is_undone=row.is_undone,
                undo_url=(
                    reverse("office:household_undo", args=[household_id, row.id])
                    if can_undo
                    else ""
                ),
                sentences=() if names is None else sentences_of(row, household_id, names),
            )
        )
    return tuple(shown)


def sentences_of(
    row: queries.TimelineRow, household_id: UUID, names: Mapping[UUID, str]
) -> tuple[str, ...]:
    """Return what an operation did, line by line, in the reader's language."""
    institutions = {one.id: institution_word(one) for one in queries.institutions()}
    told = [
        role_statement(line.row, household_id, begins=_BEGINS[line.effect]) for line in row.lines
    ]
    if row.area_after is not None:
        told.append(Statement(Says.MOVED, area=row.area_after, day=row.day))

    def name(said: Statement) -> str:
        assert said.holder is not None, "asked for statements about somebody"
        return institutions.get(said.holder) or names.get(said.holder) or unnamed()

    return tuple(sentence(one, name=name, area=_place) for one in told)


def _roles(opened: OpenedHistory) -> tuple[RoleRow, ...]:
    institutions = {one.id: institution_word(one) for one in queries.institutions()}
    ordered = sorted(opened.roles, key=lambda row: (row.role, row.from_day, row.holder.bytes))
    return tuple(
        RoleRow(
            institutions.get(row.holder) or opened.names.get(row.holder) or unnamed(),
            ROLES[int(row.role)],
        )
        for row in ordered
    )


def _place(area: UUID) -> str:
    return called(registry.area_names([area]).get(area, {}))


def _day(request: HttpRequest, today: date) -> tuple[date, tuple[FieldError, ...]]:
    asked = request.GET.get("on", "")
    try:
        day = date.fromisoformat(asked) if asked else today
    except ValueError:
        return today, (FieldError("id_on", _DAY_WRONG),)
    if day > today:
        return today, (FieldError("id_on", _DAY_WRONG),)
    return day, ()
