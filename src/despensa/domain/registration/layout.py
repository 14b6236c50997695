"""
The kinds of register files: how each is recognised and what its columns mean.

Every column of a file is read, dropped as forbidden (with its category) or ignored because nothing
needs it; there is no fourth case. Source: docs/reference/register-files.md; HOPE registration data
import workbook; 121 registration import file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from despensa.domain.catalogue import Catalogue
from despensa.domain.forbidden import Category, forbidden_category
from despensa.domain.registration.question import fields_for, sheets_of


class Kind(StrEnum):
    """A kind of register file."""

    TEMPLATE = "despensa-template"
    HOPE = "hope-workbook"
    REGISTRATIONS_121 = "121-registrations"
    KOBO = "kobo-json"
    ODK = "odk-central-csv"
    OPENROSA = "openrosa-xml"
    MAPPED = "mapped-table"


FORM_KINDS = frozenset({Kind.KOBO, Kind.ODK, Kind.OPENROSA})
# Kinds whose columns a person may give a meaning to; HOPE and 121 have theirs.
MAPPABLE_KINDS = FORM_KINDS | {Kind.TEMPLATE, Kind.MAPPED}
# A submission is known by its id wherever it is fetched from, so that all forms are one source.
FORM_SOURCE = "form-submissions"


KIND_SENTENCES: Mapping[Kind, str] = {
    Kind.TEMPLATE: (
        "the Despensa template (one row per person, with the columns household_number,"
        " person_number and full_name; CSV or XLSX)"
    ),
    Kind.HOPE: "the HOPE registration workbook (XLSX with the sheets Households and Individuals)",
    Kind.REGISTRATIONS_121: (
        "the 121 registrations file (CSV with phoneNumber and paymentAmountMultiplier,"
        " preferredLanguage or programFspConfigurationName)"
    ),
    Kind.KOBO: "submissions of KoboToolbox (JSON of its API, version 2)",
    Kind.ODK: "submissions of ODK Central (CSV, or the ZIP with its repeat groups)",
    Kind.OPENROSA: "submissions as OpenRosa XML",
}

DOCUMENT_KINDS = (
    "national_id",
    "passport",
    "unhcr_id",
    "residence_permit",
    "birth_certificate",
    "drivers_license",
    "scope_id",
    "other",
)

TEMPLATE_REQUIRED = ("household_number", "person_number", "full_name")
TEMPLATE_COLUMNS = (
    *TEMPLATE_REQUIRED,
    "surname_1",
    "surname_2",
    "given_names",
    "birth_date",
    "sex",
    "role",
    "collector",
    "document_type",
    "document_country",
    "document_number",
    "document_2_type",
    "document_2_country",
    "document_2_number",
    "phone",
    "phone_2",
    "address",
    "area_name",
    "area_pcode",
)
_121_MARKS = ("paymentamountmultiplier", "preferredlanguage", "programfspconfigurationname")

_HOPE_DOCUMENTS = {
    "national_id": "national_id",
    "national_passport": "passport",
    "unhcr_id": "unhcr_id",
    "birth_certificate": "birth_certificate",
    "drivers_license": "drivers_license",
    "scope_id": "scope_id",
}
_HOPE_PERSONS = {
    "household_id": "household_number",
    "individual_id": "person_number",
    "full_name": "full_name",
    "given_name": "given_names",
    "family_name": "surname_1",
    "last_name": "surname_1",
    "gender": "sex",
    "sex": "sex",
    "birth_date": "birth_date",
    "estimated_birth_date": "birth_estimated",
    "relationship": "hope_relationship",
    "head_of_household": "hope_head",
    "primary_collector_id": "hope_primary",
    "alternate_collector_id": "hope_alternate",
    "phone_no": "phone",
    "phone_no_alternative": "phone_2",
    "phone_number_1": "phone",
    "phone_number_2": "phone_2",
    "address": "address",
    "admin_level_1": "admin1",
    "admin_level_2": "admin2",
    "preferred_language": "language",
    "pregnant": "pregnant_or_nursing",
    "seeing_disability": "hope_seeing",
    "hearing_disability": "hope_hearing",
    "physical_disability": "hope_walking",
    "memory_disability": "hope_remembering",
    "selfcare_disability": "hope_self_care",
    "comms_disability": "hope_communicating",
    "disability": "hope_disability",
    "severity_of_disability": "hope_severity",
    **{f"{theirs}_no": f"{ours}_number" for theirs, ours in _HOPE_DOCUMENTS.items()},
    **{f"{theirs}_issuer": f"{ours}_country" for theirs, ours in _HOPE_DOCUMENTS.items()},
}
_HOPE_HOUSEHOLDS = {
    "household_id": "household_number",
    "consent": "hope_consent",
    "residence_status": "hope_residence",
    "total_households": "hope_households_in_dwelling",
    "address": "address",
    "village": "village",
    "admin1": "admin1",
    "admin2": "admin2",
    "admin3": "admin3",
    "admin4": "admin4",
}
_121_PERSONS = {
    "referenceid": "household_number",
    "fullname": "full_name",
    "namefirst": "name_first",
    "namemiddle": "name_middle",
    "namelast": "name_last",
    "phonenumber": "phone",
    "whatsappphonenumber": "phone_2",
    "preferredlanguage": "language",
}
_FACT_OF_FIELD = {
    "hope_residence": "displaced",
    "hope_households_in_dwelling": "dwelling_shared",
    "hope_seeing": "disability_functional",
    "hope_hearing": "disability_functional",
    "hope_walking": "disability_functional",
    "hope_remembering": "disability_functional",
    "hope_self_care": "disability_functional",
    "hope_communicating": "disability_functional",
    "hope_disability": "disability_functional",
    "hope_severity": "disability_functional",
}
_HOPE_SUFFIX = re.compile(r"_[hi]_[cf]$")
_SPACES = re.compile(r"[\s\-]+")


@dataclass(frozen=True, slots=True)
class DroppedColumn:
    """A column whose name, or in a form the shape of its answers, is forbidden; nothing is kept."""

    sheet: str
    column: str
    category: Category


@dataclass(frozen=True, slots=True)
class IgnoredColumn:
    """A column nothing needs, so that it is not stored either."""

    sheet: str
    column: str


@dataclass(frozen=True, slots=True)
class Columns:
    """
    What each column of one sheet is.

    Shape: `fields` maps a position to the field read there; `kept` lists the positions that are
    not forbidden, for the list of faulty rows.
    """

    sheet: str
    headings: tuple[str, ...]
    fields: Mapping[int, str]
    kept: tuple[int, ...]
    dropped: tuple[DroppedColumn, ...]
    ignored: tuple[IgnoredColumn, ...]
    repeated: tuple[str, ...]


def normal_heading(heading: str) -> str:
    """
    Return a heading in lower case with underscores, without HOPE's ending.

    >>> normal_heading(" Full name_i_c")
    'full_name'
    """
    return _HOPE_SUFFIX.sub("", _SPACES.sub("_", heading.strip().casefold()))


def recognise(headings: Mapping[str, Sequence[str]]) -> tuple[Kind, tuple[str, ...]] | None:
    """
    Return the kind of a file and the sheets to read, or None when no kind fits.

    Takes the headings of every sheet by sheet name; a file without sheets has one, named "".
    """
    by_name = {name.strip().casefold(): name for name in headings}
    if "households" in by_name and "individuals" in by_name:
        return Kind.HOPE, (by_name["households"], by_name["individuals"])
    for sheet, names in headings.items():
        found = {normal_heading(name) for name in names}
        if found.issuperset(TEMPLATE_REQUIRED):
            return Kind.TEMPLATE, (sheet,)
        if "phonenumber" in found and not found.isdisjoint(_121_MARKS):
            return Kind.REGISTRATIONS_121, (sheet,)
    forms = sheets_of(headings)
    return None if forms is None else (Kind.ODK, forms)


def field_names(
    kind: Kind, catalogue: Catalogue, *, of_households: bool, of_persons: bool = True
) -> Mapping[str, str]:
    """
    Return the field each normalised heading means in this kind of file, on a sheet of such rows.

    Holds: a catalogue fact is read only when the catalogue given has it.
    """
    match kind:
        case Kind.KOBO | Kind.ODK | Kind.OPENROSA:
            return fields_for(catalogue, households=of_households, persons=of_persons)
        case Kind.TEMPLATE | Kind.MAPPED:
            named = {name: name for name in TEMPLATE_COLUMNS}
            return named | {fact.name: fact.name for fact in catalogue.facts}
        case Kind.HOPE:
            known = _HOPE_HOUSEHOLDS if of_households else _HOPE_PERSONS
        case Kind.REGISTRATIONS_121:
            known = _121_PERSONS
    facts = {"language", "pregnant_or_nursing"} | set(_FACT_OF_FIELD)
    return {
        heading: name
        for heading, name in known.items()
        if name not in facts or catalogue.get(_FACT_OF_FIELD.get(name, name)) is not None
    }


def columns_of(
    sheet: str,
    headings: Sequence[str],
    labels: Sequence[str],
    fields: Mapping[str, str],
    given_away: Mapping[int, Category] | None = None,
) -> Columns:
    """
    Return what each column of a sheet is: read, dropped as forbidden, or ignored.

    Labels are the second row of headings some workbooks carry; a column is dropped when either
    its heading or its label falls in a forbidden category. `given_away` names the positions whose
    answers are forbidden whatever their heading says.
    """
    read: dict[int, str] = {}
    dropped: list[DroppedColumn] = []
    ignored: list[IgnoredColumn] = []
    repeated: list[str] = []
    taken: dict[str, str] = {}
    for position, heading in enumerate(headings):
        label = labels[position] if position < len(labels) else ""
        category = (
            forbidden_category(heading)
            or forbidden_category(label)
            or (given_away or {}).get(position)
        )
        name = fields.get(normal_heading(heading))
        if category is not None:
            dropped.append(DroppedColumn(sheet, heading.strip(), category))
        elif name is None:
            if heading.strip():
                ignored.append(IgnoredColumn(sheet, heading.strip()))
        elif name in taken:
            if taken[name].strip().casefold() == heading.strip().casefold():
                repeated.append(heading.strip())
            ignored.append(IgnoredColumn(sheet, heading.strip()))
        else:
            taken[name] = heading
            read[position] = name
    forbidden = {one.column for one in dropped}
    kept = tuple(at for at, heading in enumerate(headings) if heading.strip() not in forbidden)
    return Columns(
        sheet,
        tuple(heading.strip() for heading in headings),
        read,
        kept,
        tuple(dropped),
        tuple(ignored),
        tuple(repeated),
    )
