"""Finish opening a cycle: the ledger is credited, so cards become active and the cycle is open."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store, mandates
from despensa.records.cards import store as cards
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries, store

ACTION = "open_cycle"
STAGE = "opened"


def finish_opening(
    cycle: UUID, *, mandate: Mandate, acting: Acting, late_of: UUID | None = None
) -> None:
    """
    Mark the cycle open; doing it again changes nothing.

    `late_of` is the root under whose approval late entrants are opened.

    Raises: BegunOtherwise when another proposal began the opening; ApprovalInvalid.
    """
    with transaction.atomic(using=REGISTRY):
        if not journal_store.begin_stage(REGISTRY, cycle, STAGE, 0, now=acting.at):
            return
        approved = mandates.finish_in_registry(mandate, action=ACTION, acting=acting)
        if approved.scope[2] != (late_of or cycle).bytes:
            raise ApprovalInvalid("the proposal names another cycle")
        cards.activate(cycle)
        store.move(cycle, from_state=store.OPENING, to_state=store.OPEN, changes={})
        totals = approved.totals
        if late_of is not None:
            totals = tuple((f"unit:{unit}", n) for unit, _, _, n in queries.goods_totals(cycle))
        body = {0: cycle.bytes, 1: [list(total) for total in totals]}
        proposal = UUID(bytes=approved.proposal_id)
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.TOTAL, body, proposal=proposal)
