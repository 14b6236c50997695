"""The report of an agreement as a table: CSV, or a workbook of one sheet."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import xlsxwriter

from despensa.domain.release.report import lines


def as_csv(content: Mapping[str, Any]) -> bytes:
    """Return a report as CSV."""
    stream = io.StringIO()
    csv.writer(stream).writerows(lines(content))
    return stream.getvalue().encode("utf-8-sig")


def as_xlsx(content: Mapping[str, Any]) -> bytes:
    """Return a report as a workbook of one sheet."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("report")
        for number, line in enumerate(lines(content)):
            sheet.write_row(number, 0, line)
    return stream.getvalue()
