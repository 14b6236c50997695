"""
Write down that somebody asked for an identity card on paper: only these people get one.

1 who, in reach, living there · 2 asked before? · 3 the card, not printed, with its number and place in
the status list; the leaf. It is taken back by ending the card (`end_identity`).
Source: docs/how-to/print-identity-cards.md.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.identity_order import CARD_DAYS, PaperFault, PaperRefused
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.role import Permission
from despensa.domain.transparency.journal import Op
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import entry_of
from despensa.records.staff import queries as staff
from despensa.records.wallet import paper_store, queries, store

ACTION = "ask_identity_card"


def ask_identity_card(
    person: UUID, household: UUID, *, acting: Acting, vault: PersonVault
) -> UUID | None:
    """
    Return the card that will be printed for somebody who asked; None when they asked before.

    Raises: PaperRefused, also for a household out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("whoever asks for a card is heard by a person")
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
        area = queries.lives_in(person, household)
        if area is None or not reach.holds(area):
            raise PaperRefused(PaperFault.NO_HOUSEHOLD)
        # two at once for one person take turns at the newest status list
        store.ready_list(acting.random, now=acting.at)
        holder = queries.holder(person)
        if holder is None:
            raise PaperRefused(PaperFault.NOBODY)
        if paper_store.waiting_of(person) is not None:
            return None
        today = datetime.fromtimestamp(acting.at, UTC).date()
        card = store.add_card(
            acting.new_id(),
            person,
            issued_on=today,
            expires_on=today + timedelta(days=CARD_DAYS),
            random=acting.random,
            now=acting.at,
            asked_at=acting.at,
        )
        told = {**card.columns(), "asked_at": acting.at}
        act = journal_store.act(REGISTRY, ACTION, acting)
        entry = entry_of(
            [("identity_card", Op.INSERT, card.id, person, told)],
            act=act, acting=acting, vault=vault, keys={person: holder.key},
        )  # fmt: skip
        journal_store.append(REGISTRY, [entry])
    return card.id
