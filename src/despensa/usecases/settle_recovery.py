"""
Settle a recovery: two people say that what was given too much stays where it is, or is asked back.

Nothing is taken from anybody's food by it. Waived is what the doors propose.
Source: docs/explanation/design.md, section 7.10; docs/decisions/0024-child-cycles.md.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.child import ChildKind
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.children import queries, store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store as programmes

ACTION = "settle_recovery"


def settle_recovery(mandate: Mandate, *, acting: Acting) -> bool:
    """
    Return whether the recovery was waived. It stays decided: there is nothing to open or close.

    Raises: WrongState when it was settled before; AlreadyUsed; ApprovalInvalid when the proposal
        names no recovery, or other totals than were decided.
    """
    with transaction.atomic(using=REGISTRY):
        approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        named = approved.scope[2]
        child = None if named is None else queries.child(UUID(bytes=named))
        if child is None or child.kind is not ChildKind.RECOVERY:
            raise ApprovalInvalid("the proposal names no recovery")
        (is_waived,) = approved.parameters
        _, totals = queries.recoveries(child.cycle)
        if approved.totals != tuple((f"unit:{unit}", total) for unit, total in totals):
            raise ApprovalInvalid("the proposal names other totals than were decided")
        programmes.require_current(child.cycle)
        store.settle(child.cycle, is_waived=is_waived)
        rows = journal_rows.updated("child_cycle", [(child.cycle.bytes, {"is_waived": is_waived})])
        proposal = UUID(bytes=approved.proposal_id)
        journal_store.record(REGISTRY, ACTION, acting, rows, proposal=proposal)
    return bool(is_waived)
