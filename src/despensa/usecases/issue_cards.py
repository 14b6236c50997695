"""
Record a batch of signed cards: printed, and unassigned where no household is named.

The keeper has signed them under the approved proposal; their texts go to the printer and are
never stored. Source: docs/explanation/design.md, section 6.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.card_order import order_of
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.proposal import ApprovalInvalid, Mandate, Proposal
from despensa.domain.transparency import journal
from despensa.records import journal_store, mandates
from despensa.records.cards import store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store as programmes
from despensa.records.sealed_journal import workspace_entries

ACTION = "issue_cards"
Batch = store.Batch


def issue_cards(
    batch: Batch,
    cards: Sequence[tuple[str, UUID | None]],
    *,
    mandate: Mandate,
    acting: Acting,
    sealer: JournalSealer,
) -> None:
    """
    Write the batch; `cards` are (number, household or None) in sheet order.

    Raises: AlreadyUsed when the proposal was carried out before; ApprovalInvalid; WrongState when
        the cycle is outdated.
    """
    with transaction.atomic(using=REGISTRY):
        approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        _require_order(approved, batch, len(cards))
        if batch.cycle is not None:
            programmes.require_current(batch.cycle)
        store.add_batch(batch, cards)
        act = journal_store.act(REGISTRY, ACTION, acting, proposal=batch.proposal)
        bodies = _bodies(batch, cards)
        journal_store.append(
            REGISTRY,
            workspace_entries(act, "card", journal.Op.INSERT, bodies, acting=acting, sealer=sealer),
        )


def _require_order(approved: Proposal, batch: Batch, count: int) -> None:
    asked = order_of(approved)
    made = (batch.proposal.bytes, batch.cycle, batch.epoch, batch.expires_on, count)
    cards = dict(approved.totals).get("cards")
    if made != (approved.proposal_id, asked.cycle, asked.epoch, asked.expires_on, cards):
        raise ApprovalInvalid("the proposal names other cards")


def _bodies(batch: Batch, cards: Sequence[tuple[str, UUID | None]]) -> Iterator[bytes]:
    for number, household in cards:
        yield journal.encode_columns(
            {
                "key": number.encode("ascii"),
                "household_id": None if household is None else household.bytes,
                "batch_id": batch.id.bytes,
                "state": store.PRINTED,
                "epoch": batch.epoch,
            }
        )
