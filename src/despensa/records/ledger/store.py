"""
Writes of the ledger: accounts and transfers, whole batches by COPY.

Balances are moved by the database when transfers are written (migrations/0002). Only use cases
import this. Source: docs/explanation/design.md, section 8.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from despensa.domain.ledger.account import LIMITED_KINDS, AccountKind
from despensa.domain.ledger.transfer import Transfer
from despensa.records.bulk import copy_binary, execute, widen_memory
from despensa.records.databases import LEDGER


def ensure_named(accounts: Sequence[tuple[bytes, int, AccountKind, UUID]]) -> None:
    """Create (id, unit, kind, cycle) accounts that do not exist yet, each with an empty balance."""
    execute(
        LEDGER,
        """INSERT INTO account (id, unit, kind, cycle, balance, no_overdraft)
           SELECT id, unit, kind, cycle, CASE WHEN limited THEN 0 END, limited
           FROM unnest(%s::bytea[], %s::int[], %s::smallint[], %s::uuid[], %s::boolean[])
                AS named (id, unit, kind, cycle, limited)
           ORDER BY id, unit ON CONFLICT DO NOTHING""",
        (
            [account for account, _, _, _ in accounts],
            [unit for _, unit, _, _ in accounts],
            [int(kind) for _, _, kind, _ in accounts],
            [cycle for _, _, _, cycle in accounts],
            [kind in LIMITED_KINDS for _, _, kind, _ in accounts],
        ),
    )


def add_entitlements(rows: Iterable[tuple[bytes, int]], *, cycle: UUID) -> None:
    """
    Create entitlement accounts (id, unit), sorted by id, each empty.

    What follows in the transaction may sum as many transfers at once, so it is given memory here.
    """
    widen_memory(LEDGER)
    kind = int(AccountKind.ENTITLEMENT)
    copy_binary(
        LEDGER,
        "account",
        {
            "id": "bytea", "unit": "int4", "kind": "int2", "cycle": "uuid", "balance": "int8",
            "no_overdraft": "bool",
        },
        ((account, unit, kind, cycle, 0, True) for account, unit in rows),
    )  # fmt: skip


def add_transfers(transfers: Iterable[tuple[UUID, Transfer]]) -> None:
    """
    Write transfers; the database moves the balances and refuses an overdraft.

    Raises: django.db.IntegrityError on an overdraft or an unknown account.
    """
    copy_binary(
        LEDGER,
        "transfer",
        {
            "id": "uuid", "debit": "bytea", "credit": "bytea", "unit": "int4", "amount": "int8",
            "cause": "int2", "cause_id": "uuid",
        },
        (
            (
                transfer_id,
                transfer.debit,
                transfer.credit,
                transfer.unit,
                transfer.amount,
                int(transfer.cause),
                UUID(bytes=transfer.cause_id),
            )
            for transfer_id, transfer in transfers
        ),
    )  # fmt: skip
