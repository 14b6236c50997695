"""
The end of facts: what nothing needs any more is destroyed in the regular rounds.

Frozen facts go first: a fact ends when the appeals of the last cycle that read it are over, so that
no frozen folder outlives the facts in it.
"""

import logging

from despensa.entrypoints.jobs import cycle, drafting, package_files
from despensa.entrypoints.wiring import Tools
from despensa.usecases.destroy_ended_facts import destroy_ended_facts
from despensa.usecases.destroy_frozen_facts import destroy_frozen_facts
from despensa.usecases.forget_drafts import forget_drafts

_log = logging.getLogger(__name__)


def carry_out(tools: Tools) -> int:
    """Destroy the facts whose retention is over and return how many there were."""
    destroy_frozen(tools)
    cycle.remove_abandoned(tools)
    drafting.remove_copies(tools)
    drafting.remove_grounds(tools)
    if released := package_files.destroy_due(tools):
        _log.info("the copies of %d releases were destroyed: their day came", released)
    if drafts := forget_drafts(acting=tools.acting(None)):
        _log.info("%d drafts of rules were erased: they were never published", drafts)
    done = destroy_ended_facts(acting=tools.acting(None), keys=tools.keeper.vault)
    for fact in done:
        _log.info("the fact %s was destroyed at the end of its retention", fact.name)
    return len(done)


def destroy_frozen(tools: Tools) -> int:
    """Destroy the frozen facts of cycles that were withdrawn or are past their appeals."""
    frozen = destroy_frozen_facts(
        acting=tools.acting(None),
        engine=tools.engine,
        keys=tools.keeper.cycles,
        folder_of=lambda one: cycle.frozen_folder(one, tools),
    )
    if frozen:
        _log.info("the frozen facts of %d cycles were destroyed: their appeals ended", frozen)
    return frozen
