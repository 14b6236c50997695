"""Propose taking a boundary table in that changes areas; its places lie sealed until decided."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import StagingVault
from despensa.domain.proposal import APPROVAL_KEPT_SECONDS, Proposal, Reason
from despensa.domain.registration.gazetteer import Place, plan_areas
from despensa.records import mandates
from despensa.records.databases import REGISTRY
from despensa.records.proposals import store as proposals
from despensa.records.registry import area_store

ACTION = "import_areas"


def stage_areas(
    places: Sequence[Place],
    content: bytes,
    *,
    root_codes: Sequence[str],
    digest: bytes,
    acting: Acting,
    staging: StagingVault,
) -> UUID:
    """
    Return the id of the proposal that waits for a second person; `content` is the places' bytes.

    Killed before the transaction ends, it leaves a sealed file nobody can name: `doctor` removes
    files without a proposal.
    Raises: OutOfReach; GazetteerError for another country's table.
    """
    if acting.staff is None:
        raise ValueError("a table is proposed by a person")
    plan = plan_areas(
        places, area_store.known(), root=area_store.root_pcode(), root_codes=root_codes
    )
    proposal_id = acting.new_id()
    proposal = Proposal(
        proposal_id=proposal_id.bytes,
        workspace_id=acting.workspace.bytes,
        action=ACTION,
        creator=acting.staff.bytes,
        created_at=acting.at,
        expires_at=acting.at + APPROVAL_KEPT_SECONDS,
        reason=Reason.AREA_TABLE,
        parameters=(),
        inputs=(digest,),
        totals=(("added", len(plan.added)), ("changed", len(plan.changed))),
    )
    mandates.require_proposer(proposal, acting=acting)
    staging.seal(proposal_id.bytes, content)
    with transaction.atomic(using=REGISTRY):
        proposals.add(proposal, acting=acting)
    return proposal_id
