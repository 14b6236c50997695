"""Households: search one, open one. Both looks are written down before anything is shown."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from despensa.domain.identifier import display_card_number
from despensa.domain.ports.keeper import AccessRefused, Purpose
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.pages import (
    CardRow,
    DecisionPanel,
    HouseholdPage,
    HouseholdRow,
    HouseholdsPage,
    LookRow,
    MemberRow,
)
from despensa.entrypoints.office.parts import Choice, FieldError, Turns
from despensa.entrypoints.office.rooms import household_history
from despensa.entrypoints.office.rooms.cycle_words import OUTCOMES
from despensa.entrypoints.office.rooms.decision_panel import decision_panel
from despensa.entrypoints.office.shell import (
    called,
    instant,
    may,
    open_cycle,
    reach,
    show,
    staff_of,
)
from despensa.entrypoints.office.states import CARD_STATES, OUTCOME_STATES, State
from despensa.entrypoints.office.words import (
    MEMBER_ROLES,
    PURPOSE_NUMBERS,
    PURPOSES,
    SEARCH_TOO_SHORT,
    SEXES,
    SHOWN_FIELDS,
    STORED_PURPOSES,
    TOO_MANY_READS,
)
from despensa.records.cards import queries as cards
from despensa.records.grievances import queries as appeals
from despensa.records.partners import queries as partners
from despensa.records.programmes import queries as programmes
from despensa.records.registry import queries as registry
from despensa.records.staff import queries as staff
from despensa.usecases.open_household import NoSuchHousehold, OpenedHousehold, open_household
from despensa.usecases.search_households import (
    Result,
    TooLittleAsked,
    search_households,
)

QUERY_MAX = 120
LOOKS_A_PAGE = 20
_PURPOSE = "purpose"
_HEAD, _MEMBER = 1, 2
_SEX_NAMES = {1: "male", 2: "female", 3: "other", None: "unknown"}
_YEAR = 1
MONTHS_A_YEAR = 12
_SECONDS_DIGITS_MAX = 11
# printed for it, handed over, active
_REPLACEABLE = (1, 2, 3)
CARD_STATE_NAMES = {
    1: "printed",
    2: "handed_over",
    3: "active",
    4: "replaced",
    5: "dead",
}


@door(Permission.READ_HOUSEHOLDS)
def households(request: HttpRequest) -> HttpResponse:
    """Show the search, and after a POST what it found."""
    purpose = _purpose_code(request.POST.get(_PURPOSE) or request.session.get(_PURPOSE))
    query = " ".join(request.POST.get("query", "").split())[:QUERY_MAX]
    results: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        request.session[_PURPOSE] = purpose
        results, status = _searched(request, query)
    page = HouseholdsPage(
        query=query,
        purpose=purpose,
        purposes=tuple(Choice(code, PURPOSES[code]) for code in PURPOSE_NUMBERS),
        **results,
    )
    return show(request, "office/households.html", "households", page, status=status)


@door(Permission.READ_HOUSEHOLDS)
def household(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Open one household."""
    tools = wiring.tools()
    purpose = _purpose_code(request.session.get(_PURPOSE))
    try:
        opened = open_household(
            household_id,
            purpose=Purpose(PURPOSE_NUMBERS[purpose]),
            acting=tools.acting(staff_of(request).id),
            vault=tools.keeper.vault,
        )
    except NoSuchHousehold as error:
        raise Http404 from error
    except AccessRefused:
        return _refused(request, purpose)
    page = _household_page(request, opened, tools.today(), _before(request), open_cycle(request))
    page = replace(page, changes=household_history.panel(request, household_id))
    return show(request, "office/household.html", "households", page)


def _searched(request: HttpRequest, query: str) -> tuple[dict[str, Any], int]:
    tools = wiring.tools()
    try:
        result = search_households(
            query,
            country=tools.workspace.country,
            acting=tools.acting(staff_of(request).id),
            vault=tools.keeper.vault,
        )
    except TooLittleAsked:
        return {"errors": (FieldError("id_query", SEARCH_TOO_SHORT),)}, 422
    except AccessRefused:
        return {"errors": (FieldError("id_query", TOO_MANY_READS),)}, 429
    return {
        "is_searched": True,
        "results": _rows(result, open_cycle(request)),
        "has_more": result.has_more,
    }, 200


def _rows(result: Result, cycle: programmes.CycleRow | None) -> tuple[HouseholdRow, ...]:
    ids = [found.household for found in result.households]
    areas, counts = registry.area_of(ids), registry.head_count(ids)
    outcomes = {} if cycle is None else programmes.outcomes_of(cycle.id, ids)
    numbers = cards.usable_by_household(ids)
    return tuple(
        HouseholdRow(
            household_id=found.household,
            head_name=found.head_name,
            area_name=called(areas[found.household]),
            members=counts.get(found.household, 0),
            birth_year=None if found.head.birth_month is None else found.head.birth_month.year,
            card_number=_shown_number(numbers.get(found.household, ())),
            state=_outcome(outcomes.get(found.household)),
        )
        for found in result.households
    )


