"""Imports: send a file, look into it, submit it or throw it away."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from despensa.adapters.register_file.source import RegisterFileError
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import previewing, reading
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.file_words import why_unreadable
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.rooms import import_columns, import_words, upload
from despensa.entrypoints.office.rooms.register_template import empty_registers
from despensa.entrypoints.office.shell import instant, may, reach, show, staff_of
from despensa.entrypoints.office.states import IMPORT_STATES, Word
from despensa.entrypoints.office.turning import turned
from despensa.entrypoints.office.words import (
    ALONE_USED_UP,
    DISCARDED_NOTICE,
    FILE_EMPTY,
    FILE_KNOWN,
    FILE_OUT_OF_REACH,
    PREVIEW_GONE,
    PROPOSED_NOTICE,
    REGISTER_KINDS,
    TAKEN_IN_NOTICE,
    register_kind,
)
from despensa.entrypoints.office.work_pages import ImportNewPage, ImportRow, ImportsPage
from despensa.records.registry import queries as registry
from despensa.records.staff import queries as staff


@door(Permission.PROPOSE_IMPORT)
def imports(request: HttpRequest) -> HttpResponse:
    """Show the files that came in, and those of this session that are looked at."""
    in_reach = reach(request, Permission.PROPOSE_IMPORT)
    rows, turns = turned(
        request,
        lambda limit, turn: registry.imports(limit, reach=in_reach, turn=turn),
        lambda row: (row.staged_at, row.id),
    )
    names = staff.names({row.staff for row in rows})
    page = ImportsPage(
        imports=(
            *([] if turns.previous_url else _own_previews(request)),
            *(
                ImportRow(
                    import_id=row.id,
                    file_name=row.file_name,
                    kind_word=register_kind(row.kind),
                    started_at=instant(row.staged_at),
                    person_name=names.get(row.staff, ""),
                    rows_in=row.counts.get("rows", 0),
                    rejected=row.counts.get("rejected_rows", 0),
                    state=import_words.state_of(row),
                )
                for row in rows
            ),
        ),
        turns=turns,
    )
    return show(request, "office/imports.html", "imports", page)


@door(Permission.PROPOSE_IMPORT)
def import_new(request: HttpRequest) -> HttpResponse:
    """Take a file and look into it; nothing is written into the register."""
    if request.method != "POST":
        return _form(request)
    given = upload.uploaded(request)
    if not isinstance(given, upload.Upload):
        return _form(request, given)
    try:
        return upload.kept(request, given, given.remembered())
    except upload.AnotherKind as error:
        return _form(request, str(error))
    except RegisterFileError as error:
        if error.code == "empty":
            return _form(request, FILE_EMPTY)
        problem = why_unreadable(error)
        if error.code == "wrong_kind":
            return import_columns.of_file(request, given, problem)
        return _form(request, problem)


@door(Permission.PROPOSE_IMPORT)
def import_detail(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show one file; a POST submits it or throws it away."""
    row = registry.register_import(import_id, reach=reach(request, Permission.PROPOSE_IMPORT))
    if row is not None:
        page = import_words.page_of_import(row, may_open=may(request, Permission.CHANGE_HOUSEHOLDS))
        return show(request, "office/import_detail.html", "imports", page)
    preview = upload.own_preview(request, str(import_id))
    if preview is None:
        return _being_read(request, import_id)
    if request.method == "POST":
        return _stepped(request, preview)
    page = import_words.page_of_preview(preview, staff_of(request).name)
    return show(request, "office/import_detail.html", "imports", page)


