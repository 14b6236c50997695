"""
End an identity card that was lost, or whose holder does not want it any more; its place says so.

Source: docs/decisions/0033-wallets.md.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.role import Permission
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import entry_of, keys_of
from despensa.records.staff import queries as staff
from despensa.records.wallet import queries, store

ACTION = "end_identity_card"


class NoSuchCard(LookupError):
    """There is no such card, or not of anybody in reach."""


def end_identity(card: UUID, household: UUID, *, acting: Acting, vault: PersonVault) -> bool:
    """
    Return whether a card of somebody in this household ended now; what ended before stays so.

    Raises: NoSuchCard, also for a household out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("an identity card is ended by a person")
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
        view = queries.card(card)
        area = None if view is None else queries.lives_in(view.person, household)
        if view is None or area is None or not reach.holds(area):
            raise NoSuchCard
        keys = keys_of([view.person])
        ended = store.end_card(card, reason=store.ASKED, at=acting.at)
        if not ended:
            return False
        plans = store.end_plans(ended, reason=store.ASKED, at=acting.at)
        act = journal_store.act(REGISTRY, ACTION, acting)
        journal_store.append(
            REGISTRY, [entry_of(plans, act=act, acting=acting, vault=vault, keys=keys)]
        )
    return True
