"""
Draft a cycle: which rule, for which dates.

Where the rule draws lots, the log holds a commitment to their seed from here on: before the facts
are frozen, so that nobody can look for a seed that suits the register of that day.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.cycle_life import DISPUTE_DAYS, require_dispute_days
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.role import Permission
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.grievances import store as deciders
from despensa.records.programmes import queries, store
from despensa.records.staff import queries as staff

ACTION = "draft_cycle"
CycleKnown = store.CycleKnown


class CycleDatesWrong(ValueError):
    """A cycle closes before it opens."""


def draft_cycle(
    *,
    programme: UUID,
    rule: UUID,
    code: str,
    reference_date: date,
    opens_on: date,
    closes_on: date,
    commit_lot: Callable[[bytes], bytes],
    acting: Acting,
    dispute_days: int = DISPUTE_DAYS,
) -> UUID:
    """
    Return the id of the new root cycle.

    `commit_lot` returns the commitment to a cycle's seed; it is asked only by a rule with lots.
    `dispute_days` is for how long after its close it may be disputed, appeals included.
    Raises: CycleDatesWrong; DisputeWindowWrong; CycleKnown when the programme has one of this
        code; OutOfReach.
    """
    if closes_on < opens_on:
        raise CycleDatesWrong(
            f"The cycle {code} would close on {closes_on}, before it opens on {opens_on}. Mend the "
            "dates; nothing was changed."
        )
    require_dispute_days(dispute_days)
    cycle = acting.new_id()
    with transaction.atomic(using=REGISTRY):
        if acting.staff is not None:
            reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
            reach.require(programme, queries.programme_area(programme))
        drafted = store.NewCycle(
            cycle, programme, rule, cycle, code, reference_date, opens_on, closes_on, dispute_days
        )
        store.add_cycle(drafted)
        deciders.note_decider(cycle, acting.staff, deciders.Deed.DRAFTED)
        journal_store.record(REGISTRY, ACTION, acting, store.journal_of(drafted))
        if parse_text(queries.rule_text(rule)).draws_lot:
            body = {0: cycle.bytes, 1: commit_lot(cycle.bytes)}
            journal_store.announce(REGISTRY, ACTION, acting, PublicKind.LOT, body)
    return cycle
