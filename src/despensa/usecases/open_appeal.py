"""
Open an appeal: what the household says, beside its decision; the look is written down first.

Source: docs/explanation/design.md, section 5; docs/reference/formats.md, section 8, access entry.
"""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.appeal import AppealRefused, Why
from despensa.domain.ports.keeper import Access, PersonVault, Purpose
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, Sealed
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries
from despensa.records.households.change_journal import keys_of
from despensa.records.programmes import queries as programmes
from despensa.records.registry import queries as registry
from despensa.records.registry import store
from despensa.records.staff import queries as staff


@dataclass(frozen=True, slots=True)
class OpenedAppeal:
    """
    An appeal with its words and its decision.

    `text` is empty where none was taken down or it was erased; `decision` None where the cycle's
    decisions are kept no more.
    """

    view: queries.AppealView
    text: str = field(repr=False)
    decision: programmes.DecisionRow | None


def open_appeal(
    appeal: UUID, *, acting: Acting, vault: PersonVault, with_text: bool = True
) -> OpenedAppeal:
    """
    Return an appeal for whoever takes appeals down or answers them there.

    Without `with_text` the words stay sealed: to print a receipt nobody needs them.
    Raises: AppealRefused for one out of reach; AccessRefused when the quota is used up.
    """
    if acting.staff is None:
        raise ValueError("an appeal is opened by a person")
    view = queries.appeal(appeal)
    if view is None or not _sees(view, acting):
        raise AppealRefused(Why.NO_SUCH_APPEAL)
    sealed = queries.sealed_text(appeal) if with_text else None
    keys = keys_of([] if view.person is None else [view.person])
    key = None if view.person is None or sealed is None else keys.get(view.person)
    people = {member.id for member in registry.members([view.household])}
    people |= {view.person} if view.person is not None else set()
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.ANSWER_GRIEVANCE,
        persons=tuple(sorted(person.bytes for person in people)),
        fields=() if key is None else (Column.GRIEVANCE,),
        case=view.id.bytes,
    )
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    text = ""
    if key is not None and sealed is not None:
        [[text]] = vault.unseal(access, [(key, [Sealed(Column.GRIEVANCE, appeal.bytes, sealed)])])
    decisions = programmes.decisions_of(view.household, programmes=[view.programme])
    decision = next((one for one in decisions if one.cycle == view.cycle), None)
    return OpenedAppeal(view, text, decision)


def _sees(view: queries.AppealView, acting: Acting) -> bool:
    assert acting.staff is not None, "asked before"
    return any(
        staff.reach_of(acting.staff, permission, acting.day).covers(view.programme, view.area)
        for permission in (Permission.BRING_APPEALS, Permission.ANSWER_APPEALS)
    )
