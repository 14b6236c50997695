"""Free the quantities of leases that expired 72 hours ago and never came back."""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.service_points import store

GRACE_SECONDS = 72 * 3600


def expire_leases(*, acting: Acting) -> int:
    """Return how many leases were ended; their later claims are still taken in and compared."""
    with transaction.atomic(using=LEDGER):
        expired = store.expired_leases(acting.at - GRACE_SECONDS)
        ended = store.end_leases(expired, state=store.EXPIRED)
        if ended:
            rows = journal_rows.updated(
                "lease", ((lease.bytes, {"state": store.EXPIRED}) for lease in expired)
            )
            journal_store.record(LEDGER, "expire_leases", acting, rows)
    return ended
