"""
Keep an answer, so that the same message is answered the same.

Where it holds a record it is sealed to the person. The first answer that is kept is the answer.
Source: docs/reference/formats.md, section 6.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.partner.answer import Answer
from despensa.domain.ports.keeper import KeyedPerson, PersonVault
from despensa.domain.sealing import Column, ToSeal
from despensa.records.databases import REGISTRY
from despensa.records.partners import queries, store


def keep_partner_answer(
    message: queries.MessageView,
    answer: Answer,
    *,
    told: tuple[UUID, KeyedPerson] | None,
    at: int,
    due_at: int | None,
    vault: PersonVault,
) -> bool:
    """
    Return whether this answer is the kept one; `told` is its consent and whose key seals it.

    Somebody erased meanwhile has no key any more: nothing is kept, and the answer is not given.
    """
    packed, consent, owner = answer.packed(), None, None
    with transaction.atomic(using=REGISTRY):
        if told is not None:
            consent, key = told
            owner = UUID(bytes=key.person)
            if store.lock_person(owner) is None:
                return False
            place = ToSeal(Column.PARTNER_ANSWER, message.id.bytes, 1, packed)
            [[packed]] = vault.seal([(key, [place])])
        return store.keep_answer(
            message.id, packed, consent=consent, owner=owner, at=at, due_at=due_at
        )
