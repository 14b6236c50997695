"""
Count a printed batch of identity cards: all are there, spoilt ones are worth nothing, also on the list.

Whoever gets a spoilt one asks again and has another number: nothing is printed twice. The print files
are destroyed after this, by whoever calls. Source: docs/how-to/print-identity-cards.md.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.card.count import Counted, CountRefused, CountTrouble, require_whole
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import entry_of, keys_of
from despensa.records.staff import queries as staff
from despensa.records.wallet import paper_queries, paper_store, store

ACTION = "count_identity_cards"
_NO_SUCH = "There is no such batch, or it is outside the area of your role: nothing was counted."


def count_identity_cards(
    batch: UUID, *, good: int, spoilt: Sequence[str], acting: Acting, vault: PersonVault
) -> bool:
    """
    Return whether the batch is counted from now on; one that was counted before stays so.

    Raises: CountRefused; OutOfReach. Locks: the batch, then its spoilt cards.
    """
    if acting.staff is None:
        raise OutOfReach(_NO_SUCH)
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.ISSUE_CARDS, acting.day)
        held = paper_store.locked_batch(batch)
        if held is None or not reach.stretches or not paper_queries.is_within(batch, reach.areas):
            raise OutOfReach(_NO_SUCH)
        state, made = held
        if state == paper_store.COUNTED:
            return False
        if state != paper_store.READY:
            raise CountRefused(CountTrouble.NOT_READ_BACK)
        printed = paper_store.printed_among(batch, spoilt)
        require_whole(Counted(made, printed.keys()), good, spoilt)
        ended = [
            card
            for number in spoilt
            for card in store.end_card(printed[number], reason=paper_store.SPOILT, at=acting.at)
        ]
        paper_store.close_count(batch)
        if ended:
            plans = store.end_plans(ended, reason=paper_store.SPOILT, at=acting.at)
            act = journal_store.act(REGISTRY, ACTION, acting)
            keys = keys_of([card.person for card in ended])
            journal_store.append(
                REGISTRY, [entry_of(plans, act=act, acting=acting, vault=vault, keys=keys)]
            )
        rows = journal_rows.updated(
            "identity_batch", [(batch.bytes, {"state": paper_store.COUNTED})]
        )
        journal_store.record(REGISTRY, ACTION, acting, rows)
    return True
