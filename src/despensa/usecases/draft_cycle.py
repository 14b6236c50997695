"""Draft a cycle: which rule, for which dates."""

from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.role import Permission
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries, store
from despensa.records.staff import queries as staff

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
    acting: Acting,
) -> UUID:
    """
    Return the id of the new root cycle.

    Raises: CycleDatesWrong; CycleKnown when the programme has one of this code; OutOfReach.
    """
    if closes_on < opens_on:
        raise CycleDatesWrong(
            f"The cycle {code} would close on {closes_on}, before it opens on {opens_on}. Mend the "
            "dates; nothing was changed."
        )
    cycle = acting.new_id()
    with transaction.atomic(using=REGISTRY):
        if acting.staff is not None:
            reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
            reach.require(programme, queries.programme_area(programme))
        store.add_cycle(
            store.NewCycle(cycle, programme, rule, cycle, code, reference_date, opens_on, closes_on)
        )
        rows = journal_rows.inserted(
            "cycle",
            [
                (
                    cycle.bytes,
                    {
                        "programme_id": programme.bytes,
                        "rule_id": rule.bytes,
                        "root_cycle": cycle.bytes,
                        "code": code,
                        "reference_date": reference_date.isoformat(),
                        "opens_on": opens_on.isoformat(),
                        "closes_on": closes_on.isoformat(),
                    },
                )
            ],
        )
        journal_store.record(REGISTRY, "draft_cycle", acting, rows)
    return cycle
