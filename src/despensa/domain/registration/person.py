"""
One row of a file becomes one person, or faults.

Reads name, sex, birth, documents, phones and catalogue facts, in the same way for every kind of
file; roles are decided with the household.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeVar, cast

from despensa.domain.catalogue import Catalogue, Fact, FactType, FactValue, FactValueError, Subject
from despensa.domain.forbidden import words_of
from despensa.domain.registration import cell
from despensa.domain.registration.cell import Cell, CellFault
from despensa.domain.registration.country import countries
from despensa.domain.registration.draft import (
    Birth,
    Document,
    NameParts,
    PersonDraft,
    Role,
    Sex,
)
from despensa.domain.registration.layout import DOCUMENT_KINDS, Kind
from despensa.domain.registration.phone import e164
from despensa.domain.registration.row import Findings, Reading, Row

T = TypeVar("T")

DOCUMENTS_MAX = 2
PHONES = ("phone", "phone_2")

_SEX_SHOWN = ("female", "male", "other", "unknown")
_SEX = {
    **{sex.value: sex for sex in Sex},
    "f": Sex.FEMALE,
    "m": Sex.MALE,
    "woman": Sex.FEMALE,
    "man": Sex.MALE,
    "mujer": Sex.FEMALE,
    "hombre": Sex.MALE,
    "femme": Sex.FEMALE,
    "homme": Sex.MALE,
    "mulher": Sex.FEMALE,
    "homem": Sex.MALE,
    "أنثى": Sex.FEMALE,
    "ذكر": Sex.MALE,
    "not_collected": Sex.UNKNOWN,
    "not_answered": Sex.UNKNOWN,
}
_KINDS = {kind: kind for kind in DOCUMENT_KINDS}
_LANGUAGE_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*")
_DOCUMENT_NUMBER = re.compile(r"[^\W_][\w\-/. ]{0,63}")
_DocumentFields = tuple[str | None, str, str, str]
TEMPLATE_DOCUMENTS: tuple[_DocumentFields, ...] = (
    (None, "document_type", "document_country", "document_number"),
    (None, "document_2_type", "document_2_country", "document_2_number"),
)
_FOREIGN_DOCUMENTS: tuple[_DocumentFields, ...] = tuple(
    (kind, "", f"{kind}_country", f"{kind}_number") for kind in DOCUMENT_KINDS
)
_FOREIGN = (Kind.HOPE, Kind.REGISTRATIONS_121)


def read_person(
    row: Row, reading: Reading, findings: Findings, *, record_id: str, roles: tuple[Role, ...]
) -> PersonDraft | None:
    """
    Return the person a row describes, or None when a fault of the row was noted.

    Holds: every fault of the row is noted, not the first one only.
    """
    faults_before = len(findings.errors)
    full_name = _full_name(row, reading, findings)
    parts = _name_parts(row, findings, full_name or "")
    sex = findings.read(row, "sex", read_sex) or Sex.UNKNOWN
    birth = _birth(row, reading, findings)
    documents = _documents(row, reading, findings)
    phones = _phones(row, reading, findings)
    facts = read_facts(row, reading.catalogue, Subject.REGISTRANT, findings)
    if len(findings.errors) > faults_before or full_name is None:
        return None
    return PersonDraft(
        source_record_id=record_id,
        full_name=full_name,
        sex=sex,
        birth=birth,
        roles=roles,
        row=row.number,
        name_parts=parts,
        documents=documents,
        phones=phones,
        facts=facts,
    )


def read_facts(
    row: Row, catalogue: Catalogue, subject: Subject, findings: Findings
) -> dict[str, FactValue]:
    """Return the catalogue facts about this subject a row states; an empty cell is unknown."""
    found: dict[str, FactValue] = {}
    for fact in catalogue.of(subject):
        if fact.name in row.values:
            value = _fact_value(row, fact, findings)
            if value is not None:
                found[fact.name] = value
    return found


def _fact_value(row: Row, fact: Fact, findings: Findings) -> FactValue | None:
    return cast("FactValue | None", findings.read(row, fact.name, partial(read_fact, fact=fact)))


def read_fact(value: Cell, *, fact: Fact) -> FactValue | None:
    """Return what a cell says of a fact, or None when it is empty. Raises: CellFault."""
    read = _typed(value, fact.type)
    if read is None:
        return None
    try:
        return fact.check(read)
    except FactValueError as refused:
        parameters = {"takes": f"{fact.name} takes {fact.takes()}"}
        raise CellFault("fact_value", parameters) from refused


def _typed(value: Cell, kind: FactType) -> FactValue | None:
    match kind:
        case FactType.BOOL:
            return cell.yes_no(value)
        case FactType.INT:
            return cell.whole(value)
        case FactType.LANGUAGE:
            written = cell.text(value)
            tag = _LANGUAGE_TAG.fullmatch(written) if written else None
            return tag.group(1).lower() if tag else written
        case FactType.CHOICE:
            written = cell.text(value)
            return written.casefold() if written else None
        case FactType.DATE:
            return cell.text(value)


def _full_name(row: Row, reading: Reading, findings: Findings) -> str | None:
    faults_before = len(findings.errors)
    written = findings.read(row, "full_name", cell.name)
    if written is None and reading.kind is not Kind.TEMPLATE:
        ours = ("name_first", "name_middle", "name_last", "given_names", "surname_1")
        parts = [findings.read(row, name, cell.name) for name in ours]
        written = " ".join(part for part in parts if part) or None
    if written is None and len(findings.errors) == faults_before:
        findings.fault(row, "full_name", "missing")
    return written


def _name_parts(row: Row, findings: Findings, full_name: str) -> NameParts | None:
    """A part that does not occur in the name as written is somebody else's, and left out."""
    found: dict[str, str] = {}
    aliases = {"name_last": "surname_1", "name_first": "given_names", "name_middle": "given_names"}
    for name in ("surname_1", "surname_2", "given_names", *aliases):
        written = findings.read(row, name, cell.name) if name in row.values else None
        if written is None:
            continue
        # Folding is dear, and nearly every part stands in the name letter by letter.
        if written not in full_name and not set(words_of(full_name)).issuperset(words_of(written)):
            findings.omit(row, name, "name_part_dropped")
            continue
        target = aliases.get(name, name)
        found[target] = f"{found[target]} {written}" if target in found else written
    if not found:
        return None
    given = tuple(found.get("given_names", "").split())
    return NameParts(found.get("surname_1"), found.get("surname_2"), given)


