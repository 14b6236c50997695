"""
Open a kept answer once more: for the same message again, a status request, or a sending.

A kept record is read again, so it is written down again; and where the consent ended meanwhile, the
answer is the one for "nothing to tell". Source: docs/explanation/design.md, sections 5 and 9.
"""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.partner import answer as answers
from despensa.domain.partner.answer import Answer
from despensa.domain.partner.consent import About
from despensa.domain.ports.keeper import Access, PersonVault, Purpose
from despensa.domain.sealing import Column, Sealed
from despensa.records.databases import REGISTRY
from despensa.records.partners import queries
from despensa.records.registry import store


def open_partner_answer(
    message: queries.MessageView, *, acting: Acting, vault: PersonVault
) -> Answer:
    """
    Return the answer of an answered message; `acting` is the partner's act, or the system's.

    Raises: AccessRefused when the quota of the partner or the office is used up.
    """
    assert message.answer is not None, "only answered messages are opened"
    if message.owner is None:
        return answers.unpacked(message.answer)
    consent = None if message.consent is None else queries.consent(message.consent)
    subject = queries.subject(message.owner)
    if consent is None or subject is None or not consent.holds(acting.day):
        return answers.nothing(
            transaction=message.transaction,
            reference=message.reference,
            about=About(message.about),
            correlation=message.id.hex,
            at=message.received_at,
        )
    access = Access(
        entry=acting.new_id().bytes,
        staff=message.partner.bytes,
        at=acting.at,
        purpose=Purpose.ANSWER_PARTNER,
        persons=(message.owner.bytes,),
        fields=(Column.PARTNER_ANSWER,),
    )
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    sealed = Sealed(Column.PARTNER_ANSWER, message.id.bytes, message.answer)
    [[packed]] = vault.unseal(access, [(subject.key, [sealed])])
    return answers.unpacked(packed)
