"""The empty register: our own file, to be filled in by hand."""

import tempfile
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from despensa.adapters.register_file.template import guide_languages, write_template
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.words import TEMPLATES
from despensa.records.catalogue.queries import in_force

_CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@door(Permission.PROPOSE_IMPORT)
def register_template(_request: HttpRequest, ending: str) -> HttpResponse:
    """Give the empty register: a workbook with its guide sheets, or the headings alone as CSV."""
    if ending not in _CONTENT_TYPES:
        raise Http404
    spoken = [get_language() or "en", *wiring.tools().workspace.languages]
    languages = [code for code in dict.fromkeys(spoken) if code in guide_languages()]
    name = f"despensa-register.{ending}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_template(path, languages, in_force())
        response = HttpResponse(path.read_bytes(), content_type=_CONTENT_TYPES[ending])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def empty_registers() -> tuple[Choice, ...]:
    """Return the links to the empty register, one for each kind of file."""
    return tuple(
        Choice(reverse("office:register_template", args=[ending]), TEMPLATES[ending])
        for ending in _CONTENT_TYPES
    )
