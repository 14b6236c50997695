"""
Read a register file of any of the three kinds, without a workspace.

The kind is recognised from the headings. Forbidden columns are dropped as soon as the headings are
known: their cells are never looked at, kept or shown.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import BinaryIO

from despensa.adapters.register_file.delimited import read_delimited
from despensa.adapters.register_file.source import (
    Limits,
    RegisterFileError,
    opened,
    size_and_digest,
)
from despensa.adapters.register_file.table import Table, is_blank
from despensa.adapters.register_file.text_encoding import WESTERN, encoding_of
from despensa.adapters.register_file.workbook import (
    OLE_SIGNATURE,
    ZIP_SIGNATURE,
    read_workbook,
)
from despensa.domain.catalogue import Catalogue
from despensa.domain.registration.country import countries
from despensa.domain.registration.fault import Omission
from despensa.domain.registration.household import Group
from despensa.domain.registration.layout import (
    KIND_SENTENCES,
    Columns,
    Kind,
    columns_of,
    field_names,
    normal_heading,
    recognise,
)
from despensa.domain.registration.register import (
    NUMBERED_BY,
    Outcome,
    RegisterFile,
    assess_group,
    collect,
    grouped,
    grouped_by_sheets,
    record_number,
)
from despensa.domain.registration.row import Reading, Row

_HEADINGS_SHOWN = 8
_HOUSEHOLD_HEADING = "household_id"


@dataclass(frozen=True, slots=True)
class OpenRegister:
    """
    A register file whose headings are known and whose rows are still to be read.

    Shape: `outcomes` yields each household once, accepted or not, as soon as its last row was
    read; it can be walked once, while the file is open.
    """

    kind: Kind
    source: str
    file_sha256: str
    columns: tuple[Columns, ...]
    outcomes: Iterator[Outcome]
    encoding: str | None


def read_register(
    path_or_bytes: Path | str | bytes,
    *,
    filename: str,
    today: date,
    workspace_country: str,
    catalogue: Catalogue,
    source: str | None = None,
    limits: Limits | None = None,
) -> RegisterFile:
    """
    Return what a register file holds: households, rejected rows, and every column accounted for.

    `workspace_country` is an alpha-2 or alpha-3 code; numbers of phones and documents without
    country are taken as from there. `source` names where the records come from, by default the
    kind of file; the same source and record id mean the same household or person.
    Holds: the same bytes give the same households and record ids on any day.
    Raises: RegisterFileError when the file as a whole cannot be read, with the next step.
    """
    with open_register(
        path_or_bytes,
        filename=filename,
        today=today,
        workspace_country=workspace_country,
        catalogue=catalogue,
        source=source,
        limits=limits,
    ) as opened_file:
        register = collect(
            opened_file.outcomes,
            kind=opened_file.kind,
            source=opened_file.source,
            file_sha256=opened_file.file_sha256,
            columns=opened_file.columns,
        )
    if opened_file.encoding == WESTERN:
        guessed = Omission("", "", "read_as_windows_1252", 1, 1)
        register = replace(register, warnings=(guessed, *register.warnings))
    if register.rows_in == 0:
        message = f"{filename} holds headings and no rows; add the people and try again."
        raise RegisterFileError("no_rows", message)
    return register


@contextmanager
def open_register(
    path_or_bytes: Path | str | bytes,
    *,
    filename: str,
    today: date,
    workspace_country: str,
    catalogue: Catalogue,
    source: str | None = None,
    limits: Limits | None = None,
) -> Iterator[OpenRegister]:
    """
    Yield a register file household by household, so that a text file never lies in memory whole.

    Takes what read_register takes; faults of the whole file may also show while rows are read.
    Raises: RegisterFileError when the file as a whole cannot be read, with the next step.
    """
    limits = limits or Limits()
    home = countries().get(workspace_country.upper())
    if home is None:
        message = f"{workspace_country!r} is no country code; set it to two or three letters."
        raise RegisterFileError("country_unknown", message)
    with opened(path_or_bytes) as stream:
        _, digest = size_and_digest(stream, filename, limits)
        read_tables, encoding = _tables(stream, filename, limits)
        tables = {table.sheet: table for table in read_tables}
        recognised = recognise({sheet: table.headings for sheet, table in tables.items()})
        if recognised is None:
            raise _wrong_kind(filename, tables)
        kind, sheets = recognised
        reading = Reading(kind, today, home, catalogue)
        columns = tuple(
            _columns(tables[sheet], reading, at == 0) for at, sheet in enumerate(sheets)
        )
        _check_headings(columns, filename)
        groups = _groups([tables[sheet] for sheet in sheets], columns, kind)
        outcomes = (assess_group(group, reading, sheets) for group in groups)
        yield OpenRegister(kind, source or kind.value, digest, columns, outcomes, encoding)


def _tables(stream: BinaryIO, filename: str, limits: Limits) -> tuple[list[Table], str | None]:
    """The tables of the file and, for text, its encoding."""
    beginning = stream.read(len(OLE_SIGNATURE))
    stream.seek(0)
    if beginning.startswith(ZIP_SIGNATURE):
        return read_workbook(stream, filename, limits), None
    if beginning == OLE_SIGNATURE:
        message = (
            f"{filename} is an old XLS workbook or protected by a password; save it as XLSX"
            " without a password."
        )
        raise RegisterFileError("old_or_protected", message)
    encoding = encoding_of(stream, filename, limits)
    return [read_delimited(stream, encoding, filename, limits)], encoding


def _wrong_kind(filename: str, tables: Mapping[str, Table]) -> RegisterFileError:
    found = "; ".join(
        (f"sheet {sheet}: " if sheet else "")
        + ", ".join(one or "(empty)" for one in table.headings[:_HEADINGS_SHOWN])
        + (", ..." if len(table.headings) > _HEADINGS_SHOWN else "")
        for sheet, table in tables.items()
    )
    kinds = "; ".join(KIND_SENTENCES.values())
    sentence = (
        f"{filename} is none of the three kinds that are read: {kinds}. It begins with"
        f" {found or 'nothing'}. Rename the headings as in the template, or export it again."
    )
    return RegisterFileError("wrong_kind", sentence)


def _columns(table: Table, reading: Reading, first: bool) -> Columns:  # noqa: FBT001
    fields = field_names(
        reading.kind, reading.catalogue, of_households=reading.kind is Kind.HOPE and first
    )
    labels = _labels(table) if reading.kind is Kind.HOPE else ()
    return columns_of(table.sheet, table.headings, labels, fields)


def _labels(table: Table) -> tuple[str, ...]:
    """The second row of headings HOPE writes, if the first line after the headings is one."""
    first = next(table.lines(), None)
    normal = [normal_heading(heading) for heading in table.headings]
    if first is None or _HOUSEHOLD_HEADING not in normal:
        return ()
    said = first.cells[normal.index(_HOUSEHOLD_HEADING)]
    if not (isinstance(said, str) and normal_heading(said).startswith(_HOUSEHOLD_HEADING)):
        return ()
    return tuple("" if one is None else str(one) for one in first.cells)


def _check_headings(columns: Sequence[Columns], filename: str) -> None:
    for sheet in columns:
        if sheet.repeated:
            message = (
                f"{filename} has the heading {sheet.repeated[0]} twice; remove or rename one of"
                " the two columns."
            )
            raise RegisterFileError("heading_repeated", message)


def _groups(tables: Sequence[Table], columns: Sequence[Columns], kind: Kind) -> Iterator[Group]:
    if kind is Kind.HOPE:
        households, persons = (
            list(_rows(table, one, skip_labels=True))
            for table, one in zip(tables, columns, strict=True)
        )
        return grouped_by_sheets(households, persons)
    whose = [name for name in columns[0].fields.values() if name in NUMBERED_BY]
    numbered = _rows(tables[0], columns[0], skip_labels=False, only=whose)
    sizes = Counter(record_number(row, kind) for row in numbered)
    return grouped(_rows(tables[0], columns[0], skip_labels=False), kind, sizes)


def _rows(
    table: Table, columns: Columns, *, skip_labels: bool, only: Sequence[str] | None = None
) -> Iterator[Row]:
    """The rows of a sheet; with `only`, as much of each as tells whose it is."""
    lines = table.lines()
    if skip_labels and _labels(table):
        next(lines)
    headings = {field: columns.headings[at] for at, field in columns.fields.items()}
    named = [
        (at, field, headings[field])
        for at, field in columns.fields.items()
        if only is None or field in only
    ]
    all_kept = len(columns.kept) == len(columns.headings)
    for line in lines:
        cells = line.cells
        kept = cells if all_kept else tuple([cells[at] for at in columns.kept])
        if is_blank(kept):
            continue
        values = {
            field: (heading, cells[at])
            for at, field, heading in named
            if cells[at] is not None and cells[at] != ""
        }
        yield Row(table.sheet, line.number, values, kept, headings, line.structural)
