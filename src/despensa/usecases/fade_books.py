"""
Fade a cycle's books: one transaction leaves closing sums where accounts and transfers were.

0 faded before? · 1 nothing of the cycle is merged meanwhile · 2 sums per point, day, unit and book
take the place of transfers; accounts, tags, redemptions, refusals, evidence, lists and what phones
sent go · 3 the journal says how many. What a phone reports afterwards is added to the sums in the
same way, under the next number. Source: docs/explanation/design.md, section 7.9.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import sweep_store as books
from despensa.records.redemption import fade_store as store

STAGE = "fade_books"


def fade_books(cycle: UUID, *, acting: Acting) -> bool:
    """
    Return whether the books faded now; False when they had.

    Raises: BooksNotThere when the cycle is not swept; NotEmpty when an account still holds
        something.
    """
    with transaction.atomic(using=LEDGER):
        if not journal_store.begin_stage(LEDGER, cycle, STAGE, 0, now=acting.at):
            return False
        books.move_books(cycle, from_state=books.SWEPT, to_state=books.FADING)
        _fade(cycle, acting)
        books.move_books(cycle, from_state=books.FADING, to_state=books.FADED)
    return True


def fade_rest(cycle: UUID, *, acting: Acting) -> None:
    """
    Add what phones reported of a faded cycle to its closing sums.

    Raises: BooksNotThere when it has not faded.
    """
    with transaction.atomic(using=LEDGER):
        books.move_books(cycle, from_state=books.FADED, to_state=books.FADED)
        number = journal_store.stages_done(LEDGER, cycle, STAGE)
        journal_store.begin_stage(LEDGER, cycle, STAGE, number, now=acting.at)
        _fade(cycle, acting)


def _fade(cycle: UUID, acting: Acting) -> None:
    store.hold_still()
    fund = named_account(AccountKind.FUND, cycle=cycle.bytes)
    sums = store.close(cycle, fund=fund, batch_id=acting.new_id())
    gone = store.drop(cycle)
    rows = journal_rows.inserted(
        "closing_sum",
        (
            (
                one.id.bytes,
                {
                    "point": None if one.point is None else one.point.bytes,
                    "day": None if one.day is None else one.day.isoformat(),
                    "unit": one.unit,
                    "book": one.book,
                    "quantity": one.quantity,
                },
            )
            for one in sums
        ),
    )
    for table, count in gone:
        rows += journal_rows.deleted(table, [(b"", {"count": count})])
    journal_store.record(LEDGER, STAGE, acting, rows)
