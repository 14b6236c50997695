"""
Our own register template: an XLSX workbook with guide sheets, or the headings as CSV.

Its headings are stable English words, the same everywhere; the guide sheets explain them in the
languages of the workspace. Source: docs/reference/register-files.md.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from despensa.domain.catalogue import Catalogue, Fact, FactType
from despensa.domain.registration.layout import DOCUMENT_KINDS, TEMPLATE_COLUMNS

SHEET = "Register"
_ROWS_PREPARED = 5_000
_RIGHT_TO_LEFT = ("ar",)
# A fixed day, so that the same version writes the same bytes.
_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 (workbooks carry no time zone)
_CHOICES: Mapping[str, Sequence[str]] = {
    "sex": ("female", "male", "other", "unknown"),
    "role": ("head", "member", "collector"),
    "collector": ("primary", "alternate"),
    "document_type": DOCUMENT_KINDS,
    "document_2_type": DOCUMENT_KINDS,
}


def template_headings(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the headings of the template in order: fixed columns, then catalogue facts."""
    return TEMPLATE_COLUMNS + tuple(fact.name for fact in catalogue.facts)


def guide_languages() -> tuple[str, ...]:
    """Return the languages that the guide sheets are written in."""
    return tuple(_guide()["title"])


def write_template(path: Path, languages: Sequence[str], catalogue: Catalogue) -> None:
    """
    Write the empty register template, with a guide sheet for each language.

    A path that ends in .csv gets the headings alone, in UTF-8 with a byte order mark so that
    spreadsheet programs read names of every script rightly.
    Raises: KeyError for a language the guide is not written in.
    """
    headings = template_headings(catalogue)
    if path.suffix.casefold() == ".csv":
        path.write_text(",".join(headings) + "\r\n", encoding="utf-8-sig", newline="")
        return
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as workbook:
        workbook.set_properties({"title": "Despensa register", "created": _CREATED})
        _write_register(workbook, headings, catalogue)
        for language in languages:
            _write_guide(workbook, language, headings, catalogue)


def column_sentences(language: str, catalogue: Catalogue) -> dict[str, str]:
    """
    Return what each column means in a sentence, by heading: fixed columns, then catalogue facts.

    Raises: KeyError for a language the guide is not written in.
    """
    said = {heading: words[language] for heading, words in _guide()["columns"].items()}
    return said | {fact.name: _of_fact(fact, language) for fact in catalogue.facts}


def _write_register(workbook: Any, headings: Sequence[str], catalogue: Catalogue) -> None:
    sheet = workbook.add_worksheet(SHEET)
    bold = workbook.add_format({"bold": True, "bottom": 1})
    # Text cells keep leading zeros of numbers and stop dates from being turned round.
    as_text = workbook.add_format({"num_format": "@"})
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, max(12, len(heading) + 2), as_text)
        sheet.write_string(0, column, heading, bold)
        allowed = _allowed(heading, catalogue)
        if allowed:
            sheet.data_validation(
                1, column, _ROWS_PREPARED, column, {"validate": "list", "source": list(allowed)}
            )
    sheet.freeze_panes(1, 3)


def _allowed(heading: str, catalogue: Catalogue) -> Sequence[str]:
    fact = catalogue.get(heading)
    if fact is None:
        return _CHOICES.get(heading, ())
    return ("yes", "no") if fact.type is FactType.BOOL else fact.values


def _write_guide(
    workbook: Any, language: str, headings: Sequence[str], catalogue: Catalogue
) -> None:
    guide = _guide()
    sheet = workbook.add_worksheet(f"Guide {language}")
    if language in _RIGHT_TO_LEFT:
        sheet.right_to_left()
    bold = workbook.add_format({"bold": True})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90, wrapped)
    sheet.write_string(0, 0, guide["title"][language], bold)
    row = 1
    for rule in guide["rules"][language]:
        sheet.write_string(row, 1, rule, wrapped)
        row += 1
    for heading in headings:
        fact = catalogue.get(heading)
        said = guide["columns"][heading][language] if fact is None else _of_fact(fact, language)
        sheet.write_string(row + 1, 0, heading)
        sheet.write_string(row + 1, 1, said, wrapped)
        row += 1


def _of_fact(fact: Fact, language: str) -> str:
    if fact.type is FactType.BOOL:
        return f"{fact.label[language]} (yes / no)"
    return (
        f"{fact.label[language]} ({', '.join(fact.values)})"
        if fact.values
        else fact.label[language]
    )


@cache
def _guide() -> Mapping[str, Any]:
    path = resources.files("despensa") / "data" / "templates" / "guide-1.yaml"
    document: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document
