"""
Give a household another card for one that is lost, torn or unreadable: in one step, free, unasked why.

The old card is good for nothing at once in the register; what a phone's list still holds of it is
the household's own share, which can be given once only.
Source: docs/explanation/design.md, section 6.
"""

from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.enrolment.card_binding import CardRefused, CardTrouble
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.records import journal_store
from despensa.records.cards import binding, store
from despensa.records.databases import REGISTRY
from despensa.records.registry import queries
from despensa.records.staff import queries as staff

ACTION = "replace_card"
_NO_SUCH = "There is no such household here: no card was replaced."


def replace_card(
    old: str,
    new: str,
    household: UUID,
    *,
    acting: Acting,
    sealer: JournalSealer,
    today: date,
) -> bool:
    """
    Return whether the card was replaced now; the same replacement again changes nothing.

    `new` is a printed card of nobody.
    Locks: both cards. Raises: CardRefused; OutOfReach, also for a household that does not exist.
    """
    if acting.staff is None:
        raise OutOfReach("A card is replaced by a person.")
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.ENROL_HOUSEHOLDS, acting.day)
        if queries.household(household, reach=reach) is None:
            raise OutOfReach(_NO_SUCH)
        held = store.locked_cards([old, new])
        if held.get(old) == (store.REPLACED, household) and held.get(new) == (
            store.HANDED_OVER,
            household,
        ):
            return False
        if old == new or held.get(old) not in [(state, household) for state in store.REPLACEABLE]:
            raise CardRefused(CardTrouble.NOT_THEIRS)
        act = journal_store.act(REGISTRY, ACTION, acting)
        binding.bind(new, household, today=today, act=act, acting=acting, sealer=sealer)
        store.replace(old)
        columns: dict[int | str, object] = {"key": old.encode("ascii"), "state": store.REPLACED}
        binding.note(columns, act=act, acting=acting, sealer=sealer)
    return True
