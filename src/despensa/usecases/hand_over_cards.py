"""
Hand cards over: from this scan on they count.

Scanning the same card twice changes nothing and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.cards import store
from despensa.records.databases import REGISTRY
from despensa.records.staff import queries as staff
from despensa.records.tables import TABLE_NUMBER


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Cards that changed with their households, and numbers that did not."""

    cards: tuple[tuple[str, UUID], ...]
    unchanged: tuple[str, ...]


def hand_over_cards(numbers: Sequence[str], *, acting: Acting) -> HandedOver:
    """
    Return which cards were handed over now and which were not waiting for it.

    Cards of households out of this person's reach do not wait for them; the system reaches all.
    """
    with transaction.atomic(using=REGISTRY):
        changed = store.hand_over(numbers, areas=_areas(acting))
        if changed:
            journal_store.record(REGISTRY, "hand_over_cards", acting, _rows(changed))
    done = {number for number, _ in changed}
    return HandedOver(tuple(changed), tuple(n for n in numbers if n not in done))


def _areas(acting: Acting) -> list[UUID] | None:
    if acting.staff is None:
        return None
    return staff.reach_of(acting.staff, Permission.HAND_OVER_CARDS, acting.day).areas


def _rows(changed: Sequence[tuple[str, UUID]]) -> list[bytes]:
    return journal.encode_rows(
        journal.Row(
            TABLE_NUMBER["card"],
            journal.Op.UPDATE,
            number.encode("ascii"),
            journal.Seal.NONE,
            journal.encode_columns({"state": store.HANDED_OVER}),
        )
        for number, _ in changed
    )
