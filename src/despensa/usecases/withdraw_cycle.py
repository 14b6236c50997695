"""
Withdraw a decided cycle that has not begun to open: two people say that nothing of it is given.

0 withdrawn before under this proposal? · 1 the cycle, and what was drafted to complete it, held still ·
2 is it decided as it was approved, and does no appeal against it wait · 3 what it decided and gives is
deleted, which releases the guard against a second benefit; the log says so. Its frozen facts are
destroyed by the round that follows (`destroy_frozen_facts`), and the programme may draft anew.
Source: docs/decisions/0037-withdrawn-cycles.md.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import ApprovalInvalid, Mandate, Proposal
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.children import withdrawal_store as store
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries as appeals
from despensa.records.programmes import queries

ACTION = "withdraw_cycle"
WrongState = store.WrongState


class AppealWaits(RuntimeError):
    """An appeal against a decision of the cycle waits for its answer, which comes first."""


def withdraw_cycle(mandate: Mandate, *, acting: Acting) -> int:
    """
    Return how many households had been decided.

    Raises: WrongState when it is not decided, began to open, follows from an appeal, or is a
        recovery that was settled; AppealWaits; AlreadyUsed; ApprovalInvalid when it was decided
        otherwise than the proposal says.
    """
    with transaction.atomic(using=REGISTRY):
        approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        if approved.scope[2] is None:
            raise ApprovalInvalid("the proposal names no cycle")
        cycle = UUID(bytes=approved.scope[2])
        family = store.lock_family(cycle)
        households = _require_as_approved(cycle, approved)
        if appeals.with_open_appeals(family):
            raise AppealWaits(
                "An appeal against a decision of this cycle waits for its answer: answer it first. "
                "Nothing was changed."
            )
        gone = store.withdraw(family)
        rows = journal_rows.updated("cycle", [(one.bytes, {"state": 0}) for one in family])
        for table, count in gone:
            rows += journal_rows.deleted(table, [(cycle.bytes, {"count": count})])
        proposal = UUID(bytes=approved.proposal_id)
        journal_store.record(REGISTRY, ACTION, acting, rows, proposal=proposal)
        for one in family:
            body = {0: one.bytes, 1: acting.at}
            journal_store.announce(
                REGISTRY, ACTION, acting, PublicKind.CYCLE_WITHDRAWN, body, proposal=proposal
            )
    return households


def _require_as_approved(cycle: UUID, approved: Proposal) -> int:
    """Return how many households the cycle decided, exactly as two people saw it."""
    row = queries.cycle(cycle)
    root = None if row is None else row.frozen_root
    households = sum(queries.outcome_totals(cycle).values())
    if approved.inputs != (root,) or approved.totals != (("households", households),):
        raise ApprovalInvalid("the proposal names another decision of this cycle")
    return households
