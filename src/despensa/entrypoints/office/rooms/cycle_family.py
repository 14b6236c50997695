"""A cycle and its children: what each is for, what is left of the share, and drafting another."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import number_format
from django.utils.translation import ngettext

from despensa.domain.child import KIND_OF_WORD, ChildKind, LineNameWrong, month_text, share
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import child, cycle
from despensa.entrypoints.office.child_words import CHILD_KINDS, CHILD_NOTES, LINE_NAME
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.rooms.cycle_words import (
    CLOSED,
    DECIDED,
    DRAFT,
    OPEN,
    OPENING,
    SETTLED,
    STATE_NAMES,
)
from despensa.entrypoints.office.shell import called, cycle_name, staff_of
from despensa.entrypoints.office.states import CYCLE_STATES, isolated
from despensa.entrypoints.office.words import CYCLE_DATES
from despensa.entrypoints.office.work_pages import ChildLine, CycleFamily, ItemTotal, ShareLine
from despensa.records.children import purpose_queries
from despensa.records.children import queries as children
from despensa.records.programmes import queries
from despensa.records.programmes.queries import CycleRow
from despensa.usecases.draft_child import ChildOrderWrong, WrongState, draft_child

_BY_HAND = (ChildKind.FOLLOW_UP, ChildKind.TOP_UP, ChildKind.RECOVERY)
_MAY_HAVE_CHILDREN = frozenset({DECIDED, OPENING, OPEN, CLOSED, SETTLED})


def family(row: CycleRow, *, areas: list[UUID] | None, may_run: bool) -> CycleFamily:
    """Return what belongs to a cycle, as somebody with these areas may see it."""
    own = children.child(row.id)
    root = None if own is None else queries.cycle(own.root)
    lines = tuple(_line(one, areas) for one in children.children_of(row.id))
    may_draft = may_run and own is None and row.state in _MAY_HAVE_CHILDREN
    today = wiring.tools().today()
    return CycleFamily(
        kind_word="" if own is None else CHILD_KINDS[own.kind.word],
        note="" if own is None else CHILD_NOTES[own.kind.word],
        root_id=None if root is None else root.id,
        root_name="" if root is None else cycle_name(root.code),
        children=lines,
        shares=_shares(row) if areas is None else (),
        recovered=_recovered(row, own) if areas is None else (),
        is_waived=None if own is None else own.is_waived,
        taken=taken_words(row) if row.state == DECIDED else (),
        kinds=tuple(Choice(kind.word, CHILD_KINDS[kind.word]) for kind in _BY_HAND)
        if may_draft
        else (),
        opens_on=today.isoformat(),
        closes_on=max(row.closes_on, today + (row.closes_on - row.opens_on)).isoformat(),
    )


def drafted(request: HttpRequest, row: CycleRow) -> HttpResponse:
    """Draft the child that a form asks for and lead to it; what is wrong is said on the page."""
    kind = KIND_OF_WORD.get(request.POST.get("kind", ""))
    if kind not in _BY_HAND:
        raise PermissionDenied
    tools = wiring.tools()
    try:
        opens_on, closes_on = (
            date.fromisoformat(request.POST.get(key, "")) for key in ("opens_on", "closes_on")
        )
    except ValueError:
        messages.warning(request, str(CYCLE_DATES))
        return redirect("office:cycle", row.id)
    acting = tools.acting(staff_of(request).id)
    try:
        order = child.order_for(
            row.id,
            kind,
            child=acting.new_id(),
            today=tools.today(),
            opens_on=opens_on,
            closes_on=closes_on,
            name=" ".join(request.POST.get("name", "").split()),
        )
        draft_child(
            order, commit_lot=cycle.lots_of(tools), acting=acting, sealer=tools.keeper.vault
        )
    except LineNameWrong:
        messages.warning(request, str(LINE_NAME))
    except ChildOrderWrong:
        messages.warning(request, str(CYCLE_DATES))
    except WrongState as error:
        messages.warning(request, str(error))
    else:
        return redirect("office:cycle", order.id)
    return redirect("office:cycle", row.id)


def _line(one: children.ChildRow, areas: list[UUID] | None) -> ChildLine:
    found = queries.cycle(one.cycle)
    if found is None:
        raise LookupError("a child without a cycle")
    outcomes = queries.outcome_totals(one.cycle, areas=areas)
    goods = [
        f"{number_format(total, force_grouping=True)} × {called(names)}"
        for _, _, names, total in queries.goods_totals(one.cycle, areas=areas)
    ]
    return ChildLine(
        cycle_id=one.cycle,
        name=cycle_name(found.code),
        state=CYCLE_STATES[STATE_NAMES[found.state]],
        opens_on=found.opens_on,
        households=sum(outcomes.values()) if found.state > DRAFT else None,
        goods=tuple(goods),
    )


def _shares(row: CycleRow) -> tuple[ShareLine, ...]:
    found = children.share_of(row.id)
    if found is None:
        return ()
    left = children.share_left(row.id)
    return tuple(
        ShareLine(called(names), share(total, found.percent) - left.get(unit, 0), whole)
        for unit, _, names, total in queries.goods_totals(row.id)
        if (whole := share(total, found.percent)) or not left.get(unit, 0)
    )


def _recovered(row: CycleRow, own: children.ChildRow | None) -> tuple[ItemTotal, ...]:
    if own is None or own.kind is not ChildKind.RECOVERY:
        return ()
    units = queries.units()
    _, totals = children.recoveries(row.id)
    return tuple(ItemTotal(called(units[unit][1]), "", total) for unit, total in totals)


def taken_words(row: CycleRow) -> tuple[str, ...]:
    """Return why a decided cycle cannot be opened; empty when it can."""
    return tuple(
        taken_sentence(one.households, one.purpose, one.month, one.programmes)
        for one in purpose_queries.taken(row.id)
    )


def taken_sentence(
    households: int, purpose: str, month: int, programmes: Sequence[Mapping[str, str]]
) -> str:
    """Say how many households get something for a purpose in a month, and from whom."""
    sentence = ngettext(
        "%(count)s household gets something for “%(purpose)s” in %(month)s already: "
        "%(programmes)s.",
        "%(count)s households get something for “%(purpose)s” in %(month)s already: "
        "%(programmes)s.",
        households,
    )
    return sentence % {
        "count": number_format(households, force_grouping=True),
        "purpose": isolated(purpose),
        "month": cycle_name(month_text(month)),
        "programmes": ", ".join(isolated(called(names)) for names in programmes),
    }
