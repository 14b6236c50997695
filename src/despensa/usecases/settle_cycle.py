"""
Settle a cycle in the registry: the ledger has swept it, and its dispute window runs.

Source: docs/explanation/design.md, section 7.9.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store

ACTION = "settle_cycle"
STAGE = "settled"


def settle_cycle(cycle: UUID, *, acting: Acting) -> bool:
    """
    Return whether the cycle was settled now; False when it had been.

    Raises: WrongState when it is not closed.
    """
    with transaction.atomic(using=REGISTRY):
        if not journal_store.begin_stage(REGISTRY, cycle, STAGE, 0, now=acting.at):
            return False
        store.move(cycle, from_state=store.CLOSED, to_state=store.SETTLED, changes={})
        rows = journal_rows.updated("cycle", [(cycle.bytes, {"state": store.SETTLED})])
        journal_store.record(REGISTRY, ACTION, acting, rows)
        body = {0: cycle.bytes, 1: acting.at}
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.CYCLE_SETTLED, body)
    return True
