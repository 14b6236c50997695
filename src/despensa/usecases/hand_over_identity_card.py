"""
Hand an identity card on paper to its holder: from this scan on it is theirs, and the one before ends.

1 the printed card of somebody in reach · 2 nothing to decide · 3 hand-over, the end of the earlier
card, the leaf. Scanned again, nothing changes.
Source: docs/how-to/print-identity-cards.md.
"""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.role import Permission
from despensa.domain.transparency.journal import Op
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import Plan, entry_of, keys_of
from despensa.records.staff import queries as staff
from despensa.records.wallet import paper_store, store

ACTION = "hand_over_identity_card"


def hand_over_identity_card(number: str, *, acting: Acting, vault: PersonVault) -> bool:
    """Return whether a printed card that waited for it, of somebody in reach, is handed over now."""
    if acting.staff is None:
        raise ValueError("an identity card is handed over by a person")
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.HAND_OVER_CARDS, acting.day)
        card = paper_store.ready_card(number, areas=reach.areas)
        if card is None:
            return False
        before = store.end_card_in_use(card.person, reason=store.REPLACED, at=acting.at)
        paper_store.hand_over(card.id, at=acting.at)
        plans: list[Plan] = [
            *store.end_plans(before, reason=store.REPLACED, at=acting.at),
            ("identity_card", Op.UPDATE, card.id, card.person, {"handed_over_at": acting.at}),
        ]
        act = journal_store.act(REGISTRY, ACTION, acting)
        keys = keys_of([card.person])
        journal_store.append(
            REGISTRY, [entry_of(plans, act=act, acting=acting, vault=vault, keys=keys)]
        )
    return True
