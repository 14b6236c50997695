"""
Publish for how many households somebody may collect in a programme, and whether a name is asked.

Both stand in a public leaf: whoever is refused as a collector can check them.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.lease import CollectorCheckKind
from despensa.domain.role import Permission
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households import store
from despensa.records.programmes import queries as programmes
from despensa.records.staff import queries as staff

ACTION = "set_collector_limits"


OFFERED = (CollectorCheckKind.NONE, CollectorCheckKind.NAME)


def set_collector_limits(
    programme: UUID,
    *,
    person: int,
    institution: int,
    acting: Acting,
    check: CollectorCheckKind = CollectorCheckKind.NONE,
) -> None:
    """
    Write and announce the limits and the check; what is collected already goes on.

    Lists prepared from now on carry the check. Raises: ValueError when nobody could collect, or for
    a check of PINs, which nobody has; OutOfReach.
    """
    if person < 1 or institution < 1:
        raise ValueError("Both limits are at least 1.")
    if check not in OFFERED:
        raise ValueError("Collectors have no PIN: choose that names are asked for, or nothing.")
    with transaction.atomic(using=REGISTRY):
        if acting.staff is not None:
            reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
            reach.require(programme, programmes.programme_area(programme))
        store.set_limit(programme, person=person, institution=institution, confirmed_by=check)
        body = {0: programme.bytes, 1: person, 2: institution, 3: int(check)}
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.COLLECTOR_LIMIT, body)
