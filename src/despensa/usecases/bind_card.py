"""Bind a printed card of nobody to a household that is registered, and hand it over with that."""

from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.records import journal_store
from despensa.records.cards import binding
from despensa.records.databases import REGISTRY
from despensa.records.registry import queries
from despensa.records.staff import queries as staff

ACTION = "bind_card"
_NO_SUCH = "There is no such household here: nothing was bound."


def bind_card(
    number: str, household: UUID, *, acting: Acting, sealer: JournalSealer, today: date
) -> None:
    """
    Give a card to a household in reach; one card is for one household, for ever.

    Raises: CardRefused; OutOfReach, also for a household that does not exist.
    """
    if acting.staff is None:
        raise OutOfReach("A card is bound by a person.")
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.ENROL_HOUSEHOLDS, acting.day)
        if queries.household(household, reach=reach) is None:
            raise OutOfReach(_NO_SUCH)
        act = journal_store.act(REGISTRY, ACTION, acting)
        binding.bind(number, household, today=today, act=act, acting=acting, sealer=sealer)
