"""
Submissions of a form become households: KoboToolbox, ODK Central and OpenRosa alike.

A submission is one household; a repeat group in it holds its people, or, where a form has no such
group, the submission is a household of one. Source: docs/reference/register-files.md.
"""

from collections.abc import Sequence

from despensa.domain.registration import cell
from despensa.domain.registration.cell import CellFault
from despensa.domain.registration.draft import Role
from despensa.domain.registration.household import Group, RoleRow, template_roles
from despensa.domain.registration.question import submission_id
from despensa.domain.registration.row import Findings, Row, row_numbers

_NOT_APPROVED = frozenset({"rejected", "validation_status_not_approved"})
_CONSENT_NO = frozenset({"no", "false", "0", "non", "nao", "não", "لا"})
_HEADS = frozenset(
    {"head", "head_of_household", "hoh", "self", "jefe", "jefa", "jefatura", "jefe_de_hogar"}
    | {"jefa_de_hogar", "chef", "chef_de_menage", "chefe", "chefe_de_familia", "رب_الأسرة"}
)


def household_number(row: Row) -> str | None:
    """Return the submission a row belongs to, or None when it names none."""
    named = row.values.get("household_number")
    try:
        written = cell.text(named[1]) if named else None
    except CellFault:
        return None
    return submission_id(written) if written else None


def translate(
    group: Group, sheets: tuple[str, ...], findings: Findings
) -> tuple[Group, list[RoleRow]]:
    """Return the group and the roles of its people; notes what stands against a submission."""
    submissions = group.household_rows or group.person_rows
    for row in submissions:
        if (findings.text(row, "form_consent") or "").casefold() in _CONSENT_NO:
            findings.fault(row, "form_consent", "consent_no")
        if (findings.text(row, "form_status") or "").casefold() in _NOT_APPROVED:
            findings.fault(row, "form_status", "submission_not_approved")
    alone = len(sheets) == 1
    if len(submissions) > 1 and (alone or group.household_rows):
        rows = row_numbers(submissions)
        for row in submissions:
            findings.fault(row, "household_number", "household_repeated", rows=rows)
    if not alone and not group.household_rows and group.number is not None:
        for row in group.person_rows:
            findings.fault(
                row,
                "household_number",
                "member_without_household",
                household=group.number,
                sheet=sheets[0],
            )
    return group, stated_roles(group.person_rows, findings)


def stated_roles(rows: Sequence[Row], findings: Findings) -> list[RoleRow]:
    """
    Return the roles people's rows state, by role or by relationship to the head.

    Where a file asks for neither, the person written first is taken for the head, and that is said.
    """
    if rows and not {"role", "relationship"} & set(rows[0].headings):
        if len(rows) > 1:
            findings.omit(rows[0], "household_number", "first_is_head")
        return [
            RoleRow(row, (Role.HEAD, Role.MEMBER) if at == 0 else (Role.MEMBER,))
            for at, row in enumerate(rows)
        ]
    return [RoleRow(row, with_relationship(row, findings)) for row in rows]


def with_relationship(row: Row, findings: Findings) -> tuple[Role, ...]:
    """Return the roles a row states by role and collector, or by being the head's own row."""
    roles = template_roles(row, findings)
    said = (findings.text(row, "relationship") or "").casefold().replace(" ", "_")
    if said in _HEADS and Role.HEAD not in roles:
        return (Role.HEAD, *roles) if Role.MEMBER in roles else (Role.HEAD, Role.MEMBER, *roles)
    return roles
