"""The daily round of schedules: drafts appear; what opens them is still the word of two people."""

import logging

from despensa.domain.schedule import due
from despensa.entrypoints.jobs import cycle
from despensa.entrypoints.wiring import Tools
from despensa.records.children import schedule_queries as schedules
from despensa.usecases.draft_cycle import CycleKnown, draft_cycle

_log = logging.getLogger(__name__)


def carry_out(tools: Tools) -> int:
    """
    Return how many cycles were drafted.

    A cycle is named after the day it opens, and a name is a cycle's once: of two rounds at once one
    drafts it, and a cycle that somebody drafted by hand under the name stands for it.
    """
    drafted = 0
    for programme, rule, schedule in schedules.schedules_on(tools.today()):
        for one in due(schedule, tools.today()):
            if schedules.has_cycle(programme, one.code):
                continue
            try:
                draft_cycle(
                    programme=programme,
                    rule=rule,
                    code=one.code,
                    reference_date=one.reference_date,
                    opens_on=one.opens_on,
                    closes_on=one.closes_on,
                    commit_lot=cycle.lots_of(tools),
                    acting=tools.acting(None),
                )
            except CycleKnown:
                continue
            _log.info("the cycle %s was drafted by its programme's schedule", one.code)
            drafted += 1
    return drafted
