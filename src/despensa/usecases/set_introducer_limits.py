"""
Publish for how many households a person, and a named office, may vouch at a time in an area.

The limits stand in a public leaf: an introducer who is refused can check them.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.enrolment.introducer import LIMIT_MAX, Limits
from despensa.domain.role import Permission
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.enrolment import store
from despensa.records.staff import queries as staff

ACTION = "set_introducer_limits"


class LimitsWrong(ValueError):
    """The limits let nobody vouch, or everybody."""


def set_introducer_limits(area: UUID, limits: Limits, *, acting: Acting) -> None:
    """
    Write and announce the limits of an area with all that lies in it; what was vouched for stays.

    Raises: LimitsWrong; OutOfReach.
    """
    if not all(1 <= one <= LIMIT_MAX for one in (limits.person, limits.office)):
        raise LimitsWrong(f"Both limits lie between 1 and {LIMIT_MAX}.")
    with transaction.atomic(using=REGISTRY):
        if acting.staff is not None:
            reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
            reach.require(None, area)
        store.set_limits(area, person=limits.person, office=limits.office)
        body = {0: area.bytes, 1: limits.person, 2: limits.office}
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.INTRODUCER_LIMIT, body)
