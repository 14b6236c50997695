"""
Count a printed batch: all cards are there, spoilt ones are dead, nothing is printed from it again.

The print files and what the keeper holds of spoilt cards are destroyed after this, by whoever calls.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.card.count import Counted, CountRefused, CountTrouble, require_whole
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.records import journal_rows, journal_store
from despensa.records.cards import queries, store
from despensa.records.databases import REGISTRY
from despensa.records.sealed_journal import workspace_entries
from despensa.records.staff import queries as staff

ACTION = "count_batch"
_NO_SUCH = "There is no such batch, or it is outside the area or programme of your role: nothing was counted."


def count_batch(
    batch: UUID, *, good: int, spoilt: Sequence[str], acting: Acting, sealer: JournalSealer
) -> bool:
    """
    Return whether the batch is counted from now on; one that was counted before stays so.

    Raises: CountRefused; OutOfReach for a batch that is not in this person's reach.
    Locks: the batch, then its spoilt cards.
    """
    if acting.staff is None:
        raise OutOfReach("A batch is counted by a person.")
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.ISSUE_CARDS, acting.day)
        if queries.batch(batch, reach=reach) is None:
            raise OutOfReach(_NO_SUCH)
        state, made = store.locked_batch(batch)
        if state == store.COUNTED:
            return False
        if state != store.READY:
            raise CountRefused(CountTrouble.NOT_READ_BACK)
        require_whole(Counted(made, store.printed_among(batch, spoilt)), good, spoilt)
        store.spoil_printed(batch, spoilt)
        store.close_count(batch)
        bodies = (
            journal.encode_columns({"key": number.encode("ascii"), "state": store.DEAD})
            for number in spoilt
        )
        act = journal_store.act(REGISTRY, ACTION, acting)
        journal_store.append(
            REGISTRY,
            workspace_entries(act, "card", journal.Op.UPDATE, bodies, acting=acting, sealer=sealer),
        )
        rows = journal_rows.updated("card_batch", [(batch.bytes, {"state": store.COUNTED})])
        journal_store.record(REGISTRY, ACTION, acting, rows)
    return True
