"""
Closing a batch's count, with its journal; inside the use case's transaction. Only use cases import this.

Source: docs/explanation/design.md, section 6, States.
"""

from collections.abc import Sequence
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.card.count import CountRefused, CountTrouble
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.records import journal_rows, journal_store
from despensa.records.cards import queries, store
from despensa.records.databases import REGISTRY
from despensa.records.sealed_journal import workspace_entries
from despensa.records.staff import queries as staff

_NO_SUCH = "There is no such batch, or it is outside the area or programme of your role: nothing was counted."


def locked_count(batch: UUID, *, acting: Acting) -> int | None:
    """
    Return how many cards a batch has that is counted now, None for one that was counted before.

    Raises: OutOfReach; CountRefused for one that was not read back. Locks: the batch.
    """
    if acting.staff is None:
        raise OutOfReach("A batch is counted by a person.")
    reach = staff.reach_of(acting.staff, Permission.ISSUE_CARDS, acting.day)
    if queries.batch(batch, reach=reach) is None:
        raise OutOfReach(_NO_SUCH)
    state, made = store.locked_batch(batch)
    if state == store.COUNTED:
        return None
    if state != store.READY:
        raise CountRefused(CountTrouble.NOT_READ_BACK)
    return made


def close(
    batch: UUID, spoilt: Sequence[str], *, action: str, acting: Acting, sealer: JournalSealer
) -> None:
    """Mark a locked batch as counted and its spoilt cards, which lie printed, as dead."""
    store.spoil_printed(batch, spoilt)
    store.close_count(batch)
    bodies = (
        journal.encode_columns({"key": number.encode("ascii"), "state": store.DEAD})
        for number in spoilt
    )
    act = journal_store.act(REGISTRY, action, acting)
    journal_store.append(
        REGISTRY,
        workspace_entries(act, "card", journal.Op.UPDATE, bodies, acting=acting, sealer=sealer),
    )
    rows = journal_rows.updated("card_batch", [(batch.bytes, {"state": store.COUNTED})])
    journal_store.record(REGISTRY, action, acting, rows)
