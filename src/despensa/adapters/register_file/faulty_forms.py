"""
Rejected submissions in the form they came in, with the reason beside each.

JSON and XML are written so that the readers beside this module take them again: a question's path
is its name, people lie in their repeat group. Dropped questions are not in it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from despensa.domain.registration.account import RejectedHousehold
from despensa.domain.registration.cell import Cell
from despensa.domain.registration.fault import RowError
from despensa.domain.registration.question import KEY, PARENT_KEY
from despensa.domain.registration.register import RegisterFile

Reason = Callable[[RowError], str]
Reasons = Mapping[tuple[str, int], Sequence[str]]
_OWN = (KEY, PARENT_KEY)


def reasons_of(household: RejectedHousehold, reason: Reason) -> Reasons:
    """Return what is wrong with the rows of a household, by sheet and row."""
    reasons: dict[tuple[str, int], list[str]] = {}
    for error in sorted(household.errors, key=lambda error: error.row):
        reasons.setdefault((error.sheet, error.row), []).append(reason(error))
    return reasons


def write_json(register: RegisterFile, path: Path, reason: Reason, heading: str) -> int:
    """Write rejected submissions as a list KoboToolbox could have given; return the rows."""
    written = 0
    with path.open("w", encoding="utf-8") as stream:
        before = "["
        for submission, people, reasons in _submissions(register, reason):
            document: dict[str, Any] = {}
            for sheet, row, answers in submission:
                document |= _answers(answers) | {heading: _why(reasons, sheet, row)}
                written += 1
            for sheet, row, answers in people:
                said = _answers(answers) | {heading: _why(reasons, sheet, row)}
                document.setdefault(sheet, []).append(said)
                written += 1
            text = json.dumps(document, ensure_ascii=False, indent=1, default=str)
            stream.write(f"{before}\n{text}")
            before = ","
        stream.write("\n]" if written else "[]")
    return written


def write_xml(register: RegisterFile, path: Path, reason: Reason, heading: str) -> int:
    """Write rejected submissions as OpenRosa documents below one root; return the rows."""
    written = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write("<?xml version='1.0' encoding='utf-8'?>\n<submissions>\n")
        for submission, people, reasons in _submissions(register, reason):
            document = Element("data")
            for sheet, row, answers in submission:
                _fill(document, _answers(answers) | {heading: _why(reasons, sheet, row)})
                written += 1
            for sheet, row, answers in people:
                parent = document
                *outer, last = sheet.split("/")
                for step in outer:
                    found = parent.find(step)
                    parent = SubElement(parent, step) if found is None else found
                person = SubElement(parent, last)
                _fill(person, _answers(answers) | {heading: _why(reasons, sheet, row)})
                written += 1
            indent(document, " ")
            stream.write(f"{tostring(document, encoding='unicode')}\n")
        stream.write("</submissions>\n")
    return written


_Row = tuple[str, int, dict[str, Cell]]


def _submissions(
    register: RegisterFile, reason: Reason
) -> Iterator[tuple[list[_Row], list[_Row], Reasons]]:
    """Yield each rejected submission's own row, the rows of its people, and what is wrong."""
    main = next(iter(register.headings))
    for household in register.rejected:
        reasons = reasons_of(household, reason)
        rows: list[_Row] = [
            (
                row.sheet,
                row.row,
                dict(zip(register.headings[row.sheet], row.cells, strict=True)),
            )
            for row in household.rows
        ]
        submissions = [row for row in rows if row[0] == main]
        if len(submissions) < 2:
            yield submissions, [row for row in rows if row[0] != main], reasons
            continue
        # The same id twice: the people lie with the first, and nothing is lost.
        people = [row for row in rows if row[0] != main]
        for at, one in enumerate(submissions):
            yield [one], people if at == 0 else [], reasons


def _answers(answers: Mapping[str, Cell]) -> dict[str, Cell]:
    return {name: said for name, said in answers.items() if name not in _OWN and said is not None}


def _why(reasons: Reasons, sheet: str, row: int) -> str:
    return "; ".join(reasons.get((sheet, row), ()))


def _fill(element: Element, answers: Mapping[str, Cell]) -> None:
    for name, said in answers.items():
        parent = element
        *outer, last = name.split("/")
        for step in outer:
            found = parent.find(step)
            parent = SubElement(parent, step) if found is None else found
        SubElement(parent, last).text = str(said)
