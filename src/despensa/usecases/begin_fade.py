"""
Begin to fade a cycle: its dispute window is over, and from here on there is no way back.

The ledger makes the closing sums (`fade_books`), the keeper destroys the cycle's keys, and the
registry says so last (`finish_fade`). Each stage may be repeated after a crash.
Source: docs/explanation/design.md, section 7.9.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.cycle_life import Waits, fading
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries as appeals
from despensa.records.programmes import life_queries as cycles_lived
from despensa.records.programmes import queries, store

ACTION = "fade_cycle"
STAGE = "fading"


class StillDisputed(RuntimeError):
    """The dispute window of the cycle is not over: the text says until when it runs."""


def begin_fade(cycle: UUID, *, acting: Acting) -> bool:
    """
    Return whether fading began now; False when it had begun.

    Raises: StillDisputed; WrongState when the cycle is not settled.
    """
    with transaction.atomic(using=REGISTRY):
        if not journal_store.begin_stage(REGISTRY, cycle, STAGE, 0, now=acting.at):
            return False
        store.move(cycle, from_state=store.SETTLED, to_state=store.FADING, changes={})
        row = queries.cycle(cycle)
        at = cycles_lived.settled_at(cycle)
        if row is not None and at is not None:
            step = fading(row.disputed_until, acting.day, settled_on=acting.day_of(at))
            if step.waits is not Waits.NOTHING:
                raise StillDisputed(
                    f"The cycle {row.code} may be disputed: it fades on {step.on}. Nothing was "
                    "changed."
                )
        if row is not None and appeals.with_open_appeals([cycle]):
            raise StillDisputed(
                f"An appeal against a decision of the cycle {row.code} waits for its answer: it "
                "fades when that is given. Nothing was changed."
            )
        rows = journal_rows.updated("cycle", [(cycle.bytes, {"state": store.FADING})])
        journal_store.record(REGISTRY, ACTION, acting, rows)
    return True
