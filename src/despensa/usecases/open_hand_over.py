"""
Open the names for handing a batch's cards over: each look is written down before a name is.

1 the batch lies printed, in reach · 2 whose cards they are · 3 record every look · 4 the keeper
opens the names, under the approved order that named this list, its count and its last day.
Nothing is stored. Source: docs/explanation/design.md, sections 5 and 6.
"""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.card.hand_over import OUTPUT, ListRefused
from despensa.domain.ports.bulk_work import BulkWork
from despensa.domain.ports.keeper import Access, Purpose
from despensa.domain.proposal import Mandate, parse
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, Sealed
from despensa.records.cards import queries
from despensa.records.databases import REGISTRY
from despensa.records.registry import queries as registry
from despensa.records.registry import store
from despensa.records.staff import queries as staff

_NO_SUCH = "There is no such batch, or it is outside the area or programme of your role."
_READY = 2
_LOOKS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Holder:
    """One card of a batch with its place from 0, and the name of whoever gets it."""

    position: int
    number: str
    household: UUID
    name: str = field(repr=False)


def open_hand_over(
    batch_id: UUID, mandate: Mandate | None, *, acting: Acting, bulk: BulkWork
) -> list[Holder]:
    """
    Return whose the batch's cards are, in the order of the sheets; cards of nobody are left out.

    Raises: OutOfReach; ListRefused for a batch that does not lie printed any more; ApprovalInvalid
        when the order named no such list, a shorter one, or its last day is over.
    """
    if acting.staff is None:
        raise OutOfReach(_NO_SUCH)
    reach = staff.reach_of(acting.staff, Permission.ISSUE_CARDS, acting.day)
    batch = queries.batch(batch_id, reach=reach)
    if batch is None or mandate is None:
        raise OutOfReach(_NO_SUCH)
    if not any(out.name == OUTPUT for out in parse(mandate.canonical).outputs):
        raise ListRefused(
            "The order of this batch named no hand-over list: no names of it are printed. Order the "
            "next cards with one; these are handed over by scanning them."
        )
    if batch.state != _READY or batch.destroy_by < acting.day:
        raise ListRefused(
            "This batch is counted, or its print files are destroyed: no list of it is printed any "
            "more. Cards are handed over by scanning them."
        )
    cards = queries.assigned_in(batch_id)
    shown = registry.shown_first([household for _, _, household in cards])
    people = list({member.id: member for member in shown.values()}.values())
    names: dict[UUID, str] = {}
    for start in range(0, len(people), _LOOKS_AT_ONCE):
        part = people[start : start + _LOOKS_AT_ONCE]
        access = Access(
            entry=acting.new_id().bytes,
            staff=acting.staff.bytes,
            at=acting.at,
            purpose=Purpose.HAND_OVER_CARD,
            persons=tuple(member.id.bytes for member in part),
            fields=(Column.FULL_NAME,),
        )
        with transaction.atomic(using=REGISTRY):
            store.record_look(access, acting=acting)
        opened = bulk.hand_over_names(
            access,
            proposal_bytes=mandate.canonical,
            approval=mandate.signed,
            people=[
                (member.key, Sealed(Column.FULL_NAME, member.id.bytes, member.full_name))
                for member in part
            ],
        )
        names |= {member.id: name for member, name in zip(part, opened, strict=True)}
    return [
        Holder(position, number, household, names[shown[household].id])
        for position, number, household in cards
        if household in shown
    ]
