"""
Take a partner's message in: known before, still allowed to ask, within the limits.

0 asked before? the same message is the same, another under its id is refused · 1 may the partner ask
now? · 2 count it and write it. Source: docs/explanation/design.md, section 9.
"""

from dataclasses import dataclass

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records.databases import REGISTRY
from despensa.records.partners import queries, store


class DuplicateMessage(ValueError):
    """Another message came under this id before."""


class MayNotAsk(PermissionError):
    """The partner was revoked, or its agreement is not in force."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A message on its way in; `about` is empty where nobody is asked about."""

    name: str
    digest: bytes
    kind: int
    about: str
    transaction: str
    reference: str


def known_message(coming: Coming, *, partner: queries.PartnerView) -> queries.MessageView | None:
    """
    Return the message if it came before, or None. Nothing is written.

    Raises: DuplicateMessage.
    """
    known = queries.message(partner.id, coming.name)
    if known is not None and known.digest != coming.digest:
        raise DuplicateMessage("Another message came under this message_id before.")
    return known


def take_partner_message(
    coming: Coming, *, partner: queries.PartnerView, is_search: bool, acting: Acting
) -> queries.MessageView:
    """
    Return the message as it is written, or as it came before; only a new one is counted.

    Raises: MayNotAsk; LimitReached; DuplicateMessage.
    """
    with transaction.atomic(using=REGISTRY):
        if not store.lock_partner(partner.id) or not partner.is_active(acting.day):
            raise MayNotAsk("This partner may not ask: it was revoked, or its time is over.")
        message = acting.new_id()
        is_new = store.take(
            message,
            partner.id,
            name=coming.name,
            digest=coming.digest,
            kind=coming.kind,
            about=coming.about,
            transaction=coming.transaction,
            reference=coming.reference,
            at=acting.at,
        )
        if is_new:
            store.count_message(partner, is_search=is_search, at=acting.at)
        known = known_message(coming, partner=partner)
    assert known is not None, "it was written just now, or before"
    return known
