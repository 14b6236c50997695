"""Undoing an import: proposed by one person, carried out once a second one approved."""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.import_undo import ACTION
from despensa.domain.proposal import Mandate, Reason
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.catalogue.queries import in_force
from despensa.usecases.undo_import import preview_undo, undo_import


def propose(register_import: UUID, reason: Reason, *, acting: Acting) -> UUID:
    """
    Return the proposal that now waits for a second person.

    Raises: UndoRefused; OutOfReach.
    """
    found = preview_undo(register_import, reason, acting=acting)
    return propose_action(
        ACTION,
        reason,
        acting=acting,
        scope=(None, found.area.bytes, None),
        parameters=(register_import.bytes,),
        inputs=(found.file_sha256,),
        totals=found.totals.named(),
    )


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """Undo an import and return one line about it. Raises: UndoRefused; AlreadyUsed."""
    totals = undo_import(
        mandate,
        catalogue_version=in_force().version,
        acting=acting,
        vault=tools.keeper.vault,
    )
    return (
        f"{totals.households} households with {totals.people} people taken back, "
        f"{totals.updated_households} households restored"
    )
