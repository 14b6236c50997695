"""
End proposals whose time is over: nothing can carry them out any more.

What a staged file left is destroyed, and the file may be staged again.
Source: docs/reference/formats.md, section 9.
"""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import StagingVault
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.proposals import store
from despensa.records.registry import store as registry


def expire_proposals(*, acting: Acting, staging: StagingVault) -> int:
    """
    Return how many proposals were ended now, waiting or approved and never carried out.

    Killed after the transaction, it leaves staged files that `doctor` names and removes.
    """
    with transaction.atomic(using=REGISTRY):
        expired = store.expire(acting.at)
        if not expired:
            return 0
        registry.refuse_imports(expired)
        rows = journal_rows.updated(
            "proposal",
            (
                (proposal.bytes, {"state": store.REFUSED, "refused_at": acting.at})
                for proposal in expired
            ),
        )
        journal_store.record(REGISTRY, "expire_proposals", acting, rows)
    for proposal in expired:
        staging.destroy(proposal.bytes, at=acting.at)
    return len(expired)
