"""Finish opening a cycle: the ledger is credited, so cards become active and the cycle is open."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.cards import store as cards
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store
from despensa.records.proposals import store as proposals

STAGE = "opened"


def finish_opening(
    cycle: UUID, *, proposal: UUID, totals: list[tuple[str, int]], acting: Acting
) -> None:
    """Mark the cycle open; doing it again changes nothing."""
    with transaction.atomic(using=REGISTRY):
        if not journal_store.begin_stage(REGISTRY, cycle, STAGE, 0, now=acting.at):
            return
        cards.activate(cycle)
        store.move(cycle, from_state=store.OPENING, to_state=store.OPEN, changes={})
        proposals.finish(proposal)
        body = {0: cycle.bytes, 1: [list(total) for total in totals]}
        journal_store.announce(
            REGISTRY, "open_cycle", acting, PublicKind.TOTAL, body, proposal=proposal
        )
