"""A register file that arrives in the office: its bytes, what it says, and the preview it becomes."""

import os
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from despensa.adapters.register_file.content import is_text
from despensa.adapters.register_file.reader import (
    Headings,
    open_register,
    read_headings,
    read_register,
)
from despensa.adapters.register_file.source import Limits, RegisterFileError
from despensa.domain.act import Acting
from despensa.domain.catalogue import Catalogue
from despensa.domain.registration.column_map import ColumnMap
from despensa.domain.registration.register import RegisterFile
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import collector, mapping, previewing, reading, worker
from despensa.entrypoints.office.fault_words import row_reason
from despensa.entrypoints.office.file_words import why_unreadable
from despensa.entrypoints.office.shell import staff_of
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.words import (
    FILE_MISSING,
    FILE_TOO_LARGE,
    KIND_DIFFERS,
    REGISTER_KINDS,
    register_kind_code,
)
from despensa.records.catalogue.queries import in_force

PREVIEWS = "previews"
# about fifteen thousand rows: what is larger is read beside the request, with its progress shown
READ_AT_ONCE_BYTES = 2 << 20
_MIB = 1024 * 1024
_BEGINNING_BYTES = 4096
_PREVIEWS_MAX = 10


class AnotherKind(ValueError):
    """The file is not of the kind that was said; the text says so in the reader's language."""


class Upload:
    """One file that was sent; it can be read as often as need be, and nothing of it is kept."""

    def __init__(self, given: UploadedFile, name: str) -> None:
        """Hold the file the framework wrote to the disk; it loses its name with the request."""
        self.name = name
        self.size = given.size or 0
        self._tools = wiring.tools()
        self._catalogue: Catalogue = in_force()
        self._content: BinaryIO = os.fdopen(os.dup(given.fileno()), "rb")
        weakref.finalize(self, self._content.close)

    @property
    def limits(self) -> Limits:
        """Return what it may cost to read."""
        return Limits(file_bytes_max=size_max_mib() * _MIB)

    def headings(self) -> Headings:
        """Return its headings by sheet. Raises: RegisterFileError."""
        return read_headings(self._content, filename=self.name, limits=self.limits)

    def check_text(self, mapped: ColumnMap | None) -> None:
        """
        See that a table of text has the headings of a register; other files are not looked at.

        Raises: RegisterFileError.
        """
        self._content.seek(0)
        if not is_text(self._content.read(_BEGINNING_BYTES)):
            return
        with open_register(
            self._content,
            filename=self.name,
            today=self._tools.today(),
            workspace_country=self._tools.workspace.country,
            catalogue=self._catalogue,
            limits=self.limits,
            column_map=mapped,
        ):
            pass

    @collector.paused()
    def register(
        self, mapped: ColumnMap | None, told: Callable[[int], None] = lambda _: None
    ) -> RegisterFile:
        """Return what it holds, its columns read as a map says. Raises: RegisterFileError."""
        return read_register(
            self._content,
            filename=self.name,
            today=self._tools.today(),
            workspace_country=self._tools.workspace.country,
            catalogue=self._catalogue,
            limits=self.limits,
            column_map=mapped,
            told=told,
        )

    def remembered(self) -> ColumnMap | None:
        """Return what was said about columns with these headings before, or None."""
        known = mapping.remembered(self.headings(), None)
        return None if known is None else known.map


def size_max_mib() -> int:
    """Return the size of the largest file that is taken from a browser. Units: MiB."""
    most: int = settings.DESPENSA_UPLOAD_MAX_MIB
    return most


def uploaded(request: HttpRequest) -> Upload | Word:
    """Return the file that was sent, or what is wrong with it."""
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile) or not given.name:
        return FILE_MISSING
    if (given.size or 0) > size_max_mib() * _MIB:
        return str(FILE_TOO_LARGE) % {"mib": size_max_mib()}
    return Upload(given, given.name)


def own_preview(request: HttpRequest, preview_id: str) -> previewing.Preview | None:
    """Return a preview to the person who sent the file, to nobody else."""
    with suppress(previewing.PreviewGone, ValueError):
        preview = previewing.look(UUID(preview_id), wiring.tools())
        if preview.staff == staff_of(request).id:
            return preview
    return None


def kept(request: HttpRequest, given: Upload, mapped: ColumnMap | None) -> HttpResponse:
    """
    Read a file, keep its preview for the person who sent it, and lead there.

    A large one is read beside the request: its page shows how far it is.
    Raises: RegisterFileError; AnotherKind.
    """
    tools = wiring.tools()
    acting = tools.acting(staff_of(request).id)
    preview_id, is_strict = acting.new_id(), request.POST.get("is_strict") == "yes"
    asked = request.POST.get("kind", "")

    def keep(told: Callable[[int], None]) -> None:
        register = given.register(mapped, told)
        found = register_kind_code(register.kind.value)
        if asked not in ("", found):
            raise AnotherKind(str(KIND_DIFFERS) % {"kind": REGISTER_KINDS[found]})
        previewing.keep_preview(
            register,
            given.name,
            tools,
            acting=acting,
            is_strict=is_strict,
            reason=row_reason,
            preview_id=preview_id,
        )

    if given.size <= READ_AT_ONCE_BYTES:
        keep(lambda _: None)
    else:
        given.check_text(mapped)
        _read_beside(given, acting, preview_id, keep)
    before = request.session.get(PREVIEWS, [])
    request.session[PREVIEWS] = [str(preview_id), *before][:_PREVIEWS_MAX]
    return redirect("office:import_detail", preview_id)


def _read_beside(
    given: Upload, acting: Acting, preview_id: UUID, keep: Callable[[Callable[[int], None]], None]
) -> None:
    language = translation.get_language()

    def work(told: Callable[[int], None]) -> None:
        with translation.override(language):
            keep(told)

    def why(error: Exception) -> str:
        with translation.override(language):
            if isinstance(error, RegisterFileError):
                return why_unreadable(error)
            return str(error) if isinstance(error, AnotherKind) else worker.told(error)

    assert acting.staff is not None, "somebody sent the file"
    reading.begin(reading.Reading(preview_id, acting.staff, acting.at, given.name), work, why)