def _birth(row: Row, reading: Reading, findings: Findings) -> Birth:
    day_first = reading.kind is Kind.HOPE
    birth = findings.read(
        row, "birth_date", lambda value: cell.birth(value, today=reading.today, day_first=day_first)
    )
    if birth is None:
        return Birth()
    estimated = findings.read(row, "birth_estimated", cell.yes_no)
    return Birth(birth.year) if estimated else birth


def _phones(row: Row, reading: Reading, findings: Findings) -> tuple[str, ...]:
    found: list[str] = []
    bare = reading.kind is Kind.REGISTRATIONS_121
    for name in PHONES:
        written = findings.text(row, name)
        if written is None:
            continue
        number = e164(written, reading.home, bare_international=bare)
        if number is not None:
            found.append(number)
        elif reading.strict:
            findings.fault(row, name, "phone_unreadable", calling=reading.home.calling)
        else:
            findings.omit(row, name, "phone_dropped")
    return tuple(dict.fromkeys(found))


def _documents(row: Row, reading: Reading, findings: Findings) -> tuple[Document, ...]:
    slots = _FOREIGN_DOCUMENTS if reading.kind in _FOREIGN else TEMPLATE_DOCUMENTS
    found: list[Document] = []
    for fixed, kind_field, country_field, number_field in slots:
        if row.values.keys().isdisjoint((kind_field, country_field, number_field)):
            continue
        number = findings.read(row, number_field, read_document_number)
        kind = fixed or findings.read(row, kind_field, read_document_kind)
        country = findings.read(row, country_field, read_country) or reading.home.alpha_3
        if number is None:
            if fixed is None and kind is not None and not _faulty(findings, row, number_field):
                findings.fault(row, number_field, "document_number_missing")
        elif kind is None:
            if not _faulty(findings, row, kind_field):
                findings.fault(
                    row, kind_field, "document_kind_missing", allowed=", ".join(DOCUMENT_KINDS)
                )
        elif len(found) < DOCUMENTS_MAX:
            found.append(Document(kind, country, number))
        else:
            findings.omit(row, number_field, "documents_surplus")
    return tuple(dict.fromkeys(found))


def _faulty(findings: Findings, row: Row, name: str) -> bool:
    column, _ = row.place(name)
    return any(one.row == row.number and one.column == column for one in findings.errors)


def read_sex(value: Cell) -> Sex | None:
    """Return the sex a cell says, or None when it is empty. Raises: CellFault."""
    return _chosen(value, _SEX, _SEX_SHOWN)


def read_document_kind(value: Cell) -> str | None:
    """Return the kind of document a cell says, or None when it is empty. Raises: CellFault."""
    return _chosen(value, _KINDS, DOCUMENT_KINDS)


def _chosen(value: Cell, allowed: Mapping[str, T], shown_as: Sequence[str]) -> T | None:
    word = cell.text(value)
    if word is None:
        return None
    found = allowed.get(word.casefold())
    if found is None:
        raise CellFault("choice_unknown", {"allowed": ", ".join(shown_as)})
    return found


def read_document_number(value: Cell) -> str | None:
    """Return the number of a document, or None when the cell is empty. Raises: CellFault."""
    written = cell.text(value)
    if written is not None and not _DOCUMENT_NUMBER.fullmatch(written):
        raise CellFault("document_number_unreadable")
    return written


def read_country(value: Cell) -> str | None:
    """Return a country as alpha-3 code, or None when the cell is empty. Raises: CellFault."""
    written = cell.text(value)
    if written is None:
        return None
    country = countries().get(written.upper())
    if country is None:
        raise CellFault("document_country", {"example": "ESP"})
    return country.alpha_3
