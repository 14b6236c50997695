"""
Publish for how many households a person, and an institution, may collect in a programme.

The limits stand in a public leaf: whoever is refused as a collector can check them.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.role import Permission
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households import store
from despensa.records.programmes import queries as programmes
from despensa.records.staff import queries as staff

ACTION = "set_collector_limits"


def set_collector_limits(programme: UUID, *, person: int, institution: int, acting: Acting) -> None:
    """
    Write and announce the limits; what is collected already goes on.

    Raises: ValueError when nobody could collect; OutOfReach.
    """
    if person < 1 or institution < 1:
        raise ValueError("Both limits are at least 1.")
    with transaction.atomic(using=REGISTRY):
        if acting.staff is not None:
            reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
            reach.require(programme, programmes.programme_area(programme))
        store.set_limit(programme, person=person, institution=institution)
        body = {0: programme.bytes, 1: person, 2: institution}
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.COLLECTOR_LIMIT, body)
