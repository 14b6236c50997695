from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.role import (
    EXCLUSIVE,
    PERMISSIONS,
    READS_PEOPLE,
    Permission,
    Role,
    RolesExclusive,
    check_together,
    permissions,
)

PAIRS = sorted(EXCLUSIVE, key=sorted)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " and ".join(sorted(pair)))
def test_an_exclusive_pair_is_refused_by_name(pair):
    with pytest.raises(RolesExclusive) as refused:
        check_together(pair)

    assert all(role in str(refused.value) for role in pair)


@given(st.sets(st.sampled_from(Role)))
def test_roles_are_refused_together_exactly_when_they_hold_an_exclusive_pair(roles):
    exclusive = any(frozenset(pair) in EXCLUSIVE for pair in combinations(roles, 2))

    if exclusive:
        with pytest.raises(RolesExclusive):
            check_together(roles)
    else:
        check_together(roles)


def test_every_exclusive_pair_is_two_roles():
    assert all(len(pair) == 2 and pair <= set(Role) for pair in EXCLUSIVE)


def test_nobody_makes_and_decides_alone():
    """Whoever may propose or run something holds no role that decides it, in any allowed set."""
    makers = {Permission.PROPOSE_IMPORT, Permission.RUN_CYCLES, Permission.ISSUE_CARDS}
    for one, other in combinations(Role, 2):
        held = permissions([one, other])
        if Permission.DECIDE_PROPOSALS in held and held & makers:
            assert frozenset({one, other}) in EXCLUSIVE
    assert all(
        not (Permission.DECIDE_PROPOSALS in held and held & makers) for held in PERMISSIONS.values()
    )


def test_every_role_has_permissions_and_every_permission_a_role():
    assert set(PERMISSIONS) == set(Role)
    assert permissions(Role) == frozenset(Permission)
    assert all(Permission.SEE_TODAY in held for held in PERMISSIONS.values())


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_OFFICER])
def test_who_keeps_the_system_never_reads_people(role):
    assert not PERMISSIONS[role] & READS_PEOPLE
    for other in Role:
        if PERMISSIONS[other] & READS_PEOPLE:
            assert frozenset({role, other}) in EXCLUSIVE


def test_who_reads_people_is_listed_here():
    readers = {role for role in Role if PERMISSIONS[role] & READS_PEOPLE}

    assert readers == {Role.REGISTRAR, Role.GRIEVANCE_OFFICER}


def test_staff_roles_only_merchants_partners_and_devices_come_by_other_doors():
    assert not {"cardholder", "merchant", "partner", "device", "public"} & set(Role)


@given(st.sets(st.sampled_from(Role)), st.sets(st.sampled_from(Role)))
def test_roles_together_allow_what_each_allows(one, other):
    assert permissions(one | other) == permissions(one) | permissions(other)


def test_no_role_allows_nothing():
    assert permissions([]) == frozenset()
