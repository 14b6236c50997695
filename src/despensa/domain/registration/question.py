"""
Questions of a form: which column of its submissions asks for what, and what an answer gives away.

Questions are known by the last part of their path, since groups are only there for the screen.
Source: docs/reference/register-files.md; ODK XForms specification; KoboToolbox API v2; ODK Central,
CSV export.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from despensa.domain.catalogue import Catalogue, Subject
from despensa.domain.forbidden import Category
from despensa.domain.registration.cell import Cell

KEY, PARENT_KEY = "KEY", "PARENT_KEY"
HOUSEHOLD_FIELDS = ("address", "area_name", "area_pcode")
PERSON_FIELDS = (
    "person_number",
    "full_name",
    "surname_1",
    "surname_2",
    "given_names",
    "birth_date",
    "sex",
    "role",
    "relationship",
    "collector",
    "document_type",
    "document_country",
    "document_number",
    "document_2_type",
    "document_2_country",
    "document_2_number",
    "phone",
    "phone_2",
)
NAME_FIELDS = ("full_name", "given_names")
_ALIASES = {"gender": "sex", "date_of_birth": "birth_date", "phone_number": "phone"}
_HOUSEHOLD_ALIASES = {
    "key": "household_number",
    "consent": "form_consent",
    "reviewstate": "form_status",
    "_validation_status_uid": "form_status",
}
_UUID = re.compile(r"^uuid:", re.IGNORECASE)
_STEP = re.compile(r"[/\-:]")
_SPACES = re.compile(r"[\s\-/:]+")
_NUMBER = r"-?\d{1,3}(?:\.\d+)?"
_POINT = rf"-?\d{{1,2}}\.\d+[ ,]+-?\d{{1,3}}\.\d+(?:[ ,]+{_NUMBER}){{0,2}}"
_GEOPOINTS = re.compile(rf"{_POINT}(?:\s*;\s*{_POINT})*;?")
_ATTACHMENT = re.compile(
    r"[^/\\\n]{1,200}\.(?:jpe?g|png|gif|webp|heic|mp4|3gpp?|mov|webm|m4a|mp3|wav|amr|aac|ogg|opus|pdf)",
    re.IGNORECASE,
)


def submission_id(written: str) -> str:
    """
    Return the id of a submission without the prefix some servers leave away.

    >>> submission_id("uuid:1a4f3c5e-0000-4000-8000-000000000001")
    '1a4f3c5e-0000-4000-8000-000000000001'
    """
    return _UUID.sub("", written)


def fields_for(catalogue: Catalogue, *, households: bool, persons: bool) -> dict[str, str]:
    """Return the field of each question name, for a table of submissions, of people, or of both."""
    known: dict[str, str] = {}
    if households:
        known |= {name: name for name in HOUSEHOLD_FIELDS} | _HOUSEHOLD_ALIASES
        known |= {fact.name: fact.name for fact in catalogue.of(Subject.HOUSEHOLD)}
    else:
        known[PARENT_KEY.casefold()] = "household_number"
    if persons:
        known |= {name: name for name in PERSON_FIELDS} | _ALIASES
        known |= {fact.name: fact.name for fact in catalogue.of(Subject.REGISTRANT)}
    return known


def resolved(headings: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """
    Return the field each heading means, by its lower-case heading: the whole path or its end.

    >>> resolved(["members/id-group/full_name"], {"full_name": "full_name"})
    {'members/id-group/full_name': 'full_name'}
    """
    found: dict[str, str] = {}
    for heading in headings:
        steps = _STEP.split(heading.strip().casefold())
        for start in range(len(steps)):
            name = _SPACES.sub("_", "_".join(steps[start:]))
            if name in known:
                found[heading.strip().casefold()] = known[name]
                break
    return found


def last_step(heading: str) -> str:
    """
    Return the last part of a question's path, in lower case.

    >>> last_step("members/id/Full_Name")
    'full_name'
    """
    return _STEP.split(heading.strip().casefold())[-1]


def sheets_of(headings: Mapping[str, Sequence[str]]) -> tuple[str, ...] | None:
    """
    Return the sheets of a form to read, submissions first, or None when these are no submissions.

    The people are in the first repeat group that asks for a name. A group within a group is no
    group of people.
    """
    folded = {sheet: {one.strip().casefold() for one in names} for sheet, names in headings.items()}
    main = next(
        (
            sheet
            for sheet, names in folded.items()
            if KEY.casefold() in names and PARENT_KEY.casefold() not in names
        ),
        None,
    )
    if main is None:
        return None
    people = [
        sheet
        for sheet, names in headings.items()
        if PARENT_KEY.casefold() in folded[sheet] and _asks_a_name(names)
    ]
    # A group within a group has a name that goes on where that of the outer one ends.
    outer = [one for one in people if not any(one != o and one.startswith(o) for o in people)]
    return (main, *outer[:1])


def content_category(values: Iterable[Cell]) -> Category | None:
    """
    Return what the answers of a question give away whatever it is called, or None.

    A place on the map is a movement, a picture or recording a biometric. Only the shape is looked
    at; nothing of it is kept. Source: ODK XForms specification, geopoint, geotrace and binary.
    """
    for value in values:
        if isinstance(value, str):
            written = value.strip()
            if _GEOPOINTS.fullmatch(written):
                return Category.MOVEMENTS
            if _ATTACHMENT.fullmatch(written):
                return Category.BIOMETRICS
    return None


def _asks_a_name(headings: Sequence[str]) -> bool:
    return bool(resolved(headings, {name: name for name in NAME_FIELDS}))
