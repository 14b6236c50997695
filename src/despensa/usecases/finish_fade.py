"""
Finish fading a cycle: its keys are gone, and the log says that only sums are left.

Source: docs/explanation/design.md, section 7.9.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store

ACTION = "fade_cycle"
STAGE = "faded"


def finish_fade(cycle: UUID, *, acting: Acting) -> bool:
    """
    Return whether the cycle faded now; False when it had.

    Raises: WrongState when fading had not begun.
    """
    with transaction.atomic(using=REGISTRY):
        if not journal_store.begin_stage(REGISTRY, cycle, STAGE, 0, now=acting.at):
            return False
        store.move(cycle, from_state=store.FADING, to_state=store.FADED, changes={})
        rows = journal_rows.updated("cycle", [(cycle.bytes, {"state": store.FADED})])
        journal_store.record(REGISTRY, ACTION, acting, rows)
        body = {0: cycle.bytes, 1: acting.at}
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.CYCLE_FADED, body)
    return True
