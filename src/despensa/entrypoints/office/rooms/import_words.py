"""One register file in words: its state, its totals, what is wrong in it."""

from typing import Any

from django.urls import reverse

from despensa.domain.registration.layout import MAPPABLE_KINDS
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import previewing, progress, reading, worker
from despensa.entrypoints.office.fault_words import mend, warning
from despensa.entrypoints.office.parts import Fact, FieldError, Figure, JobProgress
from despensa.entrypoints.office.rooms.import_pairs import pair_counts
from despensa.entrypoints.office.shell import instant
from despensa.entrypoints.office.states import IMPORT_STATES, IMPORT_TOTALS, JOB_STATES, State
from despensa.entrypoints.office.step_words import STEP_NOTES, STEP_QUESTIONS, STEPS
from despensa.entrypoints.office.words import (
    BEGINS_SOON,
    FIGURES,
    FORBIDDEN,
    JOBS,
    LOOKED_THROUGH,
    NOTHING_TO_IMPORT,
    STRICT_REFUSED,
    TOTALS,
    WAITS_FOR_ANOTHER,
    register_kind,
)
from despensa.entrypoints.office.work_pages import (
    DroppedColumn,
    FaultTotal,
    ImportDetailPage,
    NextStep,
    RowError,
)
from despensa.records.proposals import queries as proposals
from despensa.records.registry.queries import ImportView
from despensa.records.staff import queries as staff

_STAGED, _COMMITTED, UNDONE = 1, 2, 4
_APPROVED, _REFUSED = 2, 3


def state_of(row: ImportView) -> State:
    """Return the state of a file that was submitted."""
    return IMPORT_STATES[_state_name(row)]


def _state_name(row: ImportView) -> str:
    if row.state == _COMMITTED:
        return "done"
    if row.state == UNDONE:
        return "undone"
    view = None if row.proposal is None else proposals.proposal(row.proposal)
    if view is None:
        return "refused" if row.state != _STAGED else "proposed"
    if view.state == _APPROVED:
        return "writing"
    if view.state == _REFUSED:
        return "expired" if view.refused_by is None else "refused"
    return "expired" if view.expires_at <= wiring.tools().now() else "proposed"


def page_of_preview(preview: previewing.Preview, person_name: str) -> ImportDetailPage:
    """Return the page of a file that was read and not submitted."""
    report = preview.report
    url = reverse("office:import_detail", args=[preview.id])
    step = "submit" if preview.needs_approval else "import"
    problem = NOTHING_TO_IMPORT if not report["households"] else STRICT_REFUSED
    return ImportDetailPage(
        import_id=preview.id,
        file_name=preview.file_name,
        kind_word=register_kind(report["kind"]),
        started_at=instant(preview.at),
        person_name=person_name,
        state=IMPORT_STATES["preview"],
        totals_title=IMPORT_TOTALS["preview"],
        is_found=True,
        totals=(
            Fact(TOTALS["households"], report["households"]),
            Fact(TOTALS["people"], report["people"]),
        ),
        faulty_rows_url=_faulty_url(preview.id, report),
        next_step=NextStep(step, STEPS[step], STEP_NOTES[step], url, STEP_QUESTIONS[step])
        if preview.can_come_in
        else None,
        may_discard=True,
        columns_url=f"{reverse('office:import_columns')}?of={preview.id}"
        if report["kind"] in MAPPABLE_KINDS
        else "",
        errors=() if preview.can_come_in else (FieldError("errors_title", problem),),
        **_found(report),
    )


def page_of_reading(found: reading.Reading, person_name: str) -> ImportDetailPage:
    """Return the page of a file that is being read, or that could not be."""
    return ImportDetailPage(
        import_id=found.id,
        file_name=found.file_name,
        kind_word="",
        started_at=instant(found.at),
        person_name=person_name,
        state=IMPORT_STATES["unreadable" if found.problem else "reading"],
        figures=(),
        totals=(),
        totals_title="",
        dropped_columns=(),
        without_document=0,
        row_errors=(),
        errors_total=0,
        job=None if found.problem else _reading_job(found),
        may_discard=not found.problem,
        errors=(FieldError("again", found.problem),) if found.problem else (),
        is_read=False,
    )


def _reading_job(found: reading.Reading) -> JobProgress:
    seen = found.progress
    return JobProgress(
        word=JOBS["read"],
        done=0 if seen is None else seen.done,
        total=0,
        per_second=seen.per_second if seen is not None and seen.done else None,
        state=JOB_STATES["running"],
        is_running=True,
        problem=WAITS_FOR_ANOTHER if seen is None else "" if seen.done else LOOKED_THROUGH,
    )


