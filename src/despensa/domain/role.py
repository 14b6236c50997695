"""
Roles and what each may do: data, tested cell by cell against the doors.

A door names one permission; whoever holds no role with it is refused. Pairs of roles that one
person may not hold together are data as well.
Source: docs/explanation/design.md, section 9.
"""

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """What a door may ask for."""

    SEE_TODAY = "see_today"
    READ_HOUSEHOLDS = "read_households"
    CHANGE_HOUSEHOLDS = "change_households"
    PROPOSE_IMPORT = "propose_import"
    SEE_PROPOSALS = "see_proposals"
    DECIDE_PROPOSALS = "decide_proposals"
    SEE_CYCLES = "see_cycles"
    RUN_CYCLES = "run_cycles"
    SEE_CARDS = "see_cards"
    ISSUE_CARDS = "issue_cards"
    HAND_OVER_CARDS = "hand_over_cards"
    SEE_DESK = "see_desk"
    ENROL_HOUSEHOLDS = "enrol_households"
    BRING_APPEALS = "bring_appeals"
    ANSWER_APPEALS = "answer_appeals"
    SEE_LEDGER = "see_ledger"
    RUN_PAYMENTS = "run_payments"
    DECIDE_PAYMENTS = "decide_payments"
    SEE_LOG = "see_log"
    RUN_POINT = "run_point"
    MANAGE_PHONES = "manage_phones"
    SEE_STOCK = "see_stock"
    KEEP_STOCK = "keep_stock"
    SEE_CASES = "see_cases"
    JUDGE_CASES = "judge_cases"
    SEE_PARTNERS = "see_partners"
    MANAGE_PARTNERS = "manage_partners"
    TAKE_RELEASES = "take_releases"
    MANAGE_STAFF = "manage_staff"
    MANAGE_WORKSPACE = "manage_workspace"


class Role(StrEnum):
    """The roles staff may hold."""

    FIELD_OPERATOR = "field_operator"
    POINT_LEAD = "point_lead"
    REGISTRAR = "registrar"
    APPROVER = "approver"
    PROGRAMME_MANAGER = "programme_manager"
    FINANCE_MAKER = "finance_maker"
    FINANCE_CHECKER = "finance_checker"
    GRIEVANCE_OFFICER = "grievance_officer"
    AUDITOR = "auditor"
    SECURITY_OFFICER = "security_officer"
    SYSTEM_ADMINISTRATOR = "system_administrator"


