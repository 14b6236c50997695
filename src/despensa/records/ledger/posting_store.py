"""
Writes of batches of transfers under ids of whoever orders them, and of amounts that are held.

A batch of plain moves is one statement; whatever is not clean in it is decided row by row by
`domain.ledger.posting`. Only use cases import this. Source: docs/explanation/design.md, section 8.
"""

from collections.abc import Sequence
from uuid import UUID

from despensa.domain.ledger.posting import Books, End, Hold, Move, Order, Posting
from despensa.records.bulk import Identifiers, Octets, execute, fetch, run_prepared
from despensa.records.databases import LEDGER

_INSERT = """
WITH made AS (
    INSERT INTO transfer (id, debit, credit, unit, amount, cause, cause_id)
    SELECT * FROM unnest(%(ids)b::uuid[], %(debits)b::bytea[], %(credits)b::bytea[],
                         %(units)b::int[], %(amounts)b::bigint[], %(causes)b::smallint[],
                         %(cause_ids)b::uuid[])
    ON CONFLICT (id) DO NOTHING RETURNING 1)
SELECT count(*) FROM made
"""


class AnotherWasFirst(RuntimeError):
    """An id of this batch was used before, maybe since it was read: read again."""


def add_new(transfers: Sequence[Move]) -> None:
    """
    Write transfers whose ids were never used.

    Raises: AnotherWasFirst when one was; django.db.IntegrityError on an overdraft or an unknown
        account. The transaction is to be given up then.
    """
    columns = list(zip(*(transfer[:7] for transfer in transfers), strict=True))
    [(made,)] = run_prepared(
        LEDGER,
        _INSERT,
        {
            "ids": Identifiers(columns[0]),
            "debits": Octets(columns[1]),
            "credits": Octets(columns[2]),
            "units": list(columns[3]),
            "amounts": list(columns[4]),
            "causes": list(columns[5]),
            "cause_ids": Identifiers(columns[6]),
        },
    )
    if made != len(transfers):
        raise AnotherWasFirst("an id of this batch was used before")


def books_of(orders: Sequence[Order]) -> Books:
    """
    Return what the books say of everything a batch names.

    Locks: the accounts with a limit, in one order.
    """
    holds = _holds(orders)
    wanted = {
        account for hold in holds.values() for account in (hold.held, hold.debit, hold.credit)
    }
    for order in orders:
        if isinstance(order, Move):
            wanted |= {order.debit, order.credit} | ({order.held} if order.held else set())
    accounts = list(wanted)
    fetch(LEDGER, "SELECT count(*) FROM lock_accounts(%s)", (accounts,))
    balances = {
        (bytes(account), unit): balance
        for account, unit, balance in fetch(
            LEDGER, "SELECT id, unit, balance FROM account WHERE id = ANY(%s)", (accounts,)
        )
    }
    ids = [UUID(bytes=order.id) for order in orders]
    known = {
        row[0].bytes: Move(
            row[0].bytes, bytes(row[1]), bytes(row[2]), row[3], row[4], row[5], row[6].bytes
        )
        for row in fetch(
            LEDGER,
            """SELECT id, debit, credit, unit, amount, cause, cause_id
               FROM transfer WHERE id = ANY(%s)""",
            (ids,),
        )
    }
    return Books(balances, known, holds)


def write(posting: Posting) -> None:
    """
    Write what was decided of a batch.

    Raises: AnotherWasFirst; django.db.IntegrityError when another batch ended a hold first.
    """
    if not posting.transfers:
        return
    add_new(posting.transfers)
    if posting.holds:
        _write_holds(posting.holds)
    if posting.ends:
        execute(
            LEDGER,
            """INSERT INTO hold_end (hold_id, transfer, is_posted)
               SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::boolean[])""",
            (
                [UUID(bytes=hold) for hold, _, _ in posting.ends],
                [UUID(bytes=transfer) for _, transfer, _ in posting.ends],
                [is_posted for _, _, is_posted in posting.ends],
            ),
        )


def _write_holds(holds: Sequence[Hold]) -> None:
    execute(
        LEDGER,
        """INSERT INTO hold (id, cycle, held, debit, credit, unit, amount)
           SELECT given.id, account.cycle, given.held, given.debit, given.credit, given.unit,
                  given.amount
           FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[], %s::bytea[], %s::int[], %s::bigint[])
                AS given (id, held, debit, credit, unit, amount)
           JOIN account ON account.id = given.debit AND account.unit = given.unit""",
        (
            [UUID(bytes=hold.id) for hold in holds],
            [hold.held for hold in holds],
            [hold.debit for hold in holds],
            [hold.credit for hold in holds],
            [hold.unit for hold in holds],
            [hold.amount for hold in holds],
        ),
    )


def _holds(orders: Sequence[Order]) -> dict[bytes, Hold]:
    named = [
        UUID(bytes=order.hold if isinstance(order, End) else order.id)
        for order in orders
        if isinstance(order, End) or order.held is not None
    ]
    if not named:
        return {}
    rows = fetch(
        LEDGER,
        """SELECT hold.id, hold.held, hold.debit, hold.credit, hold.unit, hold.amount,
                  hold_end.transfer
           FROM hold LEFT JOIN hold_end ON hold_end.hold_id = hold.id WHERE hold.id = ANY(%s)""",
        (named,),
    )
    return {
        row[0].bytes: Hold(
            row[0].bytes, bytes(row[1]), bytes(row[2]), bytes(row[3]), row[4], row[5],
            None if row[6] is None else row[6].bytes,
        )
        for row in rows
    }  # fmt: skip
