"""
The rows of one household become one household, or every fault that stands in the way.

A household with one bad row is rejected whole: half a household would get half the food.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from despensa.domain.catalogue import FactValue, Subject
from despensa.domain.registration.draft import HouseholdDraft, PersonDraft, Role
from despensa.domain.registration.layout import Kind
from despensa.domain.registration.person import read_facts, read_person
from despensa.domain.registration.row import Findings, Reading, Row, row_numbers

PCODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-]{0,31}")
_PCODE_LOOKS = re.compile(r"[A-Z]{2,3}\d{2,}")
_AREA_FIELDS = ("village", "admin4", "admin3", "admin2", "admin1")
_COLLECTORS = {"primary": Role.PRIMARY_COLLECTOR, "alternate": Role.ALTERNATE_COLLECTOR}
_TEMPLATE_ROLES: Mapping[str, tuple[Role, ...]] = {
    "head": (Role.HEAD, Role.MEMBER),
    "member": (Role.MEMBER,),
    "collector": (),
}


@dataclass(frozen=True, slots=True)
class Group:
    """
    The rows that belong together: those of a household sheet, if the kind has one, and of people.

    `number` is None for a person whose row names no household.
    """

    number: str | None
    household_rows: tuple[Row, ...]
    person_rows: tuple[Row, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row of the group, those of households first."""
        return self.household_rows + self.person_rows


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A row of a person together with the roles it states."""

    row: Row
    roles: tuple[Role, ...]


def assess(
    group: Group, roles: Sequence[RoleRow], reading: Reading, findings: Findings
) -> HouseholdDraft | None:
    """
    Return the household its rows describe, or None when any fault was noted.

    Holds: all faults of all rows are noted; a returned household has one head and at least one
    member, and somebody who collects.
    """
    if group.number is None:
        for row in group.rows:
            faults_before = len(findings.errors)
            written = findings.text(row, "household_number")
            if written is None and len(findings.errors) == faults_before:
                findings.fault(row, "household_number", "household_number_missing")
    record_ids = _record_ids(group, reading, findings)
    persons = [
        read_person(one.row, reading, findings, record_id=record_id, roles=one.roles)
        for one, record_id in zip(roles, record_ids, strict=True)
    ]
    _check_roles(roles, findings, group)
    area_name, area_pcode = _area(group, reading, findings)
    address = _agreed_text(group, "address", findings, reading)
    facts = _household_facts(group, reading, findings)
    if findings.errors or group.number is None:
        return None
    present = [person for person in persons if person is not None]
    return HouseholdDraft(
        source_record_id=group.number,
        persons=_with_defaults(present),
        rows=len(group.rows),
        address=address,
        area_name=area_name,
        area_pcode=area_pcode,
        facts=facts,
    )


def template_roles(row: Row, findings: Findings) -> tuple[Role, ...]:
    """Return the roles a row of our template states; an empty role is a member."""
    role = findings.choice(row, "role", _TEMPLATE_ROLES, tuple(_TEMPLATE_ROLES))
    collector = findings.choice(row, "collector", _COLLECTORS, tuple(_COLLECTORS))
    roles = (Role.MEMBER,) if role is None else role
    if not roles and collector is None:
        findings.fault(row, "collector", "choice_unknown", allowed=", ".join(_COLLECTORS))
    return roles if collector is None else (*roles, collector)


def _record_ids(group: Group, reading: Reading, findings: Findings) -> list[str]:
    # Ids depend neither on the day nor on other households, so that a file read twice changes
    # nothing.
    number = group.number or ""
    if reading.kind is Kind.REGISTRATIONS_121:
        return [number for _ in group.person_rows]
    ids: list[str] = []
    rows_of: dict[str, list[Row]] = {}
    for at, row in enumerate(group.person_rows, start=1):
        written = findings.text(row, "person_number")
        if written is None and reading.kind is Kind.TEMPLATE:
            findings.fault(row, "person_number", "missing")
        own = written or str(at)
        ids.append(f"{number}/{own}")
        if written is not None:
            rows_of.setdefault(own, []).append(row)
    for rows in rows_of.values():
        if len(rows) > 1:
            numbers = row_numbers(rows)
            for row in rows:
                findings.fault(row, "person_number", "person_number_repeated", rows=numbers)
    return ids


def _check_roles(roles: Sequence[RoleRow], findings: Findings, group: Group) -> None:
    members = [one.row for one in roles if Role.MEMBER in one.roles]
    heads = [one.row for one in roles if Role.HEAD in one.roles]
    if group.number is None:
        return
    if not members:
        findings.fault(group.rows[0], "household_number", "household_without_members")
    if len(heads) > 1:
        numbers = row_numbers(heads)
        for row in heads:
            findings.fault(row, "role", "several_heads", rows=numbers)
    if not heads and len(members) > 1:
        findings.fault(members[0], "role", "no_head")
    for role, word in (
        (Role.PRIMARY_COLLECTOR, "primary collector"),
        (Role.ALTERNATE_COLLECTOR, "alternate collector"),
    ):
        named = [one.row for one in roles if role in one.roles]
        if len(named) > 1:
            numbers = row_numbers(named)
            for row in named:
                findings.fault(row, "collector", "several_collectors", role=word, rows=numbers)


def default_roles(stated: Sequence[tuple[Role, ...]]) -> list[tuple[Role, ...]]:
    """
    Return the roles of a household's people, in order, with what goes without saying.

    A household of one is headed by that one; where no primary collector is named, the head is.
    """
    headless = not any(Role.HEAD in roles and Role.MEMBER in roles for roles in stated)
    named = any(Role.PRIMARY_COLLECTOR in roles for roles in stated)
    finished: list[tuple[Role, ...]] = []
    for roles in stated:
        if headless and Role.MEMBER in roles:
            roles, headless = (Role.HEAD, *roles), False  # noqa: PLW2901
        if not named and Role.HEAD in roles and Role.ALTERNATE_COLLECTOR not in roles:
            roles = (*roles, Role.PRIMARY_COLLECTOR)  # noqa: PLW2901
        finished.append(roles)
    return finished


def _with_defaults(persons: Sequence[PersonDraft]) -> tuple[PersonDraft, ...]:
    roles = default_roles([person.roles for person in persons])
    return tuple(
        person if own == person.roles else person._replace(roles=own)
        for person, own in zip(persons, roles, strict=True)
    )


def _agreed_text(group: Group, name: str, findings: Findings, reading: Reading) -> str | None:
    # Our template repeats what is said of a household on each row, where it must agree; in other
    # kinds the household's own row, and then the first person who says something, decides.
    first: tuple[Row, str] | None = None
    for row in group.rows:
        written = findings.text(row, name)
        if written is None:
            continue
        if first is None:
            first = (row, written)
        elif written != first[1] and reading.kind is Kind.TEMPLATE:
            findings.fault(
                row, name, "household_disagrees", row=str(first[0].number), other=first[1]
            )
    return None if first is None else first[1]


def _area(group: Group, reading: Reading, findings: Findings) -> tuple[str | None, str | None]:
    name = _agreed_text(group, "area_name", findings, reading)
    pcode = _agreed_text(group, "area_pcode", findings, reading)
    if pcode is not None and not PCODE.fullmatch(pcode):
        row = next(row for row in group.rows if findings.text(row, "area_pcode") == pcode)
        findings.fault(row, "area_pcode", "pcode_unreadable")
    if reading.kind is not Kind.HOPE:
        return name, pcode
    for field in _AREA_FIELDS:
        written = _agreed_text(group, field, findings, reading)
        if written is None:
            continue
        if _PCODE_LOOKS.fullmatch(written):
            pcode = pcode or written
        else:
            name = name or written
    return name, pcode


def _household_facts(group: Group, reading: Reading, findings: Findings) -> dict[str, FactValue]:
    agreed: dict[str, FactValue] = {}
    said_in: dict[str, Row] = {}
    for row in group.rows:
        for name, value in read_facts(row, reading.catalogue, Subject.HOUSEHOLD, findings).items():
            if name not in agreed:
                agreed[name] = value
                said_in[name] = row
            elif value != agreed[name] and reading.kind is Kind.TEMPLATE:
                findings.fault(
                    row,
                    name,
                    "household_disagrees",
                    row=str(said_in[name].number),
                    other=str(agreed[name]),
                )
    return agreed
