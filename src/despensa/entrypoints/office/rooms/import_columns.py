"""Columns whose headings do not say what they mean: asked for here, and remembered."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language

from despensa.adapters.register_file.source import RegisterFileError
from despensa.adapters.register_file.template import column_sentences
from despensa.domain.forbidden import forbidden_category
from despensa.domain.registration.column_map import (
    COLUMNS_MAX,
    HEADING_LENGTH_MAX,
    ColumnMapError,
    folded,
    mappable_fields,
    parse_column_map,
)
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import mapping
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.file_words import why_unreadable
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.rooms.upload import (
    Upload,
    kept,
    own_preview,
    size_max_mib,
    uploaded,
)
from despensa.entrypoints.office.shell import show, staff_of
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.work_pages import ImportColumnsPage, MappedColumn
from despensa.records.catalogue.queries import in_force


@door(Permission.PROPOSE_IMPORT)
def import_columns(request: HttpRequest) -> HttpResponse:
    """Read a file as its columns were said to be; the map is kept once the file could be read."""
    if request.method != "POST":
        return _of_preview(request)
    given = uploaded(request)
    asked = _asked(request)
    if not isinstance(given, Upload):
        return form(request, asked, given)
    try:
        mapped = parse_column_map(_whole(asked, given), in_force())
        answer = kept(request, given, mapped)
    except (ColumnMapError, RegisterFileError) as error:
        problem = why_unreadable(error) if isinstance(error, RegisterFileError) else str(error)
        return form(request, asked, problem, given.name)
    acting = wiring.tools().acting(staff_of(request).id)
    mapping.remember(mapped, given.headings(), None, acting=acting)
    return answer


def form(
    request: HttpRequest,
    columns: Sequence[tuple[str, str]],
    problem: Word = "",
    file_name: str = "",
) -> HttpResponse:
    """Show the columns of a file with what each is read as; nothing of the file is in it."""
    page = ImportColumnsPage(
        file_name=file_name,
        columns=tuple(
            MappedColumn(number, heading, name) for number, (heading, name) in enumerate(columns)
        ),
        fields=_fields(get_language() or "en"),
        size_max_mib=size_max_mib(),
        errors=(FieldError("id_file", problem),) if problem else (),
    )
    return show(
        request, "office/import_columns.html", "imports", page, status=422 if problem else 200
    )


def of_file(request: HttpRequest, given: Upload, problem: Word) -> HttpResponse:
    """Ask what the columns of a file mean that is of no known kind; forbidden ones are not asked."""
    headings = dict.fromkeys(
        one.strip() for names in given.headings().by_sheet.values() for one in names if one.strip()
    )
    free = [one for one in headings if forbidden_category(one) is None]
    own = set(mappable_fields(in_force()))
    asked = [(one, one if one in own else "") for one in free if len(one) <= HEADING_LENGTH_MAX]
    return form(request, asked[:COLUMNS_MAX], problem, given.name)


def _of_preview(request: HttpRequest) -> HttpResponse:
    """Ask about the columns a file was read without; only whoever sent it is shown them."""
    preview = own_preview(request, request.GET.get("of", ""))
    if preview is None:
        return redirect("office:import_new")
    columns = [(one, "") for one in preview.report["ignored"] if len(one) <= HEADING_LENGTH_MAX]
    return form(request, columns[:COLUMNS_MAX], "", preview.file_name)


def _whole(asked: Sequence[tuple[str, str]], given: Upload) -> dict[str, str]:
    """Return what was said now, and before of columns that were not asked about now."""
    before = given.remembered()
    now = {folded(heading) for heading, _ in asked}
    kept_on = {} if before is None else before.fields
    whole = {heading: name for heading, name in kept_on.items() if heading not in now}
    return whole | {heading: name for heading, name in asked if name}


def _asked(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the headings and fields the form came back with."""
    found = []
    for number in range(COLUMNS_MAX):
        heading = request.POST.get(f"heading_{number}")
        if heading is None:
            break
        found.append((heading, request.POST.get(f"field_{number}", "")))
    return found


def _fields(language: str) -> tuple[Choice, ...]:
    catalogue = in_force()
    said = column_sentences(language.partition("-")[0], catalogue)
    return tuple(Choice(name, said[name]) for name in mappable_fields(catalogue))
