"""
Read a register file of any kind, without a workspace.

The kind is recognised from the headings. Forbidden columns are dropped as soon as the headings are
known: their cells are never looked at, kept or shown.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import BinaryIO

from despensa.adapters.register_file import template_text
from despensa.adapters.register_file.content import content_of
from despensa.adapters.register_file.headings import (
    check_headings,
    kind_of,
    labels_of,
    read_columns,
    unread_columns,
)
from despensa.adapters.register_file.rows import rows_below
from despensa.adapters.register_file.shelf import LeftOut, Shelf
from despensa.adapters.register_file.source import (
    Limits,
    RegisterFileError,
    opened,
    size_and_digest,
)
from despensa.adapters.register_file.table import Table
from despensa.adapters.register_file.text_encoding import WESTERN
from despensa.domain.catalogue import Catalogue
from despensa.domain.ports.crew import Crew
from despensa.domain.registration.account import Outcome, ReadPart
from despensa.domain.registration.column_map import ColumnMap, headings_digest
from despensa.domain.registration.country import countries
from despensa.domain.registration.fault import Omission
from despensa.domain.registration.household import Group
from despensa.domain.registration.layout import (
    FORM_KINDS,
    FORM_SOURCE,
    Columns,
    Kind,
)
from despensa.domain.registration.question import sheets_of
from despensa.domain.registration.register import (
    NUMBERED_BY,
    RegisterFile,
    assess_group,
    collect,
    grouped_by_sheets,
    record_number,
    split_numbers,
    together,
)
from despensa.domain.registration.row import Reading

Given = Path | str | bytes | BinaryIO


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
    unread: tuple[Columns, ...]
    headings_sha256: bytes
    outcomes: Iterator[Outcome | ReadPart]
    encoding: str | None


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings of a file by sheet, whatever they mean; `is_form` where it holds submissions."""

    by_sheet: Mapping[str, tuple[str, ...]]
    digest: bytes
    is_form: bool


def read_headings(path_or_bytes: Given, *, filename: str, limits: Limits | None = None) -> Headings:
    """
    Return the headings of a register file, before anything is known of its kind.

    Raises: RegisterFileError when the file as a whole cannot be read, with the next step.
    """
    limits = limits or Limits()
    with opened(path_or_bytes) as stream:
        size, _ = size_and_digest(stream, filename, limits)
        content = content_of(stream, size, filename, limits)
    by_sheet = {sheet: table.headings for sheet, table in content.tables.items()}
    is_form = content.kind is not None or sheets_of(by_sheet) is not None
    return Headings(by_sheet, headings_digest(by_sheet), is_form)


def read_register(
    path_or_bytes: Given,
    *,
    filename: str,
    today: date,
    workspace_country: str,
    catalogue: Catalogue,
    source: str | None = None,
    limits: Limits | None = None,
    column_map: ColumnMap | None = None,
    crew: Crew | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> RegisterFile:
    """
    Return what a register file holds: households, rejected rows, and every column accounted for.

    `workspace_country` is an alpha-2 or alpha-3 code; numbers of phones and documents without
    country are taken as from there. `source` names where the records come from, by default the
    kind of file; the same source and record id mean the same household or person. `column_map`
    says what columns mean whose headings do not say it. `crew` helps to read a long text. `told` hears how many rows were read.
    Holds: the same bytes give the same households and record ids on any day.
    Raises: RegisterFileError when the file as a whole cannot be read, with the next step.
    """
    asked = partial(
        open_register,
        path_or_bytes,
        filename=filename,
        today=today,
        workspace_country=workspace_country,
        catalogue=catalogue,
        source=source,
        limits=limits,
        column_map=column_map,
    )
    try:
        opened_file, register = _collected(asked(crew=crew), told)
    except template_text.RowsApart:
        opened_file, register = _collected(asked(), told)
    if opened_file.encoding == WESTERN:
        guessed = Omission("", "", "read_as_windows_1252", 1, 1)
        register = replace(register, warnings=(guessed, *register.warnings))
    if register.rows_in == 0:
        message = f"{filename} holds headings and no rows; add the people and try again."
        raise RegisterFileError("no_rows", message, file=filename)
    return register


def _collected(
    opening: AbstractContextManager[OpenRegister], told: Callable[[int], None]
) -> tuple[OpenRegister, RegisterFile]:
    with opening as file:
        register = collect(
            file.outcomes,
            kind=file.kind,
            source=file.source,
            file_sha256=file.file_sha256,
            columns=file.columns,
            keep=Shelf(),
            leave=LeftOut(),
            unread=file.unread,
            told=told,
        )
    return file, register


@contextmanager
def open_register(
    path_or_bytes: Given,
    *,
    filename: str,
    today: date,
    workspace_country: str,
    catalogue: Catalogue,
    source: str | None = None,
    limits: Limits | None = None,
    column_map: ColumnMap | None = None,
    crew: Crew | None = None,
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
        raise RegisterFileError("country_unknown", message, file=workspace_country)
    with opened(path_or_bytes) as stream:
        size, digest = size_and_digest(stream, filename, limits)
        content = content_of(stream, size, filename, limits)
        tables = content.tables
        kind, sheets = kind_of(tables, content.kind, column_map, catalogue, filename)
        columns = read_columns(tables, kind, sheets, catalogue, column_map)
        check_headings(columns, kind, column_map, catalogue, filename)
        headings = headings_digest({sheet: tables[sheet].headings for sheet in sheets})
        reading = Reading(kind, today, home, catalogue)
        outcomes = _outcomes(
            [tables[sheet] for sheet in sheets],
            columns,
            reading,
            sheets,
            is_text=content.encoding is not None,
            crew=crew,
        )
        yield OpenRegister(
            kind=kind,
            source=source or _source(kind, headings),
            file_sha256=digest,
            columns=columns,
            unread=unread_columns(tables, kind, sheets),
            headings_sha256=headings,
            outcomes=outcomes,
            encoding=content.encoding,
        )


def _source(kind: Kind, headings: bytes) -> str:
    """Tables of our own making are told apart by their headings; their numbers may be the same."""
    if kind in FORM_KINDS:
        return FORM_SOURCE
    return f"{kind.value}:{headings.hex()[:16]}" if kind is Kind.MAPPED else kind.value


def _outcomes(
    tables: Sequence[Table],
    columns: Sequence[Columns],
    reading: Reading,
    sheets: tuple[str, ...],
    *,
    is_text: bool,
    crew: Crew | None,
) -> Iterator[Outcome | ReadPart]:
    kind = reading.kind
    if len(tables) > 1:
        households, persons = (
            list(rows_below(table, one, skip=labels_of(table, kind)))
            for table, one in zip(tables, columns, strict=True)
        )
        for group in grouped_by_sheets(households, persons, kind):
            yield assess_group(group, reading, sheets)
        return
    table, own = tables[0], columns[0]
    if kind is Kind.TEMPLATE and is_text:
        yield from template_text.outcomes(table, own, reading, crew)
        return
    whose = [name for name in own.fields.values() if name in NUMBERED_BY]
    split = split_numbers(
        lambda: (record_number(row, kind) for row in rows_below(table, own, skip=(), only=whose))
    )
    rows = ((record_number(row, kind), row) for row in rows_below(table, own, skip=()))
    for number, together_rows in together(rows, split):
        yield assess_group(Group(number, (), together_rows), reading, sheets)
