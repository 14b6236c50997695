"""
Writes of proposals and approvals, inside the use case's transaction.

Only use cases import this.
"""

from uuid import UUID

from despensa.domain.proposal import Approval, Proposal, proposal_hash
from despensa.records import journal_rows
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY

WAITING, APPROVED, REFUSED, DONE = 1, 2, 3, 4


class NotWaiting(RuntimeError):
    """The proposal was decided before, or does not exist."""


def add(proposal: Proposal) -> None:
    """Record a proposal that waits for a second person."""
    canonical = proposal.canonical()
    execute(
        REGISTRY,
        """INSERT INTO proposal
           (id, action, canonical, hash, creator, state, created_at, expires_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            UUID(bytes=proposal.proposal_id),
            proposal.action,
            canonical,
            proposal_hash(canonical),
            UUID(bytes=proposal.creator),
            WAITING,
            proposal.created_at,
            proposal.expires_at,
        ),
    )


def journal_of(proposal: Proposal) -> list[bytes]:
    """Return the journal row of a new proposal."""
    return journal_rows.inserted(
        "proposal", [(proposal.proposal_id, {"canonical": proposal.canonical()})]
    )


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


def refuse(proposal: UUID) -> None:
    """Close a proposal without doing it."""
    _set_state(proposal, REFUSED)


def expire(now: int) -> list[UUID]:
    """
    Close proposals whose time is over and return them; one that was begun in time stays.

    Shape: ids in order.
    """
    rows = fetch(
        REGISTRY,
        """UPDATE proposal SET state = %s WHERE state IN (%s, %s) AND expires_at <= %s
             AND NOT EXISTS (SELECT 1 FROM proposal_use WHERE proposal = proposal.id)
           RETURNING id""",
        (REFUSED, WAITING, APPROVED, now),
    )
    return sorted(proposal for (proposal,) in rows)


def finish(proposal: UUID) -> None:
    """Mark an approved proposal as carried out."""
    _set_state(proposal, DONE)


def _set_state(proposal: UUID, state: int) -> None:
    execute(REGISTRY, "UPDATE proposal SET state = %s WHERE id = %s", (state, proposal))
