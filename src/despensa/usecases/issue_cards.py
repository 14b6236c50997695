"""
Record a batch of signed cards: printed, and unassigned where no household is named.

The keeper has signed them under the approved proposal; their texts go to the printer and are
never stored. Source: docs/explanation/design.md, section 6.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.cards import store
from despensa.records.databases import REGISTRY
from despensa.records.proposals import store as proposals
from despensa.records.tables import TABLE_NUMBER

ACTION = "issue_cards"
Batch = store.Batch


def issue_cards(
    batch: Batch,
    cards: Sequence[tuple[str, UUID | None]],
    *,
    proposal_hash: bytes,
    acting: Acting,
) -> None:
    """
    Write the batch; `cards` are (number, household or None) in sheet order.

    Raises: AlreadyUsed when the proposal was carried out before.
    """
    with transaction.atomic(using=REGISTRY):
        journal_store.use_proposal(REGISTRY, batch.proposal, proposal_hash, now=acting.at)
        proposals.finish(batch.proposal)
        store.add_batch(batch, cards)
        journal_store.record(REGISTRY, ACTION, acting, _rows(batch, cards), proposal=batch.proposal)


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
