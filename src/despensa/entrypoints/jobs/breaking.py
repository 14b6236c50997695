"""Breaking a list that a lost phone holds: proposed, begun, ended in the ledger, finished."""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.proposal import Mandate, Reason, parse
from despensa.domain.reach import Reach
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.proposals import queries as proposals
from despensa.records.service_points import phone_queries
from despensa.usecases.begin_breaking import ACTION, begin_breaking
from despensa.usecases.break_lease import break_lease
from despensa.usecases.finish_breaking import finish_breaking

__all__ = ["ACTION", "NoSuchList", "carry_out", "propose"]


class NoSuchList(LookupError):
    """There is no such list in reach that a phone holds; the text says so."""


def propose(lease: UUID, *, reach: Reach, acting: Acting) -> UUID:
    """
    Return the proposal to break a list, which waits for a second person.

    Raises: NoSuchList; OutOfReach.
    """
    found = phone_queries.list_out(lease)
    if found is None or not reach.covers(found.programme, found.area):
        raise NoSuchList("No phone holds such a list in reach: nothing was changed.")
    return propose_action(
        ACTION,
        Reason.LEASE_LOST,
        acting=acting,
        scope=(found.programme.bytes, found.area.bytes, None),
        parameters=(
            lease.bytes,
            found.device.bytes,
            found.code,
            found.day.toordinal() - DAY_ZERO,
        ),
    )


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """Break the list of an approved proposal, stage by stage, and return one line about it."""
    begin_breaking(mandate, acting=acting)
    begun_at = proposals.begun_at(UUID(bytes=parse(mandate.canonical).proposal_id))
    if begun_at is None:
        raise LookupError("a proposal that was begun is not noted as begun")
    was_out = break_lease(mandate, begun_at=begun_at, acting=tools.acting(None))
    finish_breaking(mandate, acting=acting)
    return "list broken" if was_out else "the list had ended: nothing was broken"
