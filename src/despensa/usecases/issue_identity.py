"""
Make an identity card for the phone that holds the access token: recorded first, signed afterwards.

1 whose token, for which phone · 2 once, and again only for the same phone · 3 the card with its place
in the status list, the end of an earlier card, the look, the leaf. Killed after that, the same phone
asks again and gets the same card. Source: docs/decisions/0033-wallets.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.card_order import seconds_at
from despensa.domain.ports.access import Access, KeyedPerson, Purpose
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.ports.wallet import CredentialOrder
from despensa.domain.sealing import Sealed
from despensa.domain.transparency.journal import Op
from despensa.domain.wallet import publication
from despensa.domain.wallet.offer import State, secret_hash
from despensa.domain.wallet.proof import Proof
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import entry_of
from despensa.records.registry.store import record_look
from despensa.records.wallet import queries, store

ACTION = "issue_identity_card"
CARD_DAYS = 3 * 365


class TokenRefused(ValueError):
    """The access token is unknown or over."""


class PhoneRefused(ValueError):
    """The card was made for another phone."""


@dataclass(frozen=True, slots=True)
class ToSign:
    """What the keeper is asked to sign now that it is recorded."""

    access: Access
    person: KeyedPerson = field(repr=False)
    values: Sequence[Sealed] = field(repr=False)
    order: CredentialOrder


def issue_identity(
    token: str,
    proof: Proof,
    *,
    issuer: str,
    country: str,
    acting: Acting,
    vault: PersonVault,
) -> ToSign:
    """
    Return what is to be signed for this phone; `acting` is the system's, the look is the offerer's.

    Raises: TokenRefused; PhoneRefused. Locks: the offer, then the newest status list.
    """
    with transaction.atomic(using=REGISTRY):
        offer = store.locked_by_token(secret_hash(token))
        if offer is None or offer.until <= acting.at:
            raise TokenRefused
        holder = queries.holder(offer.person)
        if holder is None:
            raise TokenRefused
        if offer.state == State.TAKEN and offer.phone != proof.thumbprint:
            raise PhoneRefused
        if offer.state == State.TAKEN:
            card = _held(offer)
        else:
            card = _made(offer, proof, holder, acting, vault)
        access = Access(
            entry=acting.new_id().bytes,
            staff=offer.staff.bytes,
            at=acting.at,
            purpose=Purpose.OWN_RECORD,
            persons=(offer.person.bytes,),
            fields=tuple(dict.fromkeys(value.column for value in holder.values())),
            case=offer.id.bytes,
        )
        record_look(access, acting=acting)
    order = CredentialOrder(
        card=card.id.bytes,
        number=card.number,
        status_address=issuer + publication.PATH.format(number=card.status_list),
        place=card.place,
        issuer=issuer,
        country=country,
        issued_at=seconds_at(card.issued_on),
        expires_at=seconds_at(card.expires_on),
        birth_month="" if holder.birth_month is None else f"{holder.birth_month:%Y%m}",
        gender=holder.sex,
        holder=proof.holder,
    )
    return ToSign(access, holder.key, holder.values(), order)


def _held(offer: store.Offer) -> store.Card:
    """Return the card an offer became. Raises: TokenRefused once it ended."""
    for card, ended_at, _ in store.cards_of(offer.person):
        if card.id == offer.card and ended_at is None:
            return card
    raise TokenRefused


def _made(
    offer: store.Offer, proof: Proof, holder: queries.Holder, acting: Acting, vault: PersonVault
) -> store.Card:
    """Return a new card of an offer; what the person had before ends."""
    before = store.end_card_in_use(offer.person, reason=store.REPLACED, at=acting.at)
    today = datetime.fromtimestamp(acting.at, UTC).date()
    card = store.add_card(
        acting.new_id(),
        offer.person,
        issued_on=today,
        expires_on=today + timedelta(days=CARD_DAYS),
        random=acting.random,
        now=acting.at,
    )
    store.take(offer.id, card=card.id, phone=proof.thumbprint)
    plans = [
        *store.end_plans(before, reason=store.REPLACED, at=acting.at),
        ("identity_card", Op.INSERT, card.id, offer.person, card.columns()),
    ]
    act = journal_store.act(REGISTRY, ACTION, acting)
    keys = {offer.person: holder.key}
    journal_store.append(
        REGISTRY, [entry_of(plans, act=act, acting=acting, vault=vault, keys=keys)]
    )
    return card
