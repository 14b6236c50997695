"""
Refuse a request to correct a record, with a reason of the closed list and a receipt to appeal with.

Its proposal, if one waits, is closed with it. Source: docs/reference/formats.md, section 5.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from despensa.domain import receipt as receipts
from despensa.domain.act import Acting
from despensa.domain.correction.decide import CorrectionRefused, Why
from despensa.domain.correction.slot import APPEAL_DAYS, Refusal, State
from despensa.domain.ports.keeper import PersonVault, Signatory
from despensa.domain.role import Permission
from despensa.records import journal_store
from despensa.records.corrections import queries, store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import entry_of, keys_of
from despensa.records.proposals import queries as proposal_queries
from despensa.records.proposals import store as proposals
from despensa.records.staff import queries as staff

ACTION = "refuse_correction"
_EPOCH = date(1970, 1, 1).toordinal()


def refuse_correction(
    correction: UUID,
    reason: Refusal,
    *,
    acting: Acting,
    vault: PersonVault,
    signatory: Signatory,
) -> None:
    """
    Close a request without changing anything; the receipt says why and until when to appeal.

    Locks: the proposal's row, then the request's.
    Raises: CorrectionRefused when it was decided before, is approved, or is out of reach.
    """
    view = queries.correction(correction)
    if view is None or not _may(view, acting):
        raise CorrectionRefused(Why.NO_SUCH_CORRECTION)
    with transaction.atomic(using=REGISTRY):
        if view.proposal is not None:
            _close(view.proposal, acting)
        if not store.lock_waiting(correction):
            raise CorrectionRefused(Why.DECIDED_BEFORE)
        plan = store.journal_of_answer(correction, view.person, State.REFUSED, int(reason))
        act = journal_store.act(REGISTRY, ACTION, acting, proposal=view.proposal)
        entry = entry_of([plan], act=act, acting=acting, vault=vault, keys=keys_of([view.person]))
        day = acting.day.toordinal() - _EPOCH
        receipt = receipts.Receipt(
            kind=receipts.ReceiptKind.CORRECTION_REFUSED,
            workspace_id=acting.workspace.bytes,
            content_hash=entry.leaf_hash,
            day=day,
            serial=receipts.correction_serial(correction.hex),
            reason=int(reason),
            appeal_until=day + timedelta(days=APPEAL_DAYS).days,
        )
        signed = signatory.sign(receipts.receipt_payload(receipt), label=receipts.LABEL)
        store.answer(correction, store.Answer(State.REFUSED, signed, int(reason)), acting=acting)
        journal_store.append(REGISTRY, [entry])


def _may(view: queries.CorrectionView, acting: Acting) -> bool:
    """Return whether whoever acts decides proposals there, and did not take this one down."""
    if acting.staff in {None, view.staff}:
        return False
    assert acting.staff is not None, "asked before"
    decides = staff.reach_of(acting.staff, Permission.DECIDE_PROPOSALS, acting.day)
    return decides.covers(None, view.area)


def _close(proposal: UUID, acting: Acting) -> None:
    """Close a proposal that waits; one that was refused or ran out stays as it is."""
    view = proposal_queries.proposal(proposal)
    if view is None or view.state == proposals.REFUSED:
        return
    try:
        proposals.lock_waiting(proposal)
    except proposals.NotWaiting as error:
        raise CorrectionRefused(Why.DECIDED_BEFORE) from error
    assert acting.staff is not None, "asked before"
    proposals.refuse(proposal, by=acting.staff, reason="", now=acting.at)
