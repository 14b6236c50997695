"""
Carry unclaimed rights of a settled cycle on into a later one that is open, as the rule says.

0 carried before? · 1 both cycles are where they must be · 2 from fund to fund, and from there to the
accounts · 3 the journal, sealed to the later cycle. Nobody learns here which household it is.
Source: docs/explanation/design.md, section 7.9; docs/reference/rules.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import CycleKeeper
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import sweep_store as store
from despensa.records.ledger.life_queries import CARRIED_IN
from despensa.records.sealed_journal import cycle_entries

ACTION = "carry_on"


@dataclass(frozen=True, slots=True)
class CarryOnOrder:
    """
    What goes on from one cycle into another: `limits` are (unit, at most for one household).

    `pairs` are (account before, account after) of households, in no order that tells anything.
    """

    before: UUID
    after: UUID
    limits: Sequence[tuple[int, int]]
    pairs: Sequence[tuple[bytes, bytes]] = field(repr=False)


def carry_on(order: CarryOnOrder, *, acting: Acting, keeper: CycleKeeper) -> int:
    """
    Return how many rights were carried on now; a second time none is.

    Locks: the books of both cycles. Raises: BooksNotThere when the one is not swept, or the other
        not open.
    """
    stage = f"{CARRIED_IN}{order.before}"
    with transaction.atomic(using=LEDGER):
        if not journal_store.begin_stage(LEDGER, order.after, stage, 0, now=acting.at):
            return 0
        store.move_books(order.before, from_state=store.SWEPT, to_state=store.SWEPT)
        store.move_books(order.after, from_state=store.OPEN, to_state=store.OPEN)
        carried: list[tuple[bytes, int, int]] = []
        for unit, at_most in order.limits:
            carried += store.carry_on(
                order.pairs,
                before=order.before,
                after=order.after,
                unit=unit,
                at_most=at_most,
                batch_id=acting.new_id(),
            )
        bodies = journal.encode_table(("credit", "unit", "amount"), carried)
        act, after = journal_store.act(LEDGER, ACTION, acting), order.after.bytes
        entries = cycle_entries(act, "transfer", after, bodies, acting=acting, keeper=keeper)
        journal_store.append(LEDGER, entries)
    return len(carried)
