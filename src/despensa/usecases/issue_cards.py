"""
Record a batch of signed cards: printed, and unassigned where no household is named.

The keeper has signed them under the approved proposal; their texts go to the printer and are
never stored. Source: docs/explanation/design.md, section 6.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import ApprovalInvalid, Mandate, Proposal
from despensa.domain.transparency import journal
from despensa.records import journal_store, mandates
from despensa.records.cards import store
from despensa.records.databases import REGISTRY
from despensa.records.tables import TABLE_NUMBER

ACTION = "issue_cards"
Batch = store.Batch
_DAY_ZERO = date(1970, 1, 1).toordinal()


def issue_cards(
    batch: Batch,
    cards: Sequence[tuple[str, UUID | None]],
    *,
    mandate: Mandate,
    acting: Acting,
) -> None:
    """
    Write the batch; `cards` are (number, household or None) in sheet order.

    Raises: AlreadyUsed when the proposal was carried out before; ApprovalInvalid.
    """
    with transaction.atomic(using=REGISTRY):
        approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        _require_order(approved, batch, len(cards))
        store.add_batch(batch, cards)
        journal_store.record(REGISTRY, ACTION, acting, _rows(batch, cards), proposal=batch.proposal)


def _require_order(approved: Proposal, batch: Batch, count: int) -> None:
    cycle, _, epoch, expires_day = approved.parameters
    made = (batch.proposal.bytes, None if batch.cycle is None else batch.cycle.bytes, batch.epoch)
    if (
        made != (approved.proposal_id, cycle, epoch)
        or batch.expires_on.toordinal() - _DAY_ZERO != expires_day
        or dict(approved.totals).get("cards") != count
    ):
        raise ApprovalInvalid("the proposal names other cards")


def _rows(batch: Batch, cards: Sequence[tuple[str, UUID | None]]) -> list[bytes]:
    return journal.encode_rows(
        journal.Row(
            TABLE_NUMBER["card"],
            journal.Op.INSERT,
            number.encode("ascii"),
            journal.Seal.NONE,
            journal.encode_columns(
                {
                    "household_id": None if household is None else household.bytes,
                    "batch_id": batch.id.bytes,
                    "state": store.PRINTED,
                    "epoch": batch.epoch,
                }
            ),
        )
        for number, household in cards
    )
