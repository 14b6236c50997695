"""The frame around every page: who is signed in, which rooms they may enter, what waits there."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext

from despensa.domain.reach import Reach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.office.child_words import CHILD_KINDS
from despensa.entrypoints.office.demonstration import demonstration
from despensa.entrypoints.office.parts import Shell
from despensa.entrypoints.office.words import ROLES
from despensa.records.grievances import queries as appeals
from despensa.records.programmes import queries as programmes
from despensa.records.proposals import queries as proposals
from despensa.records.staff.queries import StaffView, reach_of

CYCLE_OPEN = 4
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
ROOM_PERMISSIONS: Mapping[str, Permission] = {
    "today": Permission.SEE_TODAY,
    "households": Permission.READ_HOUSEHOLDS,
    "desk": Permission.SEE_DESK,
    "duplicates": Permission.CHANGE_HOUSEHOLDS,
    "appeals": Permission.BRING_APPEALS,
    "cycles": Permission.SEE_CYCLES,
    "rules": Permission.SEE_CYCLES,
    "imports": Permission.PROPOSE_IMPORT,
    "cards": Permission.SEE_CARDS,
    "phones": Permission.MANAGE_PHONES,
    "stock": Permission.SEE_STOCK,
    "cases": Permission.SEE_CASES,
    "proposals": Permission.SEE_PROPOSALS,
    "partners": Permission.SEE_PARTNERS,
    "releases": Permission.SEE_PROPOSALS,
    "ledger": Permission.SEE_LEDGER,
    "log": Permission.SEE_LOG,
}


def staff_of(request: HttpRequest) -> StaffView:
    """Return who is signed in; the access check has let nobody else through."""
    staff: StaffView = request.staff  # type: ignore[attr-defined]
    return staff


def may(request: HttpRequest, permission: Permission) -> bool:
    """Return whether the person signed in may do this."""
    return permission in staff_of(request).permissions


def reach(request: HttpRequest, permission: Permission) -> Reach:
    """Return where the person signed in has a permission today; asked once a request."""
    known: dict[Permission, Reach] = request.__dict__.setdefault("despensa_reach", {})
    if permission not in known:
        staff, today = staff_of(request).id, wiring.tools().today()
        known[permission] = reach_of(staff, permission, today)
    return known[permission]


def called(names: Mapping[str, str]) -> str:
    """
    Return a name in the reader's language, else in any.

    >>> called({})
    ''
    """
    language = get_language() or ""
    for code in (language, language.split("-")[0], "und"):
        if code in names:
            return names[code]
    return next(iter(names.values()), "")


def cycle_name(code: str) -> str:
    """
    Return a cycle's name as people say it: a code that is a month becomes that month.

    >>> cycle_name("second-round")
    'second-round'
    """
    root, _, child = code.partition("/")
    kind, _, number = child.rpartition("-")
    if kind in CHILD_KINDS:
        return pgettext("a cycle and what completes it", "%(cycle)s · %(kind)s %(number)s") % {
            "cycle": cycle_name(root),
            "kind": CHILD_KINDS[kind],
            "number": number,
        }
    if not _MONTH.fullmatch(code):
        return code
    return date_format(date.fromisoformat(f"{code}-01"), "YEAR_MONTH_FORMAT")


def instant(at: int) -> datetime:
    """Return seconds UTC as a time that templates show in the workspace's zone."""
    return datetime.fromtimestamp(at, UTC)


def decidable(request: HttpRequest) -> list[proposals.ProposalView]:
    """Return what waits for the person signed in to decide: at most 50, the oldest first."""
    if not may(request, Permission.DECIDE_PROPOSALS):
        return []
    staff, now = staff_of(request).id, wiring.tools().now()
    waiting = proposals.waiting(reach=reach(request, Permission.DECIDE_PROPOSALS))[::-1]
    return [view for view in waiting if view.creator != staff and view.expires_at > now]


def _decidable_count(request: HttpRequest) -> int:
    if not may(request, Permission.DECIDE_PROPOSALS):
        return 0
    in_reach = reach(request, Permission.DECIDE_PROPOSALS)
    return proposals.count_waiting(in_reach, not_by=staff_of(request).id, now=wiring.tools().now())


def _appeals_count(request: HttpRequest) -> int:
    """Return how many appeals wait for an answer by whoever is signed in."""
    if not may(request, Permission.ANSWER_APPEALS):
        return 0
    return appeals.count_waiting(reach(request, Permission.ANSWER_APPEALS))


def open_cycle(request: HttpRequest) -> programmes.CycleRow | None:
    """Return the cycle in reach that is open, the latest when there are several."""
    return next((row for row in cycles(request) if row.state == CYCLE_OPEN), None)


def cycles(request: HttpRequest) -> list[programmes.CycleRow]:
    """Return the cycles that the person signed in is concerned with, latest opening first."""
    today = reach(request, Permission.SEE_TODAY)
    return [row for row in programmes.cycles() if today.touches(row.programme, row.programme_area)]


def show(
    request: HttpRequest, template: str, room: str, page: object, *, status: int = 200
) -> HttpResponse:
    """Return a page of a room in its frame."""
    staff, workspace = staff_of(request), wiring.tools().workspace
    cycle = open_cycle(request)
    shell = Shell(
        room=room,
        workspace_name=workspace.name,
        person_name=staff.name,
        person_initials="".join(part[0] for part in staff.name.split()[:2]).upper(),
        role_word=ROLES[staff.roles[0]] if staff.roles else "",
        cycle_chip="" if cycle is None else cycle_name(cycle.code),
        rooms=frozenset(
            name for name, needed in ROOM_PERMISSIONS.items() if needed in staff.permissions
        ),
        badges={"proposals": _decidable_count(request), "appeals": _appeals_count(request)},
        is_single_operator=workspace.single_operator,
        is_demo=demonstration.is_running,
        runs_points=Permission.RUN_POINT in staff.permissions,
    )
    context: dict[str, Any] = {"page": page, "shell": shell}
    response = render(request, template, context, status=status)
    if getattr(request, "htmx", False) and getattr(page, "job", True) is None and room != "today":
        # the job that the page asked after has ended: what stands around it changed as well
        response["HX-Refresh"] = "true"
    return response
