"""Writes of daily trial balances. Only `usecases.seal_trial_balance` imports this."""

from datetime import date

from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER


def is_sealed(day: date) -> bool:
    """Return whether a day's trial balance was sealed."""
    return bool(fetch(LEDGER, "SELECT 1 FROM trial_balance WHERE day = %s", (day,)))


def seal(day: date, *, at: int, is_balanced: bool) -> int | None:
    """Note a day's trial balance and return over how many transfers; None when it was before."""
    rows = fetch(
        LEDGER,
        """INSERT INTO trial_balance (day, at, transfers, is_balanced)
           SELECT %s, %s, count(*), %s FROM transfer
           ON CONFLICT DO NOTHING RETURNING transfers""",
        (day, at, is_balanced),
    )
    return rows[0][0] if rows else None
