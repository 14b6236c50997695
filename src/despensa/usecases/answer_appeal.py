"""
Answer an appeal: upheld, not upheld for a reason of the list, or withdrawn; with a signed receipt.

Nobody answers who took it down, or who drafted, decided, proposed or approved its cycle: asked in
the transaction that writes the answer. Where one person runs the workspace, a day stands for another
pair of eyes, and the journal says so. Nothing of the published cycle changes; what follows from an
upheld appeal is a child cycle, proposed afterwards. Source: docs/explanation/design.md, section 7.10;
docs/reference/formats.md, section 5.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain import appeal as appeals
from despensa.domain import receipt as receipts
from despensa.domain.act import Acting
from despensa.domain.appeal import Answer, AppealRefused, Reason, Why
from despensa.domain.ports.keeper import PersonVault, Signatory
from despensa.domain.role import Permission
from despensa.domain.transparency.entry import Entry
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries, store
from despensa.records.households.change_journal import entry_of, keys_of
from despensa.records.staff import queries as staff

ACTION = "answer_appeal"
_DAY_ZERO = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer that stands, and whether it was given now and a child cycle follows from it."""

    appeal: UUID
    receipt: bytes
    is_new: bool
    has_child: bool


def answer_appeal(
    appeal: UUID,
    given: Answer,
    *,
    reason: Reason | None = None,
    acting: Acting,
    vault: PersonVault,
    signatory: Signatory,
    single_operator: bool = False,
) -> Answered:
    """
    Return that an appeal is answered; the same answer of the same person again changes nothing.

    `single_operator` is the workspace's mode: only there may a wait stand for another person.
    Locks: the appeal's row.
    Raises: AppealRefused, also for one out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("an appeal is answered by a person")
    with transaction.atomic(using=REGISTRY):
        store.lock(appeal)
        view = _view(appeal, acting)
        if (view.answer, view.reason, view.answered_by) == (given, reason, acting.staff):
            assert view.answer_receipt is not None, "a constraint of the table"
            return Answered(
                appeal, view.answer_receipt, is_new=False, has_child=given is Answer.UPHELD
            )
        brought = appeals.Brought(view.taken_down_by, queries.deciders(view.cycle), view.answer)
        waited = acting.at - view.taken_down_at if single_operator else None
        has_child = appeals.answer(
            brought, given, reason=reason, by=acting.staff, waited_seconds=waited
        )
        has_waited = single_operator and appeals.is_own(brought, acting.staff)
        child = acting.new_id() if has_child else None
        plan = store.journal_of_answer(
            appeal, view.person, given, reason, child=child, has_waited=has_waited
        )
        keys = keys_of([] if view.person is None else [view.person])
        act = journal_store.act(REGISTRY, ACTION, acting)
        entry = entry_of([plan], act=act, acting=acting, vault=vault, keys=keys)
        receipt = _receipt(view, given, reason, entry, acting)
        signed = signatory.sign(receipts.receipt_payload(receipt), label=receipts.LABEL)
        store.answer(appeal, store.Given(given, reason, child, signed, has_waited), acting=acting)
        journal_store.append(REGISTRY, [entry])
    return Answered(appeal, signed, is_new=True, has_child=has_child)


def _view(appeal: UUID, acting: Acting) -> queries.AppealView:
    """Return the appeal; out of reach answers as what does not exist."""
    assert acting.staff is not None, "asked before"
    view = queries.appeal(appeal)
    reach = staff.reach_of(acting.staff, Permission.ANSWER_APPEALS, acting.day)
    if view is None or not reach.covers(view.programme, view.area):
        raise AppealRefused(Why.NO_SUCH_APPEAL)
    return view


def _receipt(
    view: queries.AppealView, given: Answer, reason: Reason | None, entry: Entry, acting: Acting
) -> receipts.Receipt:
    """Return the paper's content; after a no it says until when to appeal again, while there is time."""
    may_come_again = given is not Answer.UPHELD and acting.day <= view.last_day
    return receipts.Receipt(
        kind=receipts.ReceiptKind.APPEAL_ANSWERED,
        workspace_id=acting.workspace.bytes,
        content_hash=entry.leaf_hash,
        day=acting.day.toordinal() - _DAY_ZERO,
        serial=appeals.serial(view.id.hex),
        reason=None if reason is None else int(reason),
        appeal_until=view.last_day.toordinal() - _DAY_ZERO if may_come_again else None,
        answer=int(given),
        cycle_id=view.cycle.bytes,
    )
