"""
The rejected rows of a register file with the reason beside each, to be mended and read again.

Forbidden columns are not in it: their cells were never kept. A cell that a spreadsheet would run
as a formula gets an apostrophe in front, which reading takes away again.
Source: OWASP, CSV injection.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import xlsxwriter

from despensa.domain.registration.cell import Cell, UnresolvedFormula
from despensa.domain.registration.fault import RowError
from despensa.domain.registration.register import RegisterFile

REASON_HEADING = "despensa_reason"
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def english_reason(error: RowError) -> str:
    """Return the reason a row carries: its column and the sentence that mends it."""
    return f"{error.column}: {error.mend}" if error.column else error.mend


def write_faulty_rows(
    register: RegisterFile, path: Path, *, reason: Callable[[RowError], str] = english_reason
) -> int:
    """
    Write every row of every rejected household to a CSV or XLSX file and return how many.

    Rows without a fault of their own are written too, so that a mended file holds whole
    households. A file with several sheets is written as XLSX whatever the ending.
    Holds: the number returned is register.rejected_rows.
    """
    reasons: dict[tuple[str, int], list[str]] = {}
    for error in register.errors:
        reasons.setdefault((error.sheet, error.row), []).append(reason(error))
    if path.suffix.casefold() == ".csv" and len(register.headings) == 1:
        return _write_csv(register, path, reasons)
    return _write_workbook(register, path, reasons)


def _write_csv(
    register: RegisterFile, path: Path, reasons: Mapping[tuple[str, int], Sequence[str]]
) -> int:
    ((sheet, headings),) = register.headings.items()
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow((*headings, REASON_HEADING))
        for cells in _lines(register, sheet, reasons):
            writer.writerow(cells)
            written += 1
    return written


def _write_workbook(
    register: RegisterFile, path: Path, reasons: Mapping[tuple[str, int], Sequence[str]]
) -> int:
    written = 0
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as workbook:
        for sheet_name, headings in register.headings.items():
            sheet = workbook.add_worksheet(sheet_name or "Register")
            for column, heading in enumerate((*headings, REASON_HEADING)):
                sheet.write_string(0, column, heading)
            for row, cells in enumerate(_lines(register, sheet_name, reasons), start=1):
                for column, text in enumerate(cells):
                    sheet.write_string(row, column, text)
                written += 1
    return written


def _lines(
    register: RegisterFile, sheet: str, reasons: Mapping[tuple[str, int], Sequence[str]]
) -> Iterator[list[str]]:
    for household in register.rejected:
        for row in household.rows:
            if row.sheet == sheet:
                why = "; ".join(reasons.get((row.sheet, row.row), ()))
                yield [*(_safe(cell) for cell in row.cells), _safe(why)]


def _safe(cell: Cell) -> str:
    if cell is None or isinstance(cell, UnresolvedFormula):
        return ""
    written = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return f"'{written}" if written.startswith(_FORMULA_SIGNS) else written
