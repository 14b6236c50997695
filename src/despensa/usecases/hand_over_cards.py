"""
Hand cards over: from this scan on they count.

Scanning the same card twice changes nothing and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.cards import store
from despensa.records.databases import REGISTRY
from despensa.records.sealed_journal import workspace_entries
from despensa.records.staff import queries as staff


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Cards that changed with their households, and numbers that did not."""

    cards: tuple[tuple[str, UUID], ...]
    unchanged: tuple[str, ...]


def hand_over_cards(numbers: Sequence[str], *, acting: Acting, sealer: JournalSealer) -> HandedOver:
    """
    Return which cards were handed over now and which were not waiting for it.

    Cards of households out of this person's reach do not wait for them; the system reaches all.
    """
    with transaction.atomic(using=REGISTRY):
        changed = store.hand_over(numbers, areas=_areas(acting))
        bodies = (
            journal.encode_columns({"key": number.encode("ascii"), "state": store.HANDED_OVER})
            for number, _ in changed
        )
        act = journal_store.act(REGISTRY, "hand_over_cards", acting)
        journal_store.append(
            REGISTRY,
            workspace_entries(act, "card", journal.Op.UPDATE, bodies, acting=acting, sealer=sealer),
        )
    done = {number for number, _ in changed}
    return HandedOver(tuple(changed), tuple(n for n in numbers if n not in done))


def _areas(acting: Acting) -> list[UUID] | None:
    if acting.staff is None:
        return None
    return staff.reach_of(acting.staff, Permission.HAND_OVER_CARDS, acting.day).areas
