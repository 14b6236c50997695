"""
Break a phone's list by the word of two people: nobody serves it any more but under supervision.

0 broken before? · 1 is it the list that was approved · 2 end it in the ledger, with a leaf. What the
phone had handed over may still come in, and posts normally. Source: docs/explanation/design.md, 7.6.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import Mandate, parse
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.databases import LEDGER
from despensa.records.service_points import store

ACTION = "break_lease"
STAGE = "lease_broken"


def break_lease(mandate: Mandate, *, begun_at: int, acting: Acting) -> bool:
    """
    Return whether the list was broken now; False when it had ended, of itself or by this.

    Raises: ApprovalInvalid and the errors of `check_mandate`.
    """
    with transaction.atomic(using=LEDGER):
        proposal_id = UUID(bytes=parse(mandate.canonical).proposal_id)
        if not journal_store.begin_stage(LEDGER, proposal_id, STAGE, 0, now=acting.at):
            return False
        proposal = mandates.use_in_ledger(mandate, action=ACTION, begun_at=begun_at, acting=acting)
        lease = UUID(bytes=proposal.parameters[0])
        was_out = store.end_leases([lease], state=store.BROKEN) == 1
        columns: dict[int | str, object] = {"state": store.BROKEN}
        rows = journal_rows.updated("lease", [(lease.bytes, columns)] if was_out else [])
        journal_store.record(LEDGER, ACTION, acting, rows, proposal=proposal_id)
    return was_out