_P, _R = Permission, Role

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    _R.FIELD_OPERATOR: frozenset(
        {_P.SEE_TODAY, _P.RUN_POINT, _P.SEE_STOCK, _P.KEEP_STOCK}
    ),
    _R.POINT_LEAD: frozenset(
        {
            _P.SEE_TODAY, _P.SEE_CYCLES, _P.RUN_POINT, _P.MANAGE_PHONES, _P.SEE_STOCK,
            _P.KEEP_STOCK,
        }
    ),
    _R.REGISTRAR: frozenset(
        {
            _P.SEE_TODAY, _P.READ_HOUSEHOLDS, _P.PROPOSE_IMPORT, _P.SEE_PROPOSALS, _P.SEE_CYCLES,
            _P.SEE_CARDS, _P.HAND_OVER_CARDS, _P.SEE_LOG, _P.CHANGE_HOUSEHOLDS, _P.SEE_DESK,
            _P.ENROL_HOUSEHOLDS, _P.SEE_PARTNERS, _P.BRING_APPEALS,
        }
    ),
    _R.APPROVER: frozenset(
        {
            _P.SEE_TODAY, _P.SEE_PROPOSALS, _P.DECIDE_PROPOSALS, _P.SEE_CYCLES, _P.SEE_CARDS,
            _P.SEE_LEDGER, _P.SEE_LOG, _P.SEE_PARTNERS, _P.SEE_CASES, _P.JUDGE_CASES,
        }
    ),
    _R.PROGRAMME_MANAGER: frozenset(
        {
            _P.SEE_TODAY, _P.SEE_PROPOSALS, _P.SEE_CYCLES, _P.RUN_CYCLES, _P.SEE_CARDS,
            _P.ISSUE_CARDS, _P.SEE_LEDGER, _P.SEE_LOG, _P.SEE_DESK,
            _P.SEE_PARTNERS, _P.MANAGE_PARTNERS, _P.TAKE_RELEASES, _P.SEE_STOCK,
            _P.SEE_CASES, _P.JUDGE_CASES,
        }
    ),
    _R.FINANCE_MAKER: frozenset(
        {_P.SEE_TODAY, _P.SEE_CYCLES, _P.SEE_LEDGER, _P.SEE_LOG, _P.RUN_PAYMENTS}
    ),
    _R.FINANCE_CHECKER: frozenset(
        {_P.SEE_TODAY, _P.SEE_CYCLES, _P.SEE_LEDGER, _P.SEE_LOG, _P.DECIDE_PAYMENTS}
    ),
    _R.GRIEVANCE_OFFICER: frozenset(
        {
            _P.SEE_TODAY, _P.READ_HOUSEHOLDS, _P.SEE_CYCLES, _P.BRING_APPEALS, _P.ANSWER_APPEALS,
        }
    ),
    _R.AUDITOR: frozenset(
        {
            _P.SEE_TODAY, _P.SEE_PROPOSALS, _P.SEE_CYCLES, _P.SEE_CARDS, _P.SEE_LEDGER,
            _P.SEE_LOG, _P.SEE_PARTNERS, _P.TAKE_RELEASES, _P.SEE_STOCK, _P.SEE_CASES,
        }
    ),
    _R.SECURITY_OFFICER: frozenset(
        {
            _P.SEE_TODAY, _P.SEE_LOG, _P.MANAGE_STAFF, _P.SEE_PARTNERS, _P.MANAGE_PARTNERS,
            _P.MANAGE_PHONES, _P.SEE_CASES, _P.JUDGE_CASES,
        }
    ),
    _R.SYSTEM_ADMINISTRATOR: frozenset({_P.SEE_TODAY, _P.SEE_LOG, _P.MANAGE_WORKSPACE}),
}  # fmt: skip

READS_PEOPLE = frozenset({Permission.READ_HOUSEHOLDS, Permission.CHANGE_HOUSEHOLDS})

EXCLUSIVE: frozenset[frozenset[Role]] = frozenset(
    {
        frozenset({_R.REGISTRAR, _R.APPROVER}),
        frozenset({_R.PROGRAMME_MANAGER, _R.APPROVER}),
        frozenset({_R.FINANCE_MAKER, _R.FINANCE_CHECKER}),
        frozenset({_R.PROGRAMME_MANAGER, _R.FINANCE_MAKER}),
        frozenset({_R.SECURITY_OFFICER, _R.REGISTRAR}),
        frozenset({_R.SECURITY_OFFICER, _R.GRIEVANCE_OFFICER}),
        frozenset({_R.SYSTEM_ADMINISTRATOR, _R.REGISTRAR}),
        frozenset({_R.SYSTEM_ADMINISTRATOR, _R.GRIEVANCE_OFFICER}),
        frozenset({_R.AUDITOR, _R.REGISTRAR}),
        frozenset({_R.AUDITOR, _R.APPROVER}),
        frozenset({_R.AUDITOR, _R.PROGRAMME_MANAGER}),
    }
)


class RolesExclusive(ValueError):
    """One person may not hold both roles."""


def permissions(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return everything the roles together allow."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


def roles_with(permission: Permission) -> list[Role]:
    """Return the roles that have a permission."""
    return [role for role in Role if permission in PERMISSIONS[role]]


def check_together(roles: Iterable[Role]) -> None:
    """
    Refuse a set of roles that holds an exclusive pair.

    Raises: RolesExclusive naming the pair.
    """
    held = frozenset(roles)
    for pair in EXCLUSIVE:
        if pair <= held:
            first, second = sorted(pair)
            raise RolesExclusive(f"{first} and {second} must be two people")
