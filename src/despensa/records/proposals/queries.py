"""Reads of proposals for doors."""

from dataclasses import dataclass
from uuid import UUID

from despensa.domain.proposal import parse
from despensa.domain.reach import Reach
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.keyset import Turn, newest_first, page_sql
from despensa.records.within import within

WAITING, APPROVED, REFUSED, DONE = 1, 2, 3, 4
_PLACE = ("proposal.programme", "proposal.area")


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal with its approval, if any."""

    id: UUID
    action: str
    canonical: bytes
    hash: bytes
    creator: UUID
    programme: UUID | None
    area: UUID | None
    state: int
    created_at: int
    expires_at: int
    approver: UUID | None
    approval_kind: int | None
    approved_at: int | None
    signed: bytes | None
    refused_by: UUID | None
    refused_at: int | None
    refusal_reason: str


_PROPOSAL = """
    SELECT proposal.id, proposal.action, proposal.canonical, proposal.hash, proposal.creator,
           proposal.programme, proposal.area, proposal.state, proposal.created_at, proposal.expires_at, approval.approver,
           approval.kind, approval.approved_at, approval.signed, proposal.refused_by,
           proposal.refused_at, proposal.refusal_reason
    FROM proposal LEFT JOIN approval ON approval.proposal_id = proposal.id
"""


def proposal(proposal_id: UUID) -> ProposalView | None:
    """Return one proposal, or None."""
    rows = fetch(REGISTRY, f"{_PROPOSAL} WHERE proposal.id = %s", (proposal_id,))
    return _view(rows[0]) if rows else None


def begun_at(proposal_id: UUID) -> int | None:
    """Return when the registry began to carry a proposal out, or None."""
    rows = fetch(REGISTRY, "SELECT used_at FROM proposal_use WHERE proposal = %s", (proposal_id,))
    return rows[0][0] if rows else None


def any_carried_out() -> bool:
    """Return whether any proposal was ever carried out here."""
    return bool(fetch(REGISTRY, "SELECT 1 FROM proposal WHERE state = 4 LIMIT 1"))


def waiting(
    limit: int | None = 50, *, reach: Reach | None = None, turn: Turn | None = None
) -> list[ProposalView]:
    """
    Return proposals that wait, newest first, of the page that begins at `turn`.

    With a reach only those it covers; without a limit all of them.
    """
    return _page("proposal.state = 1", limit, reach, turn)


def count_waiting(reach: Reach, *, not_by: UUID, now: int) -> int:
    """Return how many unexpired proposals in reach wait for somebody else than this person."""
    covered, values = within(reach, *_PLACE)
    [(found,)] = fetch(
        REGISTRY,
        f"""SELECT count(*) FROM proposal
            WHERE state = 1 AND creator <> %s AND expires_at > %s AND {covered}""",
        (not_by, now, *values),
    )
    return int(found)


def finished(
    limit: int = 50, *, reach: Reach | None = None, turn: Turn | None = None
) -> list[ProposalView]:
    """
    Return decided proposals, newest first, of the page that begins at `turn`.

    With a reach only those it covers.
    """
    return _page("proposal.state <> 1", limit, reach, turn)


def _page(
    which: str, limit: int | None, reach: Reach | None, turn: Turn | None
) -> list[ProposalView]:
    covered, values = within(reach, *_PLACE)
    page, keys, order = page_sql("proposal.created_at", "proposal.id", turn)
    rows = fetch(
        REGISTRY,
        f"{_PROPOSAL} WHERE {which} AND {covered} AND {page} ORDER BY {order} LIMIT %s",
        (*values, *keys, limit),
    )
    return newest_first([_view(row) for row in rows], turn)


def approved() -> list[ProposalView]:
    """Return proposals that were approved and not carried out, oldest first."""
    rows = fetch(REGISTRY, f"{_PROPOSAL} WHERE proposal.state = 2 ORDER BY created_at")
    return [_view(row) for row in rows]


def opening_of(cycle: UUID) -> ProposalView | None:
    """Return the proposal under which a cycle was opened, or None."""
    return _named(cycle, "open_cycle", "proposal.state = 4")


def withdrawal_of(cycle: UUID) -> ProposalView | None:
    """Return the proposal under which a cycle or the root it completes was withdrawn, or None."""
    used = "EXISTS (SELECT 1 FROM proposal_use used WHERE used.proposal = proposal.id)"
    own = _named(cycle, "withdraw_cycle", used)
    if own is not None:
        return own
    roots = fetch(REGISTRY, "SELECT root_cycle FROM cycle WHERE id = %s", (cycle,))
    return _named(roots[0][0], "withdraw_cycle", used) if roots else None


def _named(cycle: UUID, action: str, which: str) -> ProposalView | None:
    """Return the oldest proposal of an action to a cycle of which `which` is true, or None."""
    rows = fetch(
        REGISTRY,
        f"{_PROPOSAL} WHERE proposal.action = %s AND {which}"
        " AND position(%s::bytea IN proposal.canonical) > 0 ORDER BY created_at",
        (action, cycle.bytes),
    )
    found = [_view(row) for row in rows]
    return next((one for one in found if parse(one.canonical).scope[2] == cycle.bytes), None)


def _view(row: tuple) -> ProposalView:
    values = list(row)
    for at in (2, 3, 13):
        values[at] = None if values[at] is None else bytes(values[at])
    return ProposalView(*values)
