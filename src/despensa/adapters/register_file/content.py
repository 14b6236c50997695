"""
Which tables a file holds, whatever it is: text, workbook, packed export, JSON or XML.

Told from its first bytes, never from its name.
"""

from dataclasses import dataclass
from typing import BinaryIO

from despensa.adapters.register_file.delimited import read_delimited
from despensa.adapters.register_file.kobo_json import read_kobo
from despensa.adapters.register_file.openrosa_xml import read_openrosa
from despensa.adapters.register_file.packed_csv import is_packed_csv, read_packed_csv
from despensa.adapters.register_file.source import MIB, Limits, RegisterFileError
from despensa.adapters.register_file.submissions import tables_of
from despensa.adapters.register_file.table import Table
from despensa.adapters.register_file.text_encoding import encoding_of
from despensa.adapters.register_file.workbook import (
    OLE_SIGNATURE,
    ZIP_SIGNATURE,
    read_workbook,
)
from despensa.domain.registration.layout import Kind

_SAMPLE_BYTES = 4096
_JSON = (b"{", b"[")
_BLANK = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"


@dataclass(frozen=True, slots=True)
class Content:
    """The tables of a file; `encoding` is that of text, `kind` is told where the form tells it."""

    tables: dict[str, Table]
    encoding: str | None = None
    kind: Kind | None = None


def content_of(stream: BinaryIO, size: int, filename: str, limits: Limits) -> Content:
    """
    Return what a file holds.

    Raises: RegisterFileError when it cannot be read, with the next step.
    """
    beginning = stream.read(_SAMPLE_BYTES)
    stream.seek(0)
    if not is_text(beginning) and size > limits.whole_bytes_max:
        mib = limits.whole_bytes_max // MIB
        message = (
            f"{filename} is larger than {mib} MiB and of a kind that is read whole; save it as CSV"
            " in UTF-8, or split it into several files, keeping each household in one."
        )
        raise RegisterFileError("too_large_whole", message, file=filename, mib=mib)
    if beginning.startswith(ZIP_SIGNATURE):
        if is_packed_csv(stream):
            return Content(_by_sheet(read_packed_csv(stream, filename, limits)))
        return Content(_by_sheet(read_workbook(stream, filename, limits)))
    if beginning.startswith(OLE_SIGNATURE):
        message = (
            f"{filename} is an old XLS workbook or protected by a password; save it as XLSX"
            " without a password."
        )
        raise RegisterFileError("old_or_protected", message, file=filename)
    first = beginning.lstrip(_BLANK)[:1]
    if first in _JSON:
        submissions = read_kobo(stream, size, filename, limits)
        return Content(_by_sheet(tables_of(submissions, filename, limits)), kind=Kind.KOBO)
    if first == b"<" and not _is_web_page(beginning):
        submissions = read_openrosa(stream, size, filename, limits)
        return Content(_by_sheet(tables_of(submissions, filename, limits)), kind=Kind.OPENROSA)
    encoding = encoding_of(stream, filename, limits)
    table = read_delimited(stream, encoding, filename, limits)
    return Content({table.sheet: table}, encoding)


def is_text(beginning: bytes) -> bool:
    """Return whether a file that begins so is read row by row: a table of text, or nothing known."""
    packed = beginning.startswith((ZIP_SIGNATURE, OLE_SIGNATURE))
    return not packed and beginning.lstrip(_BLANK)[:1] not in (*_JSON, b"<")


def _is_web_page(beginning: bytes) -> bool:
    """Return whether a page was saved, such as a sign-in page, in place of an export."""
    return beginning.lstrip(_BLANK)[:14].lower().startswith((b"<html", b"<!doctype html"))


def _by_sheet(tables: list[Table]) -> dict[str, Table]:
    return {table.sheet: table for table in tables}
