"""Free the quantities of leases that expired 72 hours ago and never came back."""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.entry import Act, private_entry
from despensa.records import journal_rows, journal_store
from despensa.records.databases import DATABASE_NUMBER, LEDGER
from despensa.records.service_points import store

GRACE_SECONDS = 72 * 3600


def expire_leases(*, acting: Acting) -> int:
    """Return how many leases were ended; their later claims are still taken in and compared."""
    act = Act(DATABASE_NUMBER[LEDGER], acting.at, acting.actor, "expire_leases")
    with transaction.atomic(using=LEDGER):
        expired = store.expired_leases(acting.at - GRACE_SECONDS)
        ended = store.end_leases(expired, state=store.EXPIRED)
        if ended:
            rows = journal_rows.updated(
                "lease", ((lease.bytes, {"state": store.EXPIRED}) for lease in expired)
            )
            journal_store.append(
                LEDGER,
                [private_entry(act, entry=acting.new_id(), salt=acting.new_salt(), rows=rows)],
            )
    return ended
