"""
Close a cycle in the registry: at its published day, or before by the word of two people.

0 closed before? · 1 is the published last day over, or does a proposal say so · 2 it is closed from
today, and the log tells until when it may be disputed. The ledger follows (`close_books`).
Source: docs/explanation/design.md, section 7.9.
"""

from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.cycle_life import Waits, closing, disputed_until
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries, store

ACTION = "close_cycle"
STAGE = "closed"


class NotYet(RuntimeError):
    """The day of this step has not come: the text says which day it is."""


def close_cycle(cycle: UUID, *, acting: Acting, mandate: Mandate | None = None) -> bool:
    """
    Return whether the cycle was closed now; False when it had been.

    Raises: NotYet without a mandate before its published last day is over; WrongState when it is
        not open; AlreadyUsed; ApprovalInvalid.
    """
    with transaction.atomic(using=REGISTRY):
        if not journal_store.begin_stage(REGISTRY, cycle, STAGE, 0, now=acting.at):
            return False
        proposal = _allowed(cycle, mandate, acting)
        store.move(
            cycle,
            from_state=store.OPEN,
            to_state=store.CLOSED,
            changes={"closed_on": acting.day},
        )
        row = queries.cycle(cycle)
        assert row is not None, "a cycle that moved is there"
        until = disputed_until(row.closes_on, acting.day, days=row.dispute_days)
        rows = journal_rows.updated(
            "cycle",
            [(cycle.bytes, {"state": store.CLOSED, "closed_on": acting.day.isoformat()})],
        )
        journal_store.record(REGISTRY, ACTION, acting, rows, proposal=proposal)
        body = {0: cycle.bytes, 1: _day(acting.day), 2: _day(until)}
        journal_store.announce(
            REGISTRY, ACTION, acting, PublicKind.CYCLE_CLOSED, body, proposal=proposal
        )
    return True


def _allowed(cycle: UUID, mandate: Mandate | None, acting: Acting) -> UUID | None:
    """Return the proposal that closes the cycle, or None at its published day."""
    if mandate is not None:
        approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        if approved.scope[2] != cycle.bytes:
            raise ApprovalInvalid("the proposal names another cycle")
        return UUID(bytes=approved.proposal_id)
    row = queries.cycle(cycle)
    if row is not None:
        step = closing(row.closes_on, acting.day)
        if step.waits is not Waits.NOTHING:
            raise NotYet(
                f"The cycle {row.code} is published as open until {row.closes_on}. Two people may "
                "close it before: despensa cycle close proposes it. Nothing was changed."
            )
    return None


def _day(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()
