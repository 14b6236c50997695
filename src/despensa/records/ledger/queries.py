"""Reads of the ledger: trial balance and its check."""

from dataclasses import dataclass
from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER


@dataclass(frozen=True, slots=True)
class KindTotal:
    """Debits and credits of the accounts of one kind and unit."""

    unit: int
    kind: int
    accounts: int
    debits: int
    credits: int


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What a check of the whole ledger found; empty lists mean that it holds."""

    transfers: int
    unbalanced_units: list[int]
    wrong_balances: int
    overdrawn: int
    orphan_transfers: int
    wrong_holds: int = 0

    @property
    def is_balanced(self) -> bool:
        """Return whether nothing was found."""
        return not (
            self.unbalanced_units
            or self.wrong_balances
            or self.overdrawn
            or self.orphan_transfers
            or self.wrong_holds
        )


_SIDES = """
    SELECT credit AS id, unit, amount AS credit, 0::bigint AS debit FROM transfer
    UNION ALL SELECT debit, unit, 0::bigint, amount FROM transfer
"""


def trial_balance() -> list[KindTotal]:
    """Return debits and credits per unit and kind, ordered by both."""
    rows = fetch(
        LEDGER,
        f"""WITH summed AS (
                SELECT id, unit, sum(debit) AS debits, sum(credit) AS credits
                FROM ({_SIDES}) side GROUP BY id, unit)
            SELECT account.unit, account.kind, count(*)::bigint,
                   coalesce(sum(summed.debits), 0)::bigint,
                   coalesce(sum(summed.credits), 0)::bigint
            FROM account LEFT JOIN summed USING (id, unit)
            GROUP BY account.unit, account.kind ORDER BY 1, 2""",
    )
    return [KindTotal(*row) for row in rows]


def check() -> LedgerCheck:
    """Return what recomputing every balance from its transfers finds."""
    totals = trial_balance()
    units = {total.unit for total in totals}
    unbalanced = [
        unit
        for unit in sorted(units)
        if sum(t.credits - t.debits for t in totals if t.unit == unit) != 0
    ]
    [(transfers,)] = fetch(LEDGER, "SELECT count(*) FROM transfer")
    [(wrong, overdrawn)] = fetch(
        LEDGER,
        f"""WITH summed AS (
                SELECT id, unit, sum(credit) - sum(debit) AS balance
                FROM ({_SIDES}) side GROUP BY id, unit)
            SELECT count(*) FILTER (WHERE account.balance <> coalesce(summed.balance, 0)),
                   count(*) FILTER (WHERE account.no_overdraft AND account.balance < 0)
            FROM account LEFT JOIN summed USING (id, unit)
            WHERE account.balance IS NOT NULL""",
    )
    [(orphans,)] = fetch(
        LEDGER,
        f"""SELECT count(*) FROM (SELECT DISTINCT id, unit FROM ({_SIDES}) side) named
            WHERE NOT EXISTS (SELECT 1 FROM account
                              WHERE account.id = named.id AND account.unit = named.unit)""",
    )
    return LedgerCheck(transfers, unbalanced, wrong, overdrawn, orphans, _wrong_holds())


def _wrong_holds() -> int:
    """Return how many accounts hold another amount than what is held in them and has not ended."""
    [(wrong,)] = fetch(
        LEDGER,
        f"""WITH summed AS (
                SELECT id, unit, sum(credit) - sum(debit) AS balance
                FROM ({_SIDES}) side JOIN account USING (id, unit)
                WHERE account.kind = 13 GROUP BY id, unit),
            waiting AS (
                SELECT held AS id, unit, sum(amount) AS balance FROM hold
                WHERE NOT EXISTS (SELECT FROM hold_end WHERE hold_id = hold.id) GROUP BY 1, 2)
            SELECT count(*) FROM summed FULL JOIN waiting USING (id, unit)
            WHERE coalesce(summed.balance, 0) <> coalesce(waiting.balance, 0)""",
    )
    return int(wrong)


def entitled_accounts(cycle: UUID) -> int:
    """Return how many households have an entitlement account in a cycle, of any unit."""
    [(accounts,)] = fetch(
        LEDGER,
        "SELECT count(DISTINCT id) FROM account WHERE cycle = %s AND kind = 3",
        (cycle,),
    )
    return int(accounts)
