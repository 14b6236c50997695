"""
The rejected rows of a register file with the reason beside each, to be mended and read again.

Forbidden columns are not in it: their cells were never kept. A cell that a spreadsheet would run
as a formula gets an apostrophe in front, which reading takes away again.
Source: OWASP, CSV injection.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import xlsxwriter

from despensa.adapters.register_file.faulty_forms import Reason, reasons_of, write_json, write_xml
from despensa.domain.registration.cell import Cell, UnresolvedFormula
from despensa.domain.registration.fault import RowError
from despensa.domain.registration.layout import FORM_KINDS, Kind
from despensa.domain.registration.register import RegisterFile

REASON_HEADING = "despensa_reason"
# Source: ECMA-376 part 1, 18.2.19, and what spreadsheet programs refuse.
_SHEET_NAME_MAX = 31
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def english_reason(error: RowError) -> str:
    """Return the reason a row carries: its column and the sentence that mends it."""
    return f"{error.column}: {error.mend}" if error.column else error.mend


def write_faulty_rows(
    register: RegisterFile, path: Path, *, reason: Reason = english_reason
) -> int:
    """
    Write every row of every rejected household to a file of the kind read; return how many.

    Rows without a fault of their own are written too, so that a mended file holds whole
    households. The ending must be one of `faulty_suffixes`.
    Holds: the number returned is register.rejected_rows.
    """
    suffix = path.suffix.casefold()
    if suffix == ".csv" and len(register.headings) == 1:
        return _write_csv(register, path, reason)
    if register.kind in FORM_KINDS and suffix == ".zip":
        return _write_zip(register, path, reason)
    if register.kind is Kind.KOBO and suffix == ".json":
        return write_json(register, path, reason, REASON_HEADING)
    if register.kind is Kind.OPENROSA and suffix == ".xml":
        return write_xml(register, path, reason, REASON_HEADING)
    return _write_workbook(register, path, reason)


def faulty_suffixes(register: RegisterFile, given: str) -> tuple[str, ...]:
    """
    Return the endings a file's faulty rows may have, first the one of its own kind.

    Every one can be read again as the same records; `given` is the ending of the file read.
    """
    found = [".xlsx"]
    if len(register.headings) == 1:
        found.insert(0 if given.casefold() == ".csv" else 1, ".csv")
    if register.kind in FORM_KINDS:
        found.insert(0 if given.casefold() == ".zip" else 1, ".zip")
    if register.kind is Kind.KOBO:
        found.insert(0, ".json")
    if register.kind is Kind.OPENROSA:
        found.insert(0, ".xml")
    return tuple(found)


def _write_csv(register: RegisterFile, path: Path, reason: Reason) -> int:
    ((sheet, _),) = register.headings.items()
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        return _table(register, sheet, reason, stream)


def _write_zip(register: RegisterFile, path: Path, reason: Reason) -> int:
    written = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for sheet in register.headings:
            with (
                package.open(f"{_sheet_name(sheet)}.csv", "w", force_zip64=True) as part,
                io.TextIOWrapper(part, encoding="utf-8-sig", newline="") as stream,
            ):
                written += _table(register, sheet, reason, stream)
    return written


def _table(register: RegisterFile, sheet: str, reason: Reason, stream: TextIO) -> int:
    writer = csv.writer(stream)
    writer.writerow((*register.headings[sheet], REASON_HEADING))
    written = 0
    for cells in _lines(register, sheet, reason):
        writer.writerow(cells)
        written += 1
    return written


def _sheet_name(sheet: str) -> str:
    """Return a name a workbook allows; which sheet is which is told by the headings."""
    return _NOT_IN_SHEET_NAMES.sub("_", sheet)[-_SHEET_NAME_MAX:].strip("'") or "Register"


def _write_workbook(register: RegisterFile, path: Path, reason: Reason) -> int:
    written = 0
    # row by row: what was written does not lie in memory
    options = {"strings_to_formulas": False, "constant_memory": True, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        for sheet_name, headings in register.headings.items():
            sheet = workbook.add_worksheet(_sheet_name(sheet_name))
            for column, heading in enumerate((*headings, REASON_HEADING)):
                sheet.write_string(0, column, heading)
            for row, cells in enumerate(_lines(register, sheet_name, reason), start=1):
                for column, text in enumerate(cells):
                    sheet.write_string(row, column, text)
                written += 1
    return written


def _lines(register: RegisterFile, sheet: str, reason: Reason) -> Iterator[list[str]]:
    for household in register.rejected:
        reasons = reasons_of(household, reason)
        for row in household.rows:
            if row.sheet == sheet:
                why = "; ".join(reasons.get((row.sheet, row.row), ()))
                yield [*(_safe(cell) for cell in row.cells), _safe(why)]


def _safe(cell: Cell) -> str:
    if cell is None or isinstance(cell, UnresolvedFormula):
        return ""
    written = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return f"'{written}" if written.startswith(_FORMULA_SIGNS) else written
