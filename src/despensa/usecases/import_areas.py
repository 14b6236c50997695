"""
Take the areas of a boundary table in: new ones at once, changes of known ones when approved.

Where an area lies decides whose work reaches it, so that nobody moves or renames one alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.domain.reach import OutOfReach
from despensa.domain.registration.gazetteer import AreaPlan, Place, plan_areas
from despensa.domain.role import Permission
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.registry import area_store, store
from despensa.records.staff import queries as staff

ACTION = "import_areas"


class AreasWouldChange(PermissionError):
    """The table changes areas that are there: a second person must approve."""


@dataclass(frozen=True, slots=True)
class AreasImported:
    """How many areas a table added, changed, and left as they were."""

    added: int
    changed: int
    unchanged: int


def import_areas(
    places: Sequence[Place],
    *,
    root_codes: Sequence[str],
    digest: bytes,
    mandate: Mandate | None,
    acting: Acting,
) -> AreasImported:
    """
    Return what the table did; the same table again does nothing and leaves no trace.

    Locks: the register's turn, so that two tables, or a table and an import, come one by one.
    Raises: AreasWouldChange without mandate; OutOfReach; GazetteerError for another country's
        table; AlreadyUsed, ApprovalInvalid when the approval is about something else.
    """
    with transaction.atomic(using=REGISTRY):
        store.lock_register()
        known = area_store.known()
        plan = plan_areas(places, known, root=area_store.root_pcode(), root_codes=root_codes)
        proposal = None
        if mandate is None:
            _require_alone(plan, acting)
        else:
            approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
            totals = (("added", len(plan.added)), ("changed", len(plan.changed)))
            if (approved.inputs, approved.totals) != ((digest,), totals):
                raise ApprovalInvalid(
                    "the areas have changed since this table was proposed; import it again"
                )
            proposal = UUID(bytes=approved.proposal_id)
        if mandate is not None or plan.added:
            rows = _write(plan, acting)
            journal_store.record(REGISTRY, ACTION, acting, rows, proposal=proposal)
    return AreasImported(len(plan.added), len(plan.changed), plan.unchanged)


def _require_alone(plan: AreaPlan, acting: Acting) -> None:
    if acting.staff is None:
        raise ValueError("areas are imported by a person")
    reach = staff.reach_of(acting.staff, Permission.PROPOSE_IMPORT, acting.day)
    if not reach.is_everything:
        raise OutOfReach(
            "Areas are imported for the whole workspace, and your role is for a part of it: ask "
            "somebody whose role is for all of it."
        )
    if plan.changed:
        raise AreasWouldChange(
            f"{len(plan.changed)} areas that are there would change: a second person must approve."
        )


def _write(plan: AreaPlan, acting: Acting) -> list[bytes]:
    ids: dict[str, UUID] = dict(store.areas_by_pcode())
    added = []
    for place in plan.added:
        ids[place.pcode] = acting.new_id()
        added.append(_row(place, ids))
    store.add_areas(added)
    changed = [_row(place, ids) for place in plan.changed]
    return [*store.area_journal(added), *area_store.change(changed)]


def _row(place: Place, ids: Mapping[str, UUID]) -> store.AreaRow:
    parent = None if place.parent is None else ids[place.parent]
    return store.AreaRow(ids[place.pcode], parent, place.pcode, place.level, place.names)
