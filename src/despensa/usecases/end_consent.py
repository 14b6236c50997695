"""
Take a consent back: from this moment the partner is told nothing, not even an answer it had.

Source: docs/explanation/design.md, section 9.
"""

from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain import receipt as receipts
from despensa.domain.act import Acting
from despensa.domain.partner.consent import ConsentRefused, Fault
from despensa.domain.ports.keeper import PersonVault, Signatory
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.partners import queries, store
from despensa.records.registry import queries as registry
from despensa.records.staff import queries as staff

ACTION = "end_consent"
_DAY_ZERO = date(1970, 1, 1).toordinal()


def end_consent(
    consent: UUID, *, household: UUID, acting: Acting, vault: PersonVault, signatory: Signatory
) -> bool:
    """
    Return whether a consent of somebody in this household ended now; what ended before stays so.

    Raises: ConsentRefused, also for a household out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("a consent is taken back at the desk")
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
        known = {one.id: one for one in queries.consents_of(household)}
        if registry.household(household, reach=reach) is None or consent not in known:
            raise ConsentRefused(Fault.NO_CONSENT)
        view = known[consent]
        owner = store.lock_person(view.given_by)
        if owner is None or view.ended_at is not None:
            return False
        columns: dict[int | str, object] = {
            "ended_at": acting.at,
            "ended_by": acting.staff.bytes,
        }
        act = journal_store.act(REGISTRY, ACTION, acting)
        rows = [(journal.Op.UPDATE, consent, columns)]
        entry = store.consent_entry(owner, rows, act=act, acting=acting, vault=vault)
        ended = receipts.Receipt(
            kind=receipts.ReceiptKind.CONSENT_ENDED,
            workspace_id=acting.workspace.bytes,
            content_hash=entry.leaf_hash,
            day=acting.day.toordinal() - _DAY_ZERO,
            serial=f"W-{consent.hex[:12]}",
            partner=view.partner_name,
            shared_for=view.purpose,
        )
        receipt = signatory.sign(receipts.receipt_payload(ended), label=receipts.LABEL)
        if not store.end_consent(consent, by=acting.staff, at=acting.at, receipt=receipt):
            return False
        journal_store.append(REGISTRY, [entry])
    return True
