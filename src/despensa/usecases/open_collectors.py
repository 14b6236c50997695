"""
The look at the names of who collects, before they are sealed into a point's list.

1 the access entry of each of them, in one transaction with the journal's. The keeper opens nobody
whom it does not name. Source: docs/explanation/design.md, sections 5 and 7.6.
"""

from collections.abc import Collection

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Access, Purpose
from despensa.domain.sealing import Column
from despensa.records.databases import REGISTRY
from despensa.records.registry import store


def open_collectors(people: Collection[bytes], *, acting: Acting) -> Access:
    """Return the look at these people's full names, as it was written down."""
    assert acting.staff is not None, "names are put on a list by a person"
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.PREPARE_LEASE,
        persons=tuple(sorted(people)),
        fields=(Column.FULL_NAME,),
    )
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    return access
