"""
Record a batch of identity cards on paper, of people who asked: signed and printed afterwards.

1 the approved order · 2 who of it still waits; whoever took it back or was erased is left out · 3 the
batch, the place of each card, the leaf. Killed after that, the round signs and prints the
same cards. Source: docs/how-to/print-identity-cards.md.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.identity_order import (
    ACTION,
    PaperFault,
    PaperRefused,
    identity_order_of,
)
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.proposal import Mandate
from despensa.domain.transparency.journal import Op
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import Columns, Plan, entry_of, keys_of
from despensa.records.wallet import paper_store

KEPT_DAYS = 7


def issue_identity_cards(
    mandate: Mandate, *, today: date, acting: Acting, vault: PersonVault
) -> UUID:
    """
    Return the batch of an approved order, which has the order's id.

    Raises: PaperRefused when nobody of the order waits any more; AlreadyUsed; ApprovalInvalid.
    """
    with transaction.atomic(using=REGISTRY):
        approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        order = identity_order_of(approved)
        waiting = paper_store.locked_wanted([card for card, _ in order.cards])
        cards = [(card, person) for card, person in order.cards if waiting.get(card) == person]
        if not cards:
            raise PaperRefused(PaperFault.NOBODY)
        batch = UUID(bytes=approved.proposal_id)
        destroy_by = today + timedelta(days=KEPT_DAYS)
        paper_store.add_batch(
            batch,
            [card for card, _ in cards],
            issued_on=today,
            expires_on=order.expires_on,
            destroy_by=destroy_by,
        )
        plans = _plans(batch, cards, today, order.expires_on)
        act = journal_store.act(REGISTRY, ACTION, acting, proposal=batch)
        keys = keys_of([person for _, person in cards])
        journal_store.append(
            REGISTRY, [entry_of(plans, act=act, acting=acting, vault=vault, keys=keys)]
        )
        told: Columns = {
            "count": len(cards), "state": paper_store.SIGNED, "issued_on": today.isoformat(),
            "destroy_by": destroy_by.isoformat(),
        }  # fmt: skip
        rows = journal_rows.inserted("identity_batch", [(batch.bytes, told)])
        journal_store.record(REGISTRY, ACTION, acting, rows, proposal=batch)
    return batch


def _plans(
    batch: UUID, cards: list[tuple[UUID, UUID]], issued_on: date, expires_on: date
) -> list[Plan]:
    plans: list[Plan] = []
    for position, (card, person) in enumerate(cards):
        told: Columns = {
            "batch_id": batch.bytes,
            "position": position,
            "issued_on": issued_on.isoformat(),
            "expires_on": expires_on.isoformat(),
        }
        plans.append(("identity_card", Op.UPDATE, card, person, told))
    return plans
