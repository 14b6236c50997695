"""
What the words of a HOPE registration workbook mean in ours.

Reads relationship, collectors, consent and residence status, and reduces the answers of the
Washington Group short set to the one functional fact the catalogue has; the answers themselves go
no further. Source: HOPE registration data import workbook; Washington Group short set, cut-off "a
lot of difficulty" in at least one domain.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from despensa.domain.registration import cell
from despensa.domain.registration.cell import CellFault
from despensa.domain.registration.draft import Role
from despensa.domain.registration.household import Group, RoleRow
from despensa.domain.registration.row import Findings, Named, Reading, Row, row_numbers

_SPLIT = re.compile(r"[,;\s]+")
_CONSENT_NO = frozenset({"no", "false", "0"})
_RESIDENCE: Mapping[str, bool | None] = {
    "idp": True,
    "refugee": True,
    "others_of_concern": None,
    "migrant": None,
    "other": None,
    "returnee": None,
    "host": False,
    "non_host": None,
    "citizen": False,
}
_DIFFICULTY: Mapping[str, bool] = {
    "none": False,
    "no": False,
    "some": False,
    "some_difficulty": False,
    "lot_difficulty": True,
    "lot": True,
    "cannot_do": True,
    "cannot": True,
}
_DIFFICULTY_SHOWN = ("NONE", "SOME_DIFFICULTY", "LOT_DIFFICULTY", "CANNOT_DO")
_DOMAINS = (
    "hope_seeing",
    "hope_hearing",
    "hope_walking",
    "hope_remembering",
    "hope_self_care",
    "hope_communicating",
    "hope_severity",
)
_OUTSIDE = "non_beneficiary"


def household_number(row: Row) -> str | None:
    """
    Return the number of the household a person's row belongs to, or None when it names none.

    A collector who lives elsewhere names no household of their own; the first one they collect for
    is taken.
    """
    for name in ("household_number", "hope_primary", "hope_alternate"):
        named = row.values.get(name)
        try:
            written = cell.text(named[1]) if named else None
        except CellFault:
            return None
        if written:
            return _SPLIT.split(written)[0] if name != "household_number" else written
    return None


def translate(
    group: Group, sheets: tuple[str, ...], findings: Findings, reading: Reading
) -> tuple[Group, list[RoleRow]]:
    """Return the group with catalogue facts in place of HOPE's answers, and each person's roles."""
    households = tuple(_household_row(row, findings, reading) for row in group.household_rows)
    persons = tuple(_person_row(row, findings, reading) for row in group.person_rows)
    if len(households) > 1:
        rows = row_numbers(households)
        for row in households:
            findings.fault(row, "household_number", "household_repeated", rows=rows)
    if group.number is not None and not households:
        for row in persons:
            findings.fault(
                row,
                "household_number",
                "member_without_household",
                household=group.number,
                sheet=sheets[0],
            )
    translated = replace(group, household_rows=households, person_rows=persons)
    return translated, [RoleRow(row, _roles(row, group.number, findings)) for row in persons]


def _roles(row: Row, number: str | None, findings: Findings) -> tuple[Role, ...]:
    relationship = (findings.text(row, "hope_relationship") or "").casefold()
    is_head = relationship == "head" or findings.read(row, "hope_head", cell.yes_no) is True
    lives_here = relationship != _OUTSIDE and "household_number" in row.values
    roles = [Role.HEAD, Role.MEMBER] if is_head else [Role.MEMBER] if lives_here else []
    for name, role in (
        ("hope_primary", Role.PRIMARY_COLLECTOR),
        ("hope_alternate", Role.ALTERNATE_COLLECTOR),
    ):
        wanted = _SPLIT.split(findings.text(row, name) or "")
        if number in wanted:
            roles.append(role)
        if any(one not in ("", number) for one in wanted):
            findings.omit(row, name, "collector_dropped")
    return tuple(roles)


def _household_row(row: Row, findings: Findings, reading: Reading) -> Row:
    consent = (findings.text(row, "hope_consent") or "").casefold()
    if consent in _CONSENT_NO:
        findings.fault(row, "hope_consent", "consent_no")
    added: dict[str, Named] = {}
    status = findings.choice(
        row, "hope_residence", {word: (known,) for word, known in _RESIDENCE.items()}, _shown()
    )
    if status is not None and status[0] is not None and reading.catalogue.get("displaced"):
        added["displaced"] = (row.values["hope_residence"][0], status[0])
    dwelling = findings.read(row, "hope_households_in_dwelling", cell.whole)
    if dwelling is not None and reading.catalogue.get("dwelling_shared"):
        added["dwelling_shared"] = (row.values["hope_households_in_dwelling"][0], dwelling > 1)
    return replace(row, values={**row.values, **added})


def _person_row(row: Row, findings: Findings, reading: Reading) -> Row:
    # Faults of roles are shown at the column this workbook states them in.
    headings = row.headings
    role = headings.get("hope_relationship") or headings.get("hope_head", "role")
    collector = headings.get("hope_primary", "collector")
    row = replace(row, headings={**headings, "role": role, "collector": collector})
    if reading.catalogue.get("disability_functional") is None:
        return row
    stated: list[tuple[str, bool]] = []
    for name in _DOMAINS:
        difficulty = findings.choice(row, name, _DIFFICULTY, _DIFFICULTY_SHOWN)
        if difficulty is not None:
            stated.append((row.values[name][0], difficulty))
    if not stated:
        asked = (findings.text(row, "hope_disability") or "").casefold()
        if asked in ("no", "none", "not disabled"):
            stated.append((row.values["hope_disability"][0], False))
    if not stated:
        return row
    column = next((column for column, great in stated if great), stated[0][0])
    fact = (column, any(great for _, great in stated))
    return replace(row, values={**row.values, "disability_functional": fact})


def _shown() -> tuple[str, ...]:
    return tuple(word.upper() for word in _RESIDENCE)
