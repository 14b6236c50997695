"""
End proposals whose time is over: nothing can carry them out any more.

What a staged file left is destroyed, and the file may be staged again.
Source: docs/reference/formats.md, section 9.
"""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import StagingVault
from despensa.domain.transparency.entry import Act, private_entry
from despensa.records import journal_rows, journal_store
from despensa.records.databases import DATABASE_NUMBER, REGISTRY
from despensa.records.proposals import store
from despensa.records.registry import store as registry


def expire_proposals(*, acting: Acting, staging: StagingVault) -> int:
    """
    Return how many proposals were ended now, waiting or approved and never carried out.

    Killed after the transaction, it leaves staged files that `doctor` names and removes.
    """
    act = Act(DATABASE_NUMBER[REGISTRY], acting.at, acting.actor, "expire_proposals")
    with transaction.atomic(using=REGISTRY):
        expired = store.expire(acting.at)
        if not expired:
            return 0
        registry.refuse_imports(expired)
        rows = journal_rows.updated(
            "proposal", ((proposal.bytes, {"state": store.REFUSED}) for proposal in expired)
        )
        journal_store.append(
            REGISTRY,
            [private_entry(act, entry=acting.new_id(), salt=acting.new_salt(), rows=rows)],
        )
    for proposal in expired:
        staging.destroy(proposal.bytes)
    return len(expired)
