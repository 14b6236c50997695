"""The XLSForm as a workbook, the same bytes for the same catalogue."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from despensa.domain.catalogue import Catalogue
from despensa.domain.registration.xlsform import XlsForm, xlsform

# A fixed day, so that the same version writes the same bytes.
_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 (workbooks carry no time zone)


def write_xlsform(path: Path, catalogue: Catalogue) -> XlsForm:
    """Write the registration form of a catalogue as XLSX and return it."""
    form = xlsform(catalogue, _words())
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as workbook:
        workbook.set_properties({"title": "Despensa registration form", "created": _CREATED})
        bold = workbook.add_format({"bold": True, "bottom": 1})
        for name, columns in form.columns.items():
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 2)
            for at, column in enumerate(columns):
                sheet.write_string(0, at, column, bold)
                sheet.set_column(at, at, max(12, len(column)))
            for row, said in enumerate(form.rows[name], start=1):
                for at, column in enumerate(columns):
                    if said.get(column):
                        sheet.write_string(row, at, said[column])
    return form


@cache
def _words() -> Mapping[str, Any]:
    path = resources.files("despensa") / "data" / "templates" / "form-1.yaml"
    document: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document
