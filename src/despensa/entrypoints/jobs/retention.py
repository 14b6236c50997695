"""The end of facts: what nothing needs any more is destroyed in the regular rounds."""

import logging

from despensa.entrypoints.wiring import Tools
from despensa.usecases.destroy_ended_facts import destroy_ended_facts

_log = logging.getLogger(__name__)


def carry_out(tools: Tools) -> int:
    """Destroy the facts whose retention is over and return how many there were."""
    done = destroy_ended_facts(acting=tools.acting(None), keys=tools.keeper.vault)
    for fact in done:
        _log.info("the fact %s was destroyed at the end of its retention", fact.name)
    return len(done)
