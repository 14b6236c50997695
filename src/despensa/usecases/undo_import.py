"""
Undo an import that was taken in: two people, one transaction, until a cycle that counts it opens.

0 approved, unused, undone before? · 1 imports, cycles and households take turns · 2 what stands in
the way · 3 take back what was added, restore what was updated, journal both. The import's own leaf
stays. Source: docs/explanation/design.md, section 5, Proposals.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.import_undo import (
    ACTION,
    REASONS,
    Obstacle,
    UndoRefused,
    UndoTotals,
    import_of,
)
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.proposal import ApprovalInvalid, Mandate, Reason
from despensa.domain.role import Permission
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.households import file_undo
from despensa.records.registry import store, taken_back
from despensa.records.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Undoable:
    """An import that can be undone: where it lies, its file, and what would be taken back."""

    register_import: UUID
    area: UUID
    file_sha256: bytes
    totals: UndoTotals


def preview_undo(register_import: UUID, reason: Reason | None, *, acting: Acting) -> Undoable:
    """
    Return what undoing an import would take back; nothing is written.

    Raises: UndoRefused, also for an import out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("an undo is proposed by a person")
    if reason is not None and reason not in REASONS:
        raise UndoRefused(Obstacle.REASON_DOES_NOT_FIT)
    file = taken_back.taken_in(register_import)
    reach = staff.reach_of(acting.staff, Permission.PROPOSE_IMPORT, acting.day)
    if file is None or not reach.holds(file.area):
        raise UndoRefused(Obstacle.NO_SUCH_IMPORT)
    _require_free(file)
    return Undoable(
        register_import, file.area, file.file_sha256, taken_back.totals(register_import)
    )


def undo_import(
    mandate: Mandate, *, catalogue_version: int, acting: Acting, vault: PersonVault
) -> UndoTotals:
    """
    Return what was taken back.

    Raises: UndoRefused; AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    with transaction.atomic(using=REGISTRY):
        proposal = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        register_import = import_of(proposal)
        store.lock_register()
        file = taken_back.taken_in(register_import, is_locked=True)
        if file is None:
            raise UndoRefused(Obstacle.NO_SUCH_IMPORT)
        file_undo.lock_cycles(register_import)
        taken_back.lock_households(register_import)
        _require_free(file)
        totals = taken_back.totals(register_import)
        if (proposal.inputs, proposal.totals) != ((file.file_sha256,), totals.named()):
            raise ApprovalInvalid("the proposal names another import")
        act = journal_store.act(REGISTRY, ACTION, acting, proposal=UUID(bytes=proposal.proposal_id))
        file_undo.mark_outdated(register_import, now=acting.at)
        journal_store.append(
            REGISTRY,
            file_undo.restore(
                register_import,
                catalogue_version=catalogue_version,
                act=act,
                acting=acting,
                vault=vault,
            ),
        )
        journal_store.append(
            REGISTRY,
            file_undo.take_back(register_import, act=act, acting=acting, vault=vault),
        )
        taken_back.finish(register_import, now=acting.at)
        rows = journal_rows.updated(
            "register_import", [(register_import.bytes, {"state": taken_back.UNDONE})]
        )
        journal_store.record(
            REGISTRY, ACTION, acting, rows, proposal=UUID(bytes=proposal.proposal_id)
        )
    return totals


def _require_free(file: taken_back.TakenIn) -> None:
    if file.state == taken_back.UNDONE:
        raise UndoRefused(Obstacle.UNDONE_BEFORE)
    if file.state != taken_back.COMMITTED:
        raise UndoRefused(Obstacle.NOT_TAKEN_IN)
    obstacle = file_undo.obstacle(file.id)
    if obstacle is not None:
        raise obstacle
