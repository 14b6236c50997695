"""Cycles: draft one, let the rule decide it, propose its cards and its opening."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from despensa.domain.child import ChildKind
from despensa.domain.cycle_life import DISPUTE_DAYS, require_dispute_days
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.proposal import Reason
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import (
    actions,
    cards,
    cycle,
    decision_papers,
    progress,
    proposing,
    proposing_cycles,
    worker,
)
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.parts import Choice, FieldError, Figure, JobProgress
from despensa.entrypoints.office.rooms import cycle_family
from despensa.entrypoints.office.rooms.cycle_end import (
    CYCLE_STATIONS,
    cycle_end,
    station_notes,
    station_of,
)
from despensa.entrypoints.office.rooms.cycle_words import (
    DECIDED,
    DRAFT,
    FADING,
    OPEN,
    OPENING,
    WITHDRAWN,
    summary,
)
from despensa.entrypoints.office.shell import called, may, reach, show, staff_of
from despensa.entrypoints.office.states import JOB_STATES, Word
from despensa.entrypoints.office.step_words import (
    STATIONS,
    STEP_NOTES,
    STEP_QUESTIONS,
    STEPS,
    WAITING_WORDS,
)
from despensa.entrypoints.office.templatetags.office import short_day
from despensa.entrypoints.office.turning import turned
from despensa.entrypoints.office.words import (
    CYCLE_DATES,
    CYCLE_DISPUTE_DAYS,
    CYCLE_NAME_TAKEN,
    FIGURES,
    JOBS,
    PROPOSED_NOTICE,
    STOPPING,
    WRONG_STATE,
)
from despensa.entrypoints.office.work_pages import (
    AreaTotals,
    CyclePage,
    CyclesPage,
    CycleStage,
    ItemTotal,
    NextStep,
)
from despensa.records.children import queries as children
from despensa.records.programmes import queries
from despensa.records.service_points import queries as points
from despensa.usecases.begin_opening import PurposeTaken
from despensa.usecases.draft_child import WrongState
from despensa.usecases.draft_cycle import CycleKnown, draft_cycle

NAME_MAX = 64
WAIT_SECONDS = 5.0
_DAYS_OPEN = 2
_MONTH_AND_MORE = 32


@door(Permission.SEE_CYCLES)
def cycles(request: HttpRequest) -> HttpResponse:
    """Show the cycles; a POST drafts a new one."""
    if request.method == "POST":
        return _drafted(request)
    opens_on = _free_month(wiring.tools().today())
    return _cycles(
        request,
        name=f"{opens_on:%Y-%m}",
        opens_on=opens_on.isoformat(),
        closes_on=(opens_on + timedelta(days=_DAYS_OPEN)).isoformat(),
    )


@door(Permission.SEE_CYCLES)
def one_cycle(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """Show a cycle; a POST takes its next step."""
    if request.method == "POST" and not may(request, Permission.RUN_CYCLES):
        raise PermissionDenied
    row = queries.cycle(cycle_id)
    permission = Permission.RUN_CYCLES if request.method == "POST" else Permission.SEE_CYCLES
    if row is None or not _is_seen(request, row, permission):
        raise Http404
    if request.method == "POST":
        return _stepped(request, row)
    return show(request, "office/cycle.html", "cycles", _page(request, row))


def _is_seen(request: HttpRequest, row: queries.CycleRow, permission: Permission) -> bool:
    """Return whether a cycle is in reach: whole, to run it; a part of its area, to see it."""
    in_reach, place = reach(request, permission), (row.programme, row.programme_area)
    if permission is Permission.RUN_CYCLES:
        return in_reach.covers(*place)
    return in_reach.touches(*place)


def _cycles(request: HttpRequest, *, status: int = 200, **form: object) -> HttpResponse:
    may_draft = may(request, Permission.RUN_CYCLES)
    rows, turns = turned(
        request,
        lambda limit, turn: queries.cycles(limit, turn=turn),
        lambda row: (row.opens_on, row.id),
        is_by_date=True,
    )
    page = CyclesPage(
        cycles=tuple(
            summary(row, areas=reach(request, Permission.SEE_CYCLES).areas)
            for row in rows
            if _is_seen(request, row, Permission.SEE_CYCLES)
        ),
        turns=turns,
        programmes=tuple(
            Choice(str(programme), called(names))
            for programme, names, area in queries.programmes()
            if reach(request, Permission.RUN_CYCLES).covers(programme, area)
        )
        if may_draft
        else (),
        **form,  # type: ignore[arg-type]
    )
    return show(request, "office/cycles.html", "cycles", page, status=status)


def _free_month(today: date) -> date:
    """Return today, or the first day of the next month that no cycle is named after."""
    taken = {row.code for row in queries.cycles() if row.state > WITHDRAWN}
    opens_on = today
    while f"{opens_on:%Y-%m}" in taken:
        opens_on = (opens_on.replace(day=1) + timedelta(days=_MONTH_AND_MORE)).replace(day=1)
    return opens_on


def _drafted(request: HttpRequest) -> HttpResponse:
    if not may(request, Permission.RUN_CYCLES):
        raise PermissionDenied
    name = " ".join(request.POST.get("name", "").split())[:NAME_MAX]
    written = {key: request.POST.get(key, "") for key in ("opens_on", "closes_on")}
    try:
        opens_on, closes_on = (date.fromisoformat(day) for day in written.values())
        programme = UUID(request.POST.get("programme", ""))
        reach(request, Permission.RUN_CYCLES).require(programme, queries.programme_area(programme))
        rule = queries.latest_rule(programme)
    except (ValueError, LookupError, OutOfReach):
        opens_on, closes_on = date.max, date.min
    written["dispute_days"] = request.POST.get("dispute_days", str(DISPUTE_DAYS))
    if not name or closes_on < opens_on:
        errors = (FieldError("id_opens_on", CYCLE_DATES),)
        return _cycles(request, status=422, name=name, errors=errors, **written)
    try:
        dispute_days = require_dispute_days(int(written["dispute_days"]))
    except ValueError:
        errors = (FieldError("id_dispute_days", CYCLE_DISPUTE_DAYS),)
        return _cycles(request, status=422, name=name, errors=errors, **written)
    try:
        drafted = draft_cycle(
            programme=programme,
            rule=rule,
            code=name,
            reference_date=wiring.tools().today(),
            opens_on=opens_on,
            closes_on=closes_on,
            commit_lot=cycle.lots_of(wiring.tools()),
            acting=wiring.tools().acting(staff_of(request).id),
            dispute_days=dispute_days,
        )
    except CycleKnown:
        errors = (FieldError("id_name", CYCLE_NAME_TAKEN),)
        return _cycles(request, status=422, name=name, errors=errors, **written)
    return redirect("office:cycle", drafted)


def _stepped(request: HttpRequest, row: queries.CycleRow) -> HttpResponse:
    if not may(request, Permission.RUN_CYCLES):
        raise PermissionDenied
    if request.POST.get("step") == "draft_child":
        return cycle_family.drafted(request, row)
    step = _STEPS.get(request.POST.get("step", ""))
    if request.POST.get("step") == "propose_cards":
        return redirect(f"{reverse('office:card_order')}?cycle={row.id}")
    if step is None or step[0] != row.state:
        messages.warning(request, str(WRONG_STATE))
    else:
        step[1](request, row)
    return redirect("office:cycle", row.id)


def _decide(request: HttpRequest, row: queries.CycleRow) -> None:
    tools, staff = wiring.tools(), staff_of(request).id

    def work() -> None:
        progress.begin(row.id)
        try:
            cycle.freeze_and_decide(
                row.id, tools, acting=tools.acting(staff), told=partial(progress.tell, row.id)
            )
        except progress.Stopped:
            pass  # as was asked: the cycle is a draft as before
        finally:
            progress.end(row.id)

    helper = worker.running()
    if helper is None:
        work()
    else:
        helper.run(row.id, "decide", work).done.wait(WAIT_SECONDS)


def _stop(request: HttpRequest, row: queries.CycleRow) -> None:
    """Ask that the decision under way stop; one that is just done stays."""
    if progress.stop(row.id):
        messages.success(request, str(STOPPING))


def _propose_opening(request: HttpRequest, row: queries.CycleRow) -> None:
    acting = wiring.tools().acting(staff_of(request).id)
    try:
        proposing_cycles.propose_opening(row, acting=acting)
    except WrongState:
        messages.warning(request, str(WRONG_STATE))
    except PurposeTaken:
        messages.warning(request, " ".join(cycle_family.taken_words(row)))
    else:
        messages.success(request, str(PROPOSED_NOTICE))


def _propose_withdrawal(request: HttpRequest, row: queries.CycleRow) -> None:
    try:
        proposing_cycles.propose_withdrawal(row, acting=wiring.tools().acting(staff_of(request).id))
    except WrongState:
        messages.warning(request, str(WRONG_STATE))
    else:
        messages.success(request, str(PROPOSED_NOTICE))


def _propose_waiving(request: HttpRequest, row: queries.CycleRow) -> None:
    acting = wiring.tools().acting(staff_of(request).id)
    try:
        proposing_cycles.propose_settlement(row, acting=acting)
    except WrongState:
        messages.warning(request, str(WRONG_STATE))
    else:
        messages.success(request, str(PROPOSED_NOTICE))


_Step = Callable[[HttpRequest, queries.CycleRow], None]


def _propose_closing(request: HttpRequest, row: queries.CycleRow) -> None:
    if waiting_for(row.id, actions.CLOSE_CYCLE) is not None:
        messages.warning(request, str(WRONG_STATE))
        return
    proposing.propose_action(
        actions.CLOSE_CYCLE,
        Reason.SCHEDULED_CYCLE,
        acting=wiring.tools().acting(staff_of(request).id),
        scope=(row.programme.bytes, None, row.id.bytes),
    )
    messages.success(request, str(PROPOSED_NOTICE))


_STEPS: dict[str, tuple[int, _Step]] = {
    "decide": (DRAFT, _decide),
    "stop": (DRAFT, _stop),
    "propose_opening": (DECIDED, _propose_opening),
    "propose_waiving": (DECIDED, _propose_waiving),
    "propose_withdrawal": (DECIDED, _propose_withdrawal),
    "propose_closing": (OPEN, _propose_closing),
}


def waiting_for(cycle_id: UUID, action: str) -> UUID | None:
    """Return the proposal about a cycle that waits or is being carried out, or None."""
    return proposing_cycles.waiting_for(cycle_id, action, wiring.tools().now())


def _page(request: HttpRequest, row: queries.CycleRow) -> CyclePage:
    in_reach = reach(request, Permission.SEE_CYCLES).areas
    outcomes = queries.outcome_totals(row.id, areas=in_reach)
    households = sum(outcomes.values())
    delivered = _delivered(row, in_reach)
    areas = tuple(
        AreaTotals(called(area.names), area.entitled, area.not_entitled, area.needs_information)
        for area in queries.area_totals(row.id, areas=in_reach)
    )
    goods = queries.goods_totals(row.id, areas=in_reach)
    may_run = may(request, Permission.RUN_CYCLES) and _is_seen(request, row, Permission.RUN_CYCLES)
    family = cycle_family.family(row, areas=in_reach, may_run=may_run)
    own = children.child(row.id)
    settles = own is not None and own.kind is ChildKind.RECOVERY
    is_settled = own is not None and own.is_waived is not None
    waiting, waiting_word = _waiting(row, settles=settles)
    steps = _next_steps(row, waiting, settles=settles) if may_run and not is_settled else []
    withdraws = row.state == DECIDED and not (own is not None and own.kind is ChildKind.APPEAL)
    return CyclePage(
        summary=summary(row, areas=in_reach),
        stages=_stages(row, households, outcomes.get(1, 0)),
        figures=(
            Figure(FIGURES["entitled"], outcomes.get(1, 0), households),
            Figure(FIGURES["not_entitled"], outcomes.get(2, 0), households, "stopped"),
            Figure(FIGURES["needs_information"], outcomes.get(3, 0), households, "waiting"),
            Figure(FIGURES["promised"], sum(total for *_, total in goods)),
            *(
                (Figure(FIGURES["served"], delivered, outcomes.get(1, 0)),)
                if row.state >= OPEN
                else ()
            ),
        )
        if households
        else (),
        items=tuple(ItemTotal(called(names), "", total) for _, _, names, total in goods),
        areas=areas,
        areas_total=AreaTotals("", outcomes.get(1, 0), outcomes.get(2, 0), outcomes.get(3, 0)),
        rule_reference=f"{parse_text(row.rule_text).name}/{row.rule_version}",
        rule_hash=row.rule_hash.hex(),
        frozen_on=row.reference_date if row.frozen_root is not None else None,
        next_step=steps[0] if steps else None,
        other_step=steps[1] if len(steps) > 1 else None,
        job=_job(row),
        proposal_id=waiting,
        end=cycle_end(row, wiring.tools(), reach=reach(request, Permission.SEE_CYCLES)),
        waiting_word=waiting_word,
        withdrawal=_step(row, "propose_withdrawal") if steps and withdraws else None,
        family=family,
        has_differences=may_run and decision_papers.has_facts(row, wiring.tools()),
    )


def _delivered(row: queries.CycleRow, areas: list[UUID] | None) -> int:
    counts: Counter[str] = Counter()
    in_reach = None if areas is None else points.points_in(areas)
    for point, _, _, name, count in queries.reported_totals(row.id):
        if in_reach is None or point in in_reach:
            counts[name] += count
    return counts["delivered"]


def _next_steps(row: queries.CycleRow, waiting: UUID | None, *, settles: bool) -> list[NextStep]:
    steps = []
    if row.state == DRAFT:
        steps.append("decide")
    if row.state == OPEN and waiting is None:
        steps.append("propose_closing")
    if row.state == DECIDED and waiting is None and settles:
        steps.append("propose_waiving")
    elif row.state == DECIDED and waiting is None:
        steps.append("propose_opening")
        if cards.without_card(row.id) and waiting_for(row.id, actions.ISSUE_CARDS) is None:
            steps.insert(0, "propose_cards")
    return [_step(row, step) for step in steps]


def _step(row: queries.CycleRow, step: str) -> NextStep:
    url = reverse("office:cycle", args=[row.id])
    return NextStep(step, STEPS[step], STEP_NOTES[step], url, STEP_QUESTIONS[step])


def _waiting(row: queries.CycleRow, *, settles: bool) -> tuple[UUID | None, Word]:
    """Return the proposal that a cycle waits for, and what waits in words."""
    asked = [actions.CLOSE_CYCLE]
    if row.state != OPEN:
        asked = [
            actions.WITHDRAW_CYCLE, actions.SETTLE_RECOVERY if settles else actions.OPEN_CYCLE
        ]  # fmt: skip
    for action in asked:
        proposal = waiting_for(row.id, action)
        if proposal is not None:
            return proposal, WAITING_WORDS[action]
    return None, ""


def _stages(row: queries.CycleRow, households: int, entitled: int) -> tuple[CycleStage, ...]:
    station = station_of(row.state)
    notes = (
        short_day(row.reference_date),
        f"{entitled} / {households}" if households else "",
        "",
        short_day(row.opens_on),
        *station_notes(row),
    )
    return tuple(
        CycleStage(
            STATIONS[name],
            "done"
            if at < station or (at == station and row.state >= OPEN and row.state != FADING)
            else "current"
            if at == station
            else "ahead",
            note,
        )
        for at, (name, note) in enumerate(zip(CYCLE_STATIONS, notes, strict=True))
    )


def _job(row: queries.CycleRow) -> JobProgress | None:
    helper = worker.running()
    task = None if helper is None else helper.task(row.id)
    if task is not None and not (task.done.is_set() and not task.problem):
        is_running = not task.done.is_set()
        seen = progress.of(row.id) or progress.Progress(0, 0)
        return JobProgress(
            word=JOBS[seen.stage or task.word],
            done=seen.done,
            total=seen.total,
            per_second=seen.per_second or None,
            seconds_left=seen.seconds_left,
            state=JOB_STATES["running" if is_running else "stopped"],
            is_running=is_running,
            problem=task.problem,
            can_be_stopped=is_running and bool(seen.stage),
        )
    if row.state == OPENING:
        return JobProgress(JOBS["open"], 0, 1, JOB_STATES["running"], is_running=True)
    return None
