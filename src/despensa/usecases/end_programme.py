"""End a programme: no rule or cycle of it begins any more, and its facts lose their purpose."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from despensa.domain.act import Acting
from despensa.domain.role import Permission
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries, store
from despensa.records.staff import queries as staff

ACTION = "end_programme"


class ProgrammeGoesOn(RuntimeError):
    """The programme cannot end: a cycle of it is not over, or it has ended before."""


def end_programme(programme: UUID, *, acting: Acting) -> date:
    """
    Return the day on which the programme ended, which is today.

    Raises: ProgrammeGoesOn; OutOfReach.
    """
    if acting.staff is None:
        raise ValueError("a programme is ended by a person")
    try:
        with transaction.atomic(using=REGISTRY):
            reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
            reach.require(programme, queries.programme_area(programme))
            store.end_programme(programme, on=acting.day, staff=acting.staff)
            until = queries.last_cycle_until(programme)
            if until is not None and until >= acting.day:
                raise ProgrammeGoesOn(
                    f"A cycle of this programme lasts until {until}. End the programme afterwards; "
                    "nothing was changed."
                )
            rows = journal_rows.inserted(
                "programme_end", [(programme.bytes, {"ended_on": acting.day.isoformat()})]
            )
            journal_store.record(REGISTRY, ACTION, acting, rows)
    except IntegrityError as error:
        raise ProgrammeGoesOn("This programme has ended before. Nothing was changed.") from error
    return acting.day
