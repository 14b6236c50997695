"""
Post a batch of transfers under ids of whoever orders them: all that can be posted, all durable.

1 a batch in which nothing is amiss is one statement · 2 else load what the books say, decide order by
order and group by group, write what was decided · 3 one leaf. Sent twice, everything replays.
Source: docs/explanation/design.md, section 8.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction

from despensa.domain.act import Acting
from despensa.domain.ledger.posting import (
    Move,
    Order,
    Outcome,
    decide,
    first_leg,
    pack,
    require_wellformed,
)
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import posting_store as store
from despensa.records.sealed_journal import workspace_entries

ACTION = "post_transfers"
_TRIES = 5


def post_transfers(
    orders: Sequence[Order], *, acting: Acting, proposal: UUID | None = None
) -> list[Outcome]:
    """
    Return what became of each order, in their order; posted ones are durable.

    Raises: MalformedOrder, and then nothing was posted.
    """
    require_wellformed(orders)
    if not orders:
        return []
    if _posted_clean(orders, acting, proposal):
        return [Outcome.POSTED] * len(orders)
    for left in reversed(range(_TRIES)):
        try:
            return _decided(orders, acting, proposal)
        except (IntegrityError, store.AnotherWasFirst):
            # another batch used an id or ended a hold between reading and writing
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


def _posted_clean(orders: Sequence[Order], acting: Acting, proposal: UUID | None) -> bool:
    """Return whether the batch was posted whole by one statement; nothing is written otherwise."""
    moves = [order for order in orders if isinstance(order, Move) and order.held is None]
    if len(moves) != len(orders):
        return False
    try:
        with transaction.atomic(using=LEDGER):
            store.add_new(moves)
            _journal([first_leg(move) for move in moves], acting, proposal)
    except (IntegrityError, store.AnotherWasFirst):
        return False
    return True


def _decided(orders: Sequence[Order], acting: Acting, proposal: UUID | None) -> list[Outcome]:
    with transaction.atomic(using=LEDGER):
        posting = decide(orders, store.books_of(orders))
        if posting.transfers:
            store.write(posting)
            _journal(posting.transfers, acting, proposal)
    return list(posting.outcomes)


def _journal(transfers: Sequence[Move], acting: Acting, proposal: UUID | None) -> None:
    """Write one leaf over the whole batch: packed, and closed as what accounts of people moved."""
    act = journal_store.act(LEDGER, ACTION, acting, proposal=proposal)
    body = journal.encode_columns({"key": acting.new_id().bytes, "transfers": pack(transfers)})
    journal_store.append(
        LEDGER,
        workspace_entries(
            act, "transfer_batch", journal.Op.INSERT, [body], acting=acting, sealer=acting
        ),
    )
