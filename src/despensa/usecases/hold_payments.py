"""
Hold the amounts of an approved list of payments: every one of them, or none.

0 held before? · 1 is it the list and file that were approved · 2 each amount leaves its account and
waits under an id made of the reference, so that no retry holds it twice · 3 transfers, states, leaf.
Source: docs/explanation/design.md, section 8.
"""

from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ledger.account import AccountKind
from despensa.domain.ledger.posting import ORDERS_MAX, Outcome, decide, pack
from despensa.domain.payment.books import Owed, held_account, holding, paid_account
from despensa.domain.proposal import ApprovalInvalid, Mandate, Proposal, parse
from despensa.domain.transparency import journal
from despensa.records import journal_store, mandates
from despensa.records.databases import LEDGER
from despensa.records.ledger import posting_store
from despensa.records.ledger import store as ledger
from despensa.records.payments import store
from despensa.records.sealed_journal import workspace_entries

ACTION = "pay_out"
STAGE = "payments_held"


class NotHeld(RuntimeError):
    """Some amounts are not there any more, or were held by another list: nothing was changed."""


def hold_payments(mandate: Mandate, *, begun_at: int, acting: Acting) -> int:
    """
    Return how many payments are held now; 0 when the list had been.

    Raises: NotHeld; ApprovalInvalid and the errors of `check_mandate`.
    """
    with transaction.atomic(using=LEDGER):
        proposal_id = UUID(bytes=parse(mandate.canonical).proposal_id)
        if not journal_store.begin_stage(LEDGER, proposal_id, STAGE, 0, now=acting.at):
            return 0
        approved = mandates.use_in_ledger(mandate, action=ACTION, begun_at=begun_at, acting=acting)
        payments = store.owed(proposal_id)
        _require_same(approved, payments)
        _open_accounts(payments)
        rest = iter(payments)
        while part := list(islice(rest, ORDERS_MAX)):
            _hold(part, proposal_id, acting)
        return store.hold(proposal_id, at=acting.at)


def _require_same(approved: Proposal, payments: Sequence[Owed]) -> None:
    totals = dict(approved.totals)
    found = {"payments": len(payments), "amount": sum(one.amount for one in payments)}
    if totals != found or approved.scope[2] not in {one.cycle for one in payments}:
        raise ApprovalInvalid("the list in the ledger is not the one that was approved")


def _open_accounts(payments: Sequence[Owed]) -> None:
    ledger.ensure_named(
        [
            (account, one.unit, kind, UUID(bytes=one.cycle))
            for one in payments[:1]
            for account, kind in (
                (held_account(one), AccountKind.HELD),
                (paid_account(one), AccountKind.SETTLEMENT),
            )
        ]
    )


def _hold(payments: Sequence[Owed], proposal: UUID, acting: Acting) -> None:
    orders = [holding(one, proposal.bytes) for one in payments]
    posting = decide(orders, posting_store.books_of(orders))
    failed = [one for one in posting.outcomes if one is not Outcome.POSTED]
    if failed:
        raise NotHeld(
            f"{len(failed)} of {len(orders)} payments are in another list, or their money was used "
            "since: nothing was held and nothing is paid. Make the list anew."
        )
    posting_store.write(posting)
    body = journal.encode_columns({"key": proposal.bytes, "transfers": pack(posting.transfers)})
    journal_store.append(
        LEDGER,
        workspace_entries(
            journal_store.act(LEDGER, ACTION, acting, proposal=proposal),
            "transfer_batch",
            journal.Op.INSERT,
            [body],
            acting=acting,
            sealer=acting,
        ),
    )