def _household_page(
    request: HttpRequest,
    opened: OpenedHousehold,
    today: date,
    before: int | None,
    cycle: programmes.CycleRow | None,
) -> HouseholdPage:
    view = opened.household
    head_name = opened.names[0] if opened.names else ""
    held = cards.cards_of(view.id)
    outcome = None if cycle is None else programmes.outcomes_of(cycle.id, [view.id]).get(view.id)
    looks = registry.looks([member.id for member in opened.members], LOOKS_A_PAGE + 1, before)
    shown = looks[:LOOKS_A_PAGE]
    more = f"?before={shown[-1].at}" if len(looks) > LOOKS_A_PAGE else ""
    may_correct = may(request, Permission.CHANGE_HOUSEHOLDS) and reach(
        request, Permission.CHANGE_HOUSEHOLDS
    ).holds(view.area)
    may_replace = may(request, Permission.ENROL_HOUSEHOLDS) and reach(
        request, Permission.ENROL_HOUSEHOLDS
    ).holds(view.area)
    return HouseholdPage(
        household_id=view.id,
        head_name=head_name,
        number=_shown_number([card.number for card in held[:1]]) or str(view.id)[:8],
        area_name=called(view.area_names),
        language_word="",
        registered_on=view.registered_on,
        state=_outcome(outcome),
        members=tuple(
            _member(member, name, today, may_correct=may_correct)
            for member, name in zip(opened.members, opened.names, strict=True)
        ),
        decisions=_decisions(request, opened, today),
        cards=tuple(
            CardRow(
                number=display_card_number(card.number),
                holder_name=head_name,
                state=CARD_STATES[CARD_STATE_NAMES[card.state]],
                printed_on=card.issued_on,
                handed_over_on=None,
                replace_url=reverse("office:card_replace", args=[view.id, card.number])
                if may_replace and card.state in _REPLACEABLE
                else "",
            )
            for card in held
        ),
        looks=_looks(shown),
        looks_turns=Turns(next_url=more),
    )


def _looks(looks: list[registry.LookView]) -> tuple[LookRow, ...]:
    readers = {look.staff for look in looks}
    names = partners.names(list(readers)) | staff.names(readers)
    return tuple(
        LookRow(
            looked_at=instant(look.at),
            person_name=names.get(look.staff, ""),
            role_word="",
            purpose=STORED_PURPOSES[look.purpose],
            fields=", ".join(dict.fromkeys(str(SHOWN_FIELDS[column]) for column in look.fields)),
        )
        for look in looks
    )


def _member(member: registry.MemberView, name: str, today: date, *, may_correct: bool) -> MemberRow:
    living_here = {_HEAD, _MEMBER} & set(member.roles)
    role = "head" if _HEAD in member.roles else "member" if living_here else "collector"
    return MemberRow(
        name=name,
        role_word=MEMBER_ROLES[role],
        sex_word=SEXES[_SEX_NAMES[member.sex]],
        birth_month=member.birth_month,
        age_text=_age(member, today),
        is_collector=any(role not in (_HEAD, _MEMBER) for role in member.roles),
        correct_url=(
            reverse("office:correction_new", args=[member.household, member.id])
            if may_correct
            else ""
        ),
    )


def _age(member: registry.MemberView, today: date) -> str:
    born = member.birth_month
    if born is None:
        return ""
    months = (today.year - born.year) * MONTHS_A_YEAR + today.month - born.month
    years = months // MONTHS_A_YEAR
    age = ngettext("%(years)s year", "%(years)s years", years) % {"years": years}
    if member.birth_precision == _YEAR:
        return gettext("about %(age)s") % {"age": age} if years else gettext("under 1 year")
    if not years:
        return ngettext("%(months)s month", "%(months)s months", months) % {"months": months}
    return age


def _decisions(
    request: HttpRequest, opened: OpenedHousehold, today: date
) -> tuple[DecisionPanel, ...]:
    """Return why, cycle by cycle, with where an appeal is taken down or waits."""
    view, in_reach = opened.household, reach(request, Permission.BRING_APPEALS)
    waiting = {one.cycle: one.id for one in appeals.of_household(view.id) if one.is_open}
    panels = []
    for row in programmes.decisions_of(view.id, programmes=opened.programmes):
        cycle = programmes.cycle(row.cycle)
        may_appeal = cycle is not None and in_reach.covers(cycle.programme, view.area)
        is_in_time = cycle is not None and today <= cycle.disputed_until
        there = waiting.get(row.cycle)
        panels.append(
            decision_panel(
                row,
                appeal_url=(
                    reverse("office:appeal_new", args=[view.id, row.cycle])
                    if may_appeal and is_in_time and there is None
                    else ""
                ),
                open_appeal_url=(
                    reverse("office:appeal", args=[there]) if may_appeal and there else ""
                ),
            )
        )
    return tuple(panels)


def _refused(request: HttpRequest, purpose: str) -> HttpResponse:
    page = HouseholdsPage(
        query="",
        purpose=purpose,
        purposes=tuple(Choice(code, PURPOSES[code]) for code in PURPOSE_NUMBERS),
        errors=(FieldError("id_query", TOO_MANY_READS),),
    )
    return show(request, "office/households.html", "households", page, status=429)


def _outcome(outcome: int | None) -> State:
    return OUTCOME_STATES["undecided" if outcome is None else OUTCOMES[outcome]]


def _shown_number(numbers: Any) -> str:
    return display_card_number(numbers[0]) if numbers else ""


def _purpose_code(given: object) -> str:
    return str(given) if given in PURPOSE_NUMBERS else "counter"


def _before(request: HttpRequest) -> int | None:
    asked = request.GET.get("before", "")
    return int(asked) if asked.isdecimal() and len(asked) <= _SECONDS_DIGITS_MAX else None
