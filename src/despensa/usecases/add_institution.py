"""Add an institution whose named office may collect: a shelter, an orphanage, a hospital."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.role import Permission
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households import store
from despensa.records.staff import queries as staff

ACTION = "add_institution"


def add_institution(
    *, kind: int, names: Mapping[str, str], office: Mapping[str, str], area: UUID, acting: Acting
) -> UUID:
    """
    Return the id of the new institution; `office` names who acts for it, never a person.

    Raises: OutOfReach.
    """
    institution = acting.new_id()
    with transaction.atomic(using=REGISTRY):
        if acting.staff is not None:
            reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
            reach.require(None, area)
        store.add_institution(institution, kind=kind, names=names, office=office, area=area)
        rows = journal_rows.inserted(
            "institution",
            [
                (
                    institution.bytes,
                    {
                        "kind": kind,
                        "names": dict(names),
                        "office": dict(office),
                        "area_id": area.bytes,
                    },
                )
            ],
        )
        journal_store.record(REGISTRY, ACTION, acting, rows)
    return institution
