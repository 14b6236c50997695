"""
Mark a printed card of nobody as spoilt: it is dead, and another one is taken.

What the keeper holds of it is destroyed after this, by whoever calls.
"""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.enrolment.card_binding import CardRefused, CardTrouble
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.records import journal_store
from despensa.records.cards import binding, store
from despensa.records.databases import REGISTRY
from despensa.records.staff import queries as staff

ACTION = "spoil_card"
_NO_ROLE = "No role of yours is for this today: nothing was changed. Ask the security officer."


def spoil_card(number: str, *, acting: Acting, sealer: JournalSealer) -> bool:
    """
    Return whether the card is dead from now on; one that was dead before stays so.

    Raises: CardRefused for a number never printed, and for a card of a household: that one is
        replaced. OutOfReach without a role for it today: a card of nobody is in every area.
    """
    if acting.staff is None:
        raise OutOfReach(_NO_ROLE)
    with transaction.atomic(using=REGISTRY):
        if not staff.reach_of(acting.staff, Permission.ENROL_HOUSEHOLDS, acting.day).stretches:
            raise OutOfReach(_NO_ROLE)
        known = store.stock_card(number)
        if known is None:
            raise CardRefused(CardTrouble.UNKNOWN)
        if known.is_dead:
            return False
        if not store.spoil(number):
            raise CardRefused(CardTrouble.BOUND)
        columns: dict[int | str, object] = {"key": number.encode("ascii"), "state": store.DEAD}
        act = journal_store.act(REGISTRY, ACTION, acting)
        binding.note(columns, act=act, acting=acting, sealer=sealer)
    return True