@door(Permission.PROPOSE_IMPORT)
def faulty_rows(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """Give the rejected rows back with the reason beside each."""
    row = registry.register_import(import_id, reach=reach(request, Permission.PROPOSE_IMPORT))
    tools = wiring.tools()
    place, report = import_id, dict[str, Any]()
    if row is not None and row.proposal is not None:
        place, report = row.proposal, previewing.report_of(row.proposal, tools)
    elif row is None:
        preview = upload.own_preview(request, str(import_id))
        report = {} if preview is None else preview.report
    if not report.get("faulty"):
        raise Http404
    try:
        parts = previewing.faulty_rows(place, tools, is_staged=row is not None)
    except previewing.PreviewGone as error:
        raise Http404 from error
    response = StreamingHttpResponse(parts, content_type="application/octet-stream")
    name = _header(report["faulty"])
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def _being_read(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show how far the reading of a file is; a POST stops it."""
    found = reading.of(import_id, staff_of(request).id)
    if found is None:
        return _gone(request)
    if found.is_over and not found.problem:
        # it ended between the two looks
        return redirect("office:import_detail", import_id)
    if request.method == "POST":
        reading.stop(found)
        messages.info(request, str(DISCARDED_NOTICE))
        return redirect("office:imports")
    page = import_words.page_of_reading(found, staff_of(request).name)
    return show(request, "office/import_detail.html", "imports", page)


def _stepped(request: HttpRequest, preview: previewing.Preview) -> HttpResponse:
    tools = wiring.tools()
    if request.POST.get("step") == "discard":
        previewing.discard(preview.id, tools)
        messages.info(request, str(DISCARDED_NOTICE))
        return redirect("office:imports")
    if request.POST.get("step") not in ("submit", "import") or not preview.can_come_in:
        return redirect("office:import_detail", preview.id)
    try:
        proposal = previewing.submit(preview.id, tools, acting=tools.acting(staff_of(request).id))
    except previewing.PreviewGone:
        return _gone(request)
    except previewing.FileKnown:
        messages.warning(request, str(FILE_KNOWN))
        return redirect("office:import_detail", preview.id)
    except OutOfReach:
        messages.warning(request, str(FILE_OUT_OF_REACH))
        return redirect("office:import_detail", preview.id)
    if proposal is not None and not preview.needs_approval:
        messages.warning(request, str(ALONE_USED_UP))
    messages.success(request, str(TAKEN_IN_NOTICE if proposal is None else PROPOSED_NOTICE))
    return redirect("office:imports")


def _form(request: HttpRequest, problem: Word = "") -> HttpResponse:
    page = ImportNewPage(
        kinds=tuple(Choice(code, word) for code, word in REGISTER_KINDS.items()),
        kind=request.POST.get("kind", ""),
        size_max_mib=upload.size_max_mib(),
        template_urls=empty_registers(),
        errors=(FieldError("id_file", problem),) if problem else (),
    )
    status = 422 if problem else 200
    return show(request, "office/import_new.html", "imports", page, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    messages.warning(request, str(PREVIEW_GONE))
    return redirect("office:imports")


def _own_previews(request: HttpRequest) -> list[ImportRow]:
    rows = []
    for kept in request.session.get(upload.PREVIEWS, []):
        being_read = reading.of(UUID(kept), staff_of(request).id)
        if being_read is not None and not being_read.is_over:
            rows.append(_reading_row(being_read, staff_of(request).name))
            continue
        preview = upload.own_preview(request, kept)
        if preview is not None:
            rows.append(
                ImportRow(
                    import_id=preview.id,
                    file_name=preview.file_name,
                    kind_word=register_kind(preview.report["kind"]),
                    started_at=instant(preview.at),
                    person_name=staff_of(request).name,
                    rows_in=preview.report["rows_in"],
                    rejected=preview.report["rejected"],
                    state=IMPORT_STATES["preview"],
                )
            )
    return rows


def _reading_row(being_read: reading.Reading, person_name: str) -> ImportRow:
    seen = being_read.progress
    return ImportRow(
        import_id=being_read.id,
        file_name=being_read.file_name,
        kind_word="",
        started_at=instant(being_read.at),
        person_name=person_name,
        rows_in=0 if seen is None else seen.done,
        rejected=0,
        state=IMPORT_STATES["reading"],
    )


def _header(name: str) -> str:
    return quote(name)