def page_of_import(row: ImportView, *, may_open: bool) -> ImportDetailPage:
    """
    Return the page of a file that was submitted; its rows are shown while it waits.

    What became of its households is looked at pair by pair by whoever `may_open` households.
    """
    tools = wiring.tools()
    is_waiting = row.state == _STAGED and row.proposal is not None
    report: dict[str, Any] = {}
    if is_waiting and row.proposal is not None:
        report = previewing.report_of(row.proposal, tools)
    counts = row.counts
    report = {
        "rows_in": counts.get("rows", 0),
        "rejected": counts.get("rejected_rows", 0),
        "accepted": counts.get("rows", 0) - counts.get("rejected_rows", 0),
    } | report
    is_committed = row.state == _COMMITTED
    name = _state_name(row)
    state = IMPORT_STATES[name]
    known = counts.get("known_households", 0)
    totals = [
        Fact(TOTALS["households"], counts.get("households", 0)),
        Fact(TOTALS["people"], counts.get("people", 0)),
    ]
    if row.state == UNDONE and counts.get("updated_households"):
        totals.append(Fact(TOTALS["updated_households"], counts["updated_households"]))
    if is_committed:
        updated = counts.get("updated_households", 0)
        totals += [
            Fact(TOTALS["updated_households"], updated),
            Fact(FIGURES["unchanged"], known - updated),
        ]
    return ImportDetailPage(
        import_id=row.id,
        file_name=row.file_name,
        kind_word=register_kind(row.kind),
        started_at=instant(row.staged_at),
        person_name=staff.names([row.staff]).get(row.staff, ""),
        state=state,
        totals=tuple(totals),
        totals_title=IMPORT_TOTALS[name],
        is_found="source" in report,
        faulty_rows_url=_faulty_url(row.id, report),
        job=_job(row, state),
        proposal_id=row.proposal if state is IMPORT_STATES["proposed"] else None,
        pairs=pair_counts(row.id) if is_committed and may_open else (),
        undo_url=reverse("office:import_undo", args=[row.id]) if is_committed else "",
        **_found(report),
    )


def _job(row: ImportView, state: State) -> JobProgress | None:
    if state is not IMPORT_STATES["writing"] or row.proposal is None:
        return None
    helper = worker.running()
    problem = "" if helper is None else helper.problem(row.proposal)
    people = row.counts.get("people", 1)
    seen = progress.of(row.proposal)
    done = 0 if seen is None else min(seen.done, people)
    rate = 0 if seen is None else seen.per_second
    return JobProgress(
        word=JOBS["write"],
        done=done,
        total=people,
        per_second=rate,
        seconds_left=(people - done) // rate or None if rate else None,
        state=JOB_STATES["stopped" if problem else "running"],
        is_running=not problem,
        problem=problem or (BEGINS_SOON if seen is None else ""),
    )


def _found(report: dict[str, Any]) -> dict[str, Any]:
    """Return what both pages show of a report."""
    faults = previewing.faults(report)
    return {
        "figures": (
            Figure(FIGURES["rows"], report["rows_in"]),
            Figure(FIGURES["accepted"], report["accepted"], report["rows_in"]),
            Figure(FIGURES["rejected"], report["rejected"], report["rows_in"], "stopped"),
        ),
        "dropped_columns": tuple(
            DroppedColumn(column["sheet"], column["column"], FORBIDDEN[column["category"]])
            for column in report.get("dropped", ())
        ),
        "without_document": report.get("without_document", 0),
        "row_errors": tuple(
            RowError(
                sheet=fault.sheet,
                row=fault.row,
                column=fault.column,
                value=fault.value,
                problem=mend(fault),
                mend="",
            )
            for fault in faults
        ),
        "errors_total": report.get("faults", 0),
        "totals_by_reason": tuple(
            FaultTotal(first.sheet, first.column, count, first.row, mend(first))
            for first, count in previewing.fault_counts(report)
        ),
        "ignored_columns": tuple(report.get("ignored", ())),
        "warnings": tuple(
            warning(code, parameters) for code, parameters in report.get("omissions", ())
        ),
    }


def _faulty_url(import_id: object, report: dict[str, Any]) -> str:
    if not report.get("faulty"):
        return ""
    return reverse("office:import_faulty", args=[import_id])
