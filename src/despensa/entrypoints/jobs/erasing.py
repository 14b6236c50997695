"""
Erasing a person at the doors: proposed by one, carried out for two, and what the keeper forgets.
"""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.erasure import ACTION, Wish
from despensa.domain.proposal import Mandate, Reason
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.households import queries
from despensa.usecases.erase_person import erase_person, note_links_forgotten, preview_erasure

__all__ = ["ACTION", "carry_out", "forget_links", "propose"]


def propose(wish: Wish, reason: Reason, *, acting: Acting) -> UUID:
    """
    Return the proposal to erase somebody, once it is clear that it can be done.

    Raises: ChangeRefused; OutOfReach.
    """
    order = wish.order(reason, new_id=acting.new_id, day=acting.day)
    situation, _ = preview_erasure(wish, order, acting=acting)
    return propose_action(
        ACTION,
        reason,
        acting=acting,
        scope=(None, situation.households[wish.household].area.bytes, None),
        parameters=wish.parameters(),
        totals=(("people", 1),),
    )


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """Erase the person of an approved proposal and return one line about it."""
    done = erase_person(
        mandate,
        acting=acting,
        vault=tools.keeper.vault,
        signatory=tools.keeper.signatory,
        backup_days=tools.backup_days,
    )
    forget_links(tools)
    if not done.is_new:
        return "this person was erased before: nothing was changed"
    return f"one person erased; {len(done.dead_cards)} cards are dead; the receipt is ready"


def forget_links(tools: Tools) -> None:
    """Let the keeper destroy the links of dead cards, also after a death between two steps."""
    for person, numbers in queries.cards_to_forget():
        if numbers:
            tools.keeper.cards.forget(numbers, at=tools.now())
        note_links_forgotten(person, acting=tools.acting(None))
