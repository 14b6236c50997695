"""
Stage a register file and propose taking it in.

The drafts lie sealed in the staging folder under a key of their own until a second person
decides. Source: docs/reference/formats.md, section 9.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import StagingVault
from despensa.domain.proposal import APPROVAL_KEPT_SECONDS, Proposal, Reason
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.records.databases import REGISTRY
from despensa.records.proposals import store as proposals
from despensa.records.registry import store
from despensa.records.staff import queries as staff

ACTION = "import_register"
FileKnown = store.FileKnown


@dataclass(frozen=True, slots=True)
class StagedFile:
    """What the door read: report and drafts as bytes, and what may be said about them."""

    parts: Iterable[bytes]
    file_sha256: bytes
    kind: str
    file_name: str
    counts: Mapping[str, int]
    places: Collection[tuple[str | None, str | None]]
    workspace_area: str


def stage_import(file: StagedFile, *, acting: Acting, staging: StagingVault) -> UUID:
    """
    Return the id of the proposal that waits for a second person.

    Killed before the transaction ends, it leaves a sealed file nobody can name: `doctor` removes
    files without a proposal.
    Raises: FileKnown when the same file waits or was taken in before; OutOfReach when it has
        households where no role of this person reaches.
    """
    if acting.staff is None:
        raise ValueError("a file is staged by a person")
    proposal_id, import_id = acting.new_id(), acting.new_id()
    around = store.area_around(file.places, file.workspace_area)
    reach = staff.reach_of(acting.staff, Permission.PROPOSE_IMPORT, acting.day)
    if not reach.holds(around):
        raise OutOfReach(store.FILE_OUT_OF_REACH)
    proposal = Proposal(
        proposal_id=proposal_id.bytes,
        workspace_id=acting.workspace.bytes,
        action=ACTION,
        creator=acting.staff.bytes,
        created_at=acting.at,
        expires_at=acting.at + APPROVAL_KEPT_SECONDS,
        reason=Reason.NEW_REGISTRATIONS,
        scope=(None, around.bytes, None),
        parameters=(import_id.bytes, file.kind),
        inputs=(file.file_sha256,),
        totals=tuple(sorted(file.counts.items())),
    )
    staging.seal_parts(proposal_id.bytes, file.parts)
    try:
        with transaction.atomic(using=REGISTRY):
            store.add_import(
                register_import=import_id,
                digest=file.file_sha256,
                kind=file.kind,
                file_name=file.file_name,
                counts=file.counts,
                proposal=proposal_id,
                area=around,
                staff=acting.staff,
                now=acting.at,
            )
            proposals.add(proposal, acting=acting)
    except store.FileKnown:
        staging.destroy(proposal_id.bytes, at=acting.at)
        raise
    return proposal_id
