"""
Columns a person has said the meaning of, because their headings do not say it.

A map names headings and the fields they are read as. It cannot reach a forbidden column: the name
is refused here, and what a column's answers give away is dropped before any map is asked.
Source: docs/reference/register-files.md, Mapping columns.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from despensa.domain.catalogue import Catalogue
from despensa.domain.forbidden import forbidden_category
from despensa.domain.registration.layout import TEMPLATE_COLUMNS
from despensa.domain.registration.question import PERSON_FIELDS

COLUMNS_MAX = 200
HEADING_LENGTH_MAX = 200


class ColumnMapError(ValueError):
    """The map cannot be used; the message lists every fault and how to mend it."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """
    What each of some columns is read as.

    Shape: `fields` maps a folded heading to a field. Holds: no heading is forbidden, no field is
    named twice, every field is one of the template or the catalogue.
    """

    fields: Mapping[str, str]


def mappable_fields(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the fields a column can be read as, in the order of the template."""
    facts = tuple(fact.name for fact in catalogue.facts)
    extra = tuple(name for name in PERSON_FIELDS if name not in TEMPLATE_COLUMNS)
    return TEMPLATE_COLUMNS + extra + facts


def parse_column_map(document: object, catalogue: Catalogue) -> ColumnMap:
    """
    Return the map a document holds: headings to fields, alone or below the key `columns`.

    Raises: ColumnMapError listing all faults.
    """
    if isinstance(document, Mapping) and set(document) == {"columns"}:
        document = document["columns"]
    if not isinstance(document, Mapping) or not document or len(document) > COLUMNS_MAX:
        message = (
            "A column map is a list of lines `heading: field`, at least one and at most"
            f" {COLUMNS_MAX}."
        )
        raise ColumnMapError(message)
    known = mappable_fields(catalogue)
    faults: list[str] = []
    fields: dict[str, str] = {}
    for heading, name in document.items():
        if not isinstance(heading, str) or not folded(heading):
            faults.append(f"{heading!r} is no heading; put it in quotation marks.")
            continue
        fault = _fault(heading, name, known, fields)
        if fault is None:
            fields[folded(heading)] = name
        else:
            faults.append(fault)
    if faults:
        raise ColumnMapError("\n".join(faults))
    return ColumnMap(fields)


def folded(heading: str) -> str:
    """Return a heading as maps compare it: case and spaces around it do not matter."""
    return heading.strip().casefold()


def headings_digest(headings: Mapping[str, Sequence[str]]) -> bytes:
    """
    Return what a set of headings is remembered by; the order of columns and sheets is free.

    Source: SHA-256 over the sorted folded headings of the sorted sheets, joined by 0x1f and 0x1e.
    """
    sheets = ["\x1f".join(sorted(folded(one) for one in names)) for names in headings.values()]
    return hashlib.sha256("\x1e".join(sorted(sheets)).encode()).digest()


def _fault(
    heading: str, name: object, known: Sequence[str], fields: Mapping[str, str]
) -> str | None:
    category = forbidden_category(heading)
    if category is not None:
        return (
            f"The column {heading!r} falls under {category.value}, which is never held about"
            " people; it cannot be mapped. Remove the line."
        )
    if len(heading) > HEADING_LENGTH_MAX:
        return f"A heading of more than {HEADING_LENGTH_MAX} characters cannot be mapped."
    if name not in known:
        return f"{heading!r}: {name!r} is no field; write one of {', '.join(known)}."
    if name in fields.values() or folded(heading) in fields:
        return f"{heading!r}: {name} is mapped twice; keep one line."
    return None
