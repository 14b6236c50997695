"""
Writes of proposals and approvals, inside the use case's transaction.

Only use cases import this.
"""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.proposal import Approval, ApprovalInvalid, Proposal, Reason, proposal_hash
from despensa.records import journal_store
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY

# Actions whose area is their own choice; the others act where their programme does.
_OWN_AREA = frozenset(
    {
        "import_register",
        "add_staff",
        "erase_person",
        "correct_record",
        "add_partner",
        "undo_import",
        "break_lease",
    }
)
WAITING, APPROVED, REFUSED, DONE = 1, 2, 3, 4


class NotWaiting(RuntimeError):
    """The proposal was decided before, or does not exist."""


def add(proposal: Proposal, *, acting: Acting) -> None:
    """
    Record a proposal that waits for a second person, and journal it.

    It may name staff, custodians and recipients, so the journal keeps it closed.
    """
    canonical = proposal.canonical()
    proposal_id = UUID(bytes=proposal.proposal_id)
    execute(
        REGISTRY,
        """INSERT INTO proposal
           (id, action, canonical, hash, creator, programme, area, state, created_at, expires_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            proposal_id,
            proposal.action,
            canonical,
            proposal_hash(canonical),
            UUID(bytes=proposal.creator),
            *place_of(proposal),
            WAITING,
            proposal.created_at,
            proposal.expires_at,
        ),
    )
    journal_store.record_closed(
        REGISTRY,
        "propose",
        acting,
        "proposal",
        [(proposal.proposal_id, {"canonical": canonical})],
        proposal=proposal_id,
    )


def place_of(proposal: Proposal) -> tuple[UUID | None, UUID | None]:
    """
    Return the programme and the area a proposal acts in, None for all of either.

    A cycle stands for its programme; what is unknown here is nobody's but who reaches everything.
    """
    programme, area, cycle = (None if one is None else UUID(bytes=one) for one in proposal.scope)
    # of an upheld appeal: where the household lives
    if proposal.action in _OWN_AREA or proposal.reason is Reason.APPEAL_UPHELD:
        return programme, area
    rows = fetch(
        REGISTRY,
        """SELECT programme.id, programme.area_id FROM programme
           WHERE programme.id = coalesce(
               (SELECT programme_id FROM cycle WHERE id = %s::uuid), %s::uuid)""",
        (cycle, programme),
    )
    return rows[0] if rows else (None, None)


def lock_approved(proposal: Proposal, signed: bytes, *, is_begun: bool) -> None:
    """
    Refuse to carry out what the books do not hold as approved, in exactly this content.

    What was begun may be done already: its stages change nothing when they are repeated.

    Locks: the proposal's row.
    Raises: AlreadyUsed; ApprovalInvalid.
    """
    rows = fetch(
        REGISTRY,
        """SELECT proposal.state, proposal.canonical, approval.signed
           FROM proposal JOIN approval ON approval.proposal_id = proposal.id
           WHERE proposal.id = %s FOR UPDATE OF proposal""",
        (UUID(bytes=proposal.proposal_id),),
    )
    if not rows:
        raise ApprovalInvalid("the proposal is not approved")
    state, canonical, recorded = rows[0]
    if state == DONE and not is_begun:
        raise journal_store.AlreadyUsed("This proposal was carried out before.")
    if (
        state not in {APPROVED, DONE}
        or bytes(canonical) != proposal.canonical()
        or bytes(recorded) != signed
    ):
        raise ApprovalInvalid("the proposal is not approved in this content")


def lock_waiting(proposal: UUID) -> bytes:
    """
    Return the canonical bytes of a waiting proposal.

    Locks: the proposal's row.
    Raises: NotWaiting.
    """
    rows = fetch(
        REGISTRY, "SELECT canonical, state FROM proposal WHERE id = %s FOR UPDATE", (proposal,)
    )
    if not rows or rows[0][1] != WAITING:
        raise NotWaiting("This proposal was decided before.")
    return bytes(rows[0][0])


def approve(proposal: UUID, creator: UUID, approval: Approval, signed: bytes) -> None:
    """Record the second person's agreement; the database refuses the creator's own."""
    execute(
        REGISTRY,
        """INSERT INTO approval (proposal_id, creator, approver, kind, approved_at, signed)
           VALUES (%s, %s, %s, %s, %s, %s)""",
        (
            proposal,
            creator,
            UUID(bytes=approval.approver),
            int(approval.kind),
            approval.at,
            signed,
        ),
    )
    _set_state(proposal, APPROVED)


def refuse(proposal: UUID, *, by: UUID, reason: str, now: int) -> None:
    """Close a proposal without doing it; who did, when and why stays with it."""
    execute(
        REGISTRY,
        """UPDATE proposal SET state = %s, refused_by = %s, refused_at = %s, refusal_reason = %s
           WHERE id = %s""",
        (REFUSED, by, now, reason, proposal),
    )


def expire(now: int) -> list[UUID]:
    """
    Close proposals whose time is over and return them; one that was begun in time stays.

    Shape: ids in order.
    """
    rows = fetch(
        REGISTRY,
        """UPDATE proposal SET state = %s, refused_at = %s
           WHERE state IN (%s, %s) AND expires_at <= %s
             AND NOT EXISTS (SELECT 1 FROM proposal_use WHERE proposal = proposal.id)
           RETURNING id""",
        (REFUSED, now, WAITING, APPROVED, now),
    )
    return sorted(proposal for (proposal,) in rows)


def finish(proposal: UUID) -> None:
    """Mark an approved proposal as carried out."""
    _set_state(proposal, DONE)


def _set_state(proposal: UUID, state: int) -> None:
    execute(REGISTRY, "UPDATE proposal SET state = %s WHERE id = %s", (state, proposal))
