"""
Destroy the frozen facts of cycles withdrawn or past their appeals, with keys of rows and map.

An appeal that waits for its answer keeps them until then.

0 destroyed before? · 1 which cycles are past their appeals · 2 destroy keys and folder, each as often as
it is asked; the keeper asks for the approved withdrawal or holds the day against its own note · 3 record it, with the leaf. Killed anywhere, the next round does the rest; the leaf is
written after the files are gone, never before. What is kept of a decision (outcome and clauses) stays
in the books. Source: docs/explanation/design.md, section 7.2.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.engine import Engine
from despensa.domain.ports.keeper import CycleKeeper
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries as appeals
from despensa.records.programmes import queries
from despensa.records.proposals import queries as proposals

ACTION = "destroy_frozen_facts"


def destroy_frozen_facts(
    *, acting: Acting, engine: Engine, keys: CycleKeeper, folder_of: Callable[[UUID], str]
) -> int:
    """Return of how many cycles the frozen facts were destroyed now."""
    done = 0
    over = queries.cycles_not_at_stage(ACTION, undisputed_on=acting.day)
    waiting = appeals.with_open_appeals(over)
    for cycle in over:
        if cycle in waiting:
            continue
        # keys first: a keeper that refuses leaves everything as it was
        keys.destroy_frozen_keys(cycle.bytes, at=acting.at, **_mandate(cycle))
        engine.destroy(folder_of(cycle))
        with transaction.atomic(using=REGISTRY):
            if not journal_store.begin_stage(REGISTRY, cycle, ACTION, 0, now=acting.at):
                continue
            rows = journal_rows.updated(
                "cycle", [(cycle.bytes, {"frozen_facts_destroyed_at": acting.at})]
            )
            journal_store.record(REGISTRY, ACTION, acting, rows)
        done += 1
    return done


def _mandate(cycle: UUID) -> dict[str, bytes]:
    """Return the approved withdrawal that the keeper asks for, nothing for a cycle past its day."""
    view = proposals.withdrawal_of(cycle)
    if view is None or view.signed is None:
        return {}
    return {"proposal": view.canonical, "approval": view.signed}
