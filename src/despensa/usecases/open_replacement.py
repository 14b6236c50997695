"""
Ask after a replaced card and the one in its place, so that phones can be told: written down first.

Whoever asks stands in the list of looks that each of the household's people can read.
Source: docs/explanation/design.md, sections 5 and 6.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.enrolment.card_binding import CardRefused, CardTrouble
from despensa.domain.ports.keeper import Access, Purpose
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.records.cards import store as cards
from despensa.records.databases import REGISTRY
from despensa.records.registry import queries, store
from despensa.records.staff import queries as staff

_NO_SUCH = "There is no such household here."
_IN_USE = (cards.HANDED_OVER, cards.ACTIVE)


def open_replacement(old: str, new: str, household: UUID, *, acting: Acting) -> Access:
    """
    Return the look under which the keeper derives what phones know of the household's two cards.

    Raises: CardRefused unless the one was replaced and the other counts, both of this household;
        OutOfReach, also for a household that does not exist.
    """
    if acting.staff is None:
        raise OutOfReach(_NO_SUCH)
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.HAND_OVER_CARD,
        persons=tuple(member.id.bytes for member in queries.members([household])),
        fields=(),
    )
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.ENROL_HOUSEHOLDS, acting.day)
        if queries.household(household, reach=reach) is None:
            raise OutOfReach(_NO_SUCH)
        held = cards.locked_cards([old, new])
        is_replaced = held.get(old) == (cards.REPLACED, household)
        if not is_replaced or held.get(new) not in [(state, household) for state in _IN_USE]:
            raise CardRefused(CardTrouble.NOT_THEIRS)
        store.record_look(access, acting=acting)
    return access
