"""
Answer somebody who is not enrolled today: a signed refusal, or a signed appointment.

Nothing about the person is taken, so nothing can be kept: the answer says what, why, where, when
and by whom of the staff. Source: docs/explanation/design.md, section 1; docs/reference/formats.md,
section 5.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from despensa.domain import receipt as receipts
from despensa.domain.act import Acting
from despensa.domain.enrolment.answer import Appointment, Refusal
from despensa.domain.ports.keeper import Signatory
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.domain.transparency.entry import Entry, private_entry
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.enrolment import queries, store
from despensa.records.staff import queries as staff

ACTION = "answer_enrolment"
_DAY_ZERO = date(1970, 1, 1).toordinal()
_ELSEWHERE = (
    "This area lies outside the one your role is for today: nothing was signed. Choose an area of "
    "yours, or ask the security officer for a role that reaches there."
)


def answer_enrolment(
    answer_id: UUID,
    answer: Refusal | Appointment,
    *,
    area: UUID,
    acting: Acting,
    signatory: Signatory,
) -> bytes:
    """
    Return the signed paper; asked twice under one id, the same paper.

    Raises: OutOfReach.
    """
    if acting.staff is None:
        raise OutOfReach("An enrolment is answered by a person.")
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.ENROL_HOUSEHOLDS, acting.day)
        if not reach.holds(area):
            raise OutOfReach(_ELSEWHERE)
        store.answers_take_turns(answer_id)
        known = queries.answer(answer_id, reach=reach)
        if known is not None:
            return known.receipt
        said = _said(answer)
        columns: dict[int | str, Any] = {
            "kind": int(said.kind), "reason": said.reason, "bring": said.bring,
            "area_id": area.bytes, "until_date": said.until.isoformat(),
        }  # fmt: skip
        entry = private_entry(
            journal_store.act(REGISTRY, ACTION, acting),
            entry=acting.new_id(),
            salt=acting.new_salt(),
            rows=journal_rows.inserted("enrolment_answer", [(answer_id.bytes, columns)]),
        )
        receipt = _receipt(answer_id, said, entry, acting)
        signed = signatory.sign(receipts.receipt_payload(receipt), label=receipts.LABEL)
        store.add_answer(
            store.AnswerRow(
                answer_id, int(said.kind), said.reason, said.bring, area, acting.staff, acting.at,
                said.until, signed,
            )
        )  # fmt: skip
        journal_store.append(REGISTRY, [entry])
    return signed


@dataclass(frozen=True, slots=True)
class _Said:
    kind: receipts.ReceiptKind
    until: date
    reason: int | None = None
    bring: tuple[int, ...] = ()


def _said(answer: Refusal | Appointment) -> _Said:
    if isinstance(answer, Refusal):
        kind = receipts.ReceiptKind.ENROLMENT_REFUSED
        return _Said(kind, answer.appeal_until, reason=int(answer.reason))
    bring = tuple(int(one) for one in answer.bring)
    return _Said(receipts.ReceiptKind.APPOINTMENT, answer.come_by, bring=bring)


def _receipt(answer_id: UUID, said: _Said, entry: Entry, acting: Acting) -> receipts.Receipt:
    last_day = said.until.toordinal() - _DAY_ZERO
    is_refusal = said.reason is not None
    return receipts.Receipt(
        kind=said.kind,
        workspace_id=acting.workspace.bytes,
        content_hash=entry.leaf_hash,
        day=acting.day.toordinal() - _DAY_ZERO,
        serial=f"{'R' if is_refusal else 'C'}-{answer_id.hex[:12]}",
        reason=said.reason,
        appeal_until=last_day if is_refusal else None,
        bring=None if is_refusal else said.bring,
        come_by=None if is_refusal else last_day,
    )
