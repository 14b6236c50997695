"""Today: what the open cycle has given, point by point, and what waits for the reader."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from despensa.domain.reach import Reach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.office import shell
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.demonstration import demonstration
from despensa.entrypoints.office.pages import PointRow, TodayPage, WaitingRow
from despensa.entrypoints.office.parts import Figure, JobProgress
from despensa.entrypoints.office.rooms.cycle_words import summary
from despensa.entrypoints.office.rooms.proposal_words import described
from despensa.entrypoints.office.states import JOB_STATES, POINT_STATES, State
from despensa.entrypoints.office.words import ACTIONS, DECIDE, FIGURES, JOBS
from despensa.records.programmes import queries as programmes
from despensa.records.proposals.queries import ProposalView
from despensa.records.service_points import queries as points

DELIVERED, REFUSED = "delivered", "refused"


@door(Permission.SEE_TODAY)
def today(request: HttpRequest) -> HttpResponse:
    """Show the open cycle's counts."""
    cycle = shell.open_cycle(request)
    reach = shell.reach(request, Permission.SEE_TODAY)
    progress = _points(cycle, reach)
    now = wiring.tools().now()
    rows = tuple(_row(point, now) for point in progress)
    open_points = sum(point.opens_at <= now < point.closes_at for point in progress)
    page = TodayPage(
        today=wiring.tools().today(),
        cycle=None if cycle is None else summary(cycle, areas=reach.areas, points_open=open_points),
        figures=() if cycle is None else _figures(cycle, reach),
        points=rows,
        waiting=tuple(_waiting(view) for view in shell.decidable(request)),
        job=_play(),
    )
    return shell.show(request, "office/today.html", "today", page)


def _points(cycle: programmes.CycleRow | None, reach: Reach) -> list[points.PointProgress]:
    """Return today's points in the areas that the reader is there for."""
    if cycle is None:
        return []
    progress = points.progress(cycle.id, wiring.tools().today())
    return [point for point in progress if reach.covers(cycle.programme, point.area)]


def _figures(cycle: programmes.CycleRow, reach: Reach) -> tuple[Figure, ...]:
    """Return the counts of what is in reach: of other areas the reader learns nothing."""
    areas = reach.areas
    seen = set() if areas is None else points.points_in(areas)
    scans: Counter[str] = Counter()
    for point, _, _, name, count in programmes.reported_totals(cycle.id):
        if areas is None or point in seen:
            scans[name] += count
    outcomes = programmes.outcome_totals(cycle.id, areas=areas)
    entitled, households = outcomes.get(1, 0), sum(outcomes.values())
    promised = sum(total for *_, total in programmes.goods_totals(cycle.id, areas=areas))
    return (
        Figure(FIGURES["entitled"], entitled, households),
        Figure(FIGURES["promised"], promised),
        Figure(FIGURES["served"], scans[DELIVERED], entitled),
        Figure(FIGURES["refused"], scans[REFUSED], kind="information"),
    )


def _row(point: points.PointProgress, now: int) -> PointRow:
    return PointRow(
        name=shell.called(point.names),
        area_name="",
        delivered=point.delivered,
        remaining=point.waiting,
        refused=point.refused,
        state=_state(point, now),
    )


def _state(point: points.PointProgress, now: int) -> State:
    if now < point.opens_at:
        return POINT_STATES["not_open"]
    return POINT_STATES["closed" if now >= point.closes_at else "up_to_date"]


def _waiting(view: ProposalView) -> WaitingRow:
    return WaitingRow(
        kind="waiting",
        title=ACTIONS[view.action],
        note=described(view),
        url=reverse("office:proposal", args=[view.id]),
        action=DECIDE,
    )


def _play() -> JobProgress | None:
    """Return how far the demonstration is, while it is being played."""
    if not demonstration.is_running or not (demonstration.is_playing or demonstration.problem):
        return None
    is_stopped = bool(demonstration.problem)
    return JobProgress(
        word=JOBS["play"],
        done=demonstration.done,
        total=demonstration.steps,
        state=JOB_STATES["stopped" if is_stopped else "running"],
        is_running=demonstration.is_playing,
        problem=demonstration.problem,
    )
