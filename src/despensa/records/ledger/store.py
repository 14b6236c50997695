"""
Writes of the ledger: accounts and transfers, whole batches by COPY.

Balances are moved by the database when transfers are written (migrations/0002). Only use cases
import this. Source: docs/explanation/design.md, section 8.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from despensa.domain.ledger.account import LIMITED_KINDS, AccountKind
from despensa.domain.ledger.transfer import Transfer
from despensa.records.bulk import copy_binary, copy_framed, execute
from despensa.records.databases import LEDGER

TRANSFER_COLUMNS = ("id", "debit", "credit", "unit", "amount", "cause", "cause_id")


def ensure_named(accounts: Sequence[tuple[bytes, int, AccountKind, UUID | None]]) -> None:
    """
    Create (id, unit, kind, cycle) accounts that do not exist yet, each with an empty balance.

    An account without a cycle never fades: stock is nobody's.
    """
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


def credit_accounts(frames: Iterable[bytes]) -> None:
    """
    Write framed transfers of an opening, sorted by account; the database makes the accounts.

    Raises: django.db.IntegrityError on an overdraft of the fund.
    """
    copy_framed(LEDGER, "transfer", TRANSFER_COLUMNS, frames)
