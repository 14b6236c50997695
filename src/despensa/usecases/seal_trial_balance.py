"""
Seal the day's trial balance in the log: debits and credits of each kind of account and unit.

0 sealed today? · 1 add everything up, in one snapshot · 2 write it closed, because counts of deliveries
are counts of people. Source: docs/explanation/design.md, section 8.
"""

from datetime import date

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import balance_store, queries

ACTION = "seal_trial_balance"


def seal_trial_balance(*, acting: Acting) -> bool | None:
    """Return whether the day's books balance, or None when the day was sealed before."""
    if balance_store.is_sealed(acting.day):
        return None
    with transaction.atomic(using=LEDGER):
        totals = queries.trial_balance()
        units = {total.unit for total in totals}
        is_balanced = all(
            sum(total.credits - total.debits for total in totals if total.unit == unit) == 0
            for unit in units
        )
        transfers = balance_store.seal(acting.day, at=acting.at, is_balanced=is_balanced)
        if transfers is None:
            return None
        row: dict[int | str, object] = {
            "transfers": transfers,
            "is_balanced": is_balanced,
            "totals": [[one.unit, one.kind, one.debits, one.credits] for one in totals],
        }
        key = (acting.day - date(1970, 1, 1)).days.to_bytes(4, "big")
        journal_store.record_closed(LEDGER, ACTION, acting, "trial_balance", [(key, row)])
    return is_balanced
