"""A register file that arrives in the office: its bytes, what it says, and the preview it becomes."""

from contextlib import suppress
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from despensa.adapters.register_file.reader import Headings, read_headings, read_register
from despensa.domain.registration.column_map import ColumnMap
from despensa.domain.registration.register import RegisterFile
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import mapping, previewing
from despensa.entrypoints.office.fault_words import row_reason
from despensa.entrypoints.office.shell import staff_of
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.words import FILE_MISSING, FILE_TOO_LARGE
from despensa.records.catalogue.queries import in_force

SIZE_MAX_MIB = 64
PREVIEWS = "previews"
_MIB = 1024 * 1024
_PREVIEWS_MAX = 10


class Upload:
    """One file that was sent; it can be read as often as need be, and nothing of it is kept."""

    def __init__(self, given: UploadedFile, name: str) -> None:
        """Take the file as the framework holds it: on the disk, or in memory when it is small."""
        path = getattr(given, "temporary_file_path", None)
        self.name = name
        self._content: str | bytes = str(path()) if path is not None else given.read()

    def headings(self) -> Headings:
        """Return its headings by sheet. Raises: RegisterFileError."""
        return read_headings(self._content, filename=self.name)

    def register(self, mapped: ColumnMap | None) -> RegisterFile:
        """Return what it holds, its columns read as a map says. Raises: RegisterFileError."""
        tools = wiring.tools()
        return read_register(
            self._content,
            filename=self.name,
            today=tools.today(),
            workspace_country=tools.workspace.country,
            catalogue=in_force(),
            column_map=mapped,
        )

    def remembered(self) -> ColumnMap | None:
        """Return what was said about columns with these headings before, or None."""
        known = mapping.remembered(self.headings(), None)
        return None if known is None else known.map


def uploaded(request: HttpRequest) -> Upload | Word:
    """Return the file that was sent, or what is wrong with it."""
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile) or not given.name:
        return FILE_MISSING
    if (given.size or 0) > SIZE_MAX_MIB * _MIB:
        return FILE_TOO_LARGE
    return Upload(given, given.name)


def own_preview(request: HttpRequest, preview_id: str) -> previewing.Preview | None:
    """Return a preview to the person who sent the file, to nobody else."""
    with suppress(previewing.PreviewGone, ValueError):
        preview = previewing.look(UUID(preview_id), wiring.tools())
        if preview.staff == staff_of(request).id:
            return preview
    return None


def kept(request: HttpRequest, register: RegisterFile, name: str) -> HttpResponse:
    """Keep the preview of a file for the person who sent it, and lead there."""
    tools = wiring.tools()
    preview_id = previewing.keep_preview(
        register,
        name,
        tools,
        acting=tools.acting(staff_of(request).id),
        is_strict=request.POST.get("is_strict") == "yes",
        reason=row_reason,
    )
    before = request.session.get(PREVIEWS, [])
    request.session[PREVIEWS] = [str(preview_id), *before][:_PREVIEWS_MAX]
    return redirect("office:import_detail", preview_id)
