"""
Offer somebody who is present their identity card for the wallet on their phone.

1 who, in reach, living there · 2 may this be · 3 the offer, its leaf; an earlier offer ends. The codes
are returned once and kept as hashes. Source: docs/decisions/0033-wallets.md.
"""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from django.db import IntegrityError, transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.role import Permission
from despensa.domain.transparency.journal import Op
from despensa.domain.wallet import offer as rules
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import Plan, entry_of
from despensa.records.staff import queries as staff
from despensa.records.wallet import queries, store

ACTION = "offer_identity_card"


class Fault(Enum):
    """Why nothing is offered."""

    NO_HOUSEHOLD = "no_household"
    NOBODY = "nobody"
    MEANWHILE = "meanwhile"


class OfferRefused(ValueError):
    """Nothing is offered, for the reason in `fault`."""

    def __init__(self, fault: Fault) -> None:
        """Keep the fault."""
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer with its codes, shown once, and until when they are taken."""

    id: UUID
    codes: rules.Codes
    until: int


def offer_identity(person: UUID, household: UUID, *, acting: Acting, vault: PersonVault) -> Offered:
    """
    Return an offer to somebody who lives in this household.

    Raises: OfferRefused, also for a household out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("an identity card is offered by a person")
    codes, made = rules.new_codes(acting.random), acting.new_id()
    until = acting.at + rules.LIFE_SECONDS
    try:
        with transaction.atomic(using=REGISTRY):
            reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
            area = queries.lives_in(person, household)
            if area is None or not reach.holds(area):
                raise OfferRefused(Fault.NO_HOUSEHOLD)
            holder = queries.holder(person)
            if holder is None:
                raise OfferRefused(Fault.NOBODY)
            store.add_offer(
                made,
                person=person,
                household=household,
                staff=acting.staff,
                at=acting.at,
                until=until,
                code_hash=rules.secret_hash(codes.code),
                typed_hash=rules.typed_hash(codes),
            )
            # signed before a phone asks for it
            store.ready_list(acting.random, now=acting.at)
            told: Plan = (
                "wallet_offer", Op.INSERT, made, person,
                {"person_id": person.bytes, "household_id": household.bytes, "until": until},
            )  # fmt: skip
            act = journal_store.act(REGISTRY, ACTION, acting)
            keys = {person: holder.key}
            journal_store.append(
                REGISTRY, [entry_of([told], act=act, acting=acting, vault=vault, keys=keys)]
            )
    except IntegrityError as error:
        # two at once for one person: the other's codes are on a screen
        raise OfferRefused(Fault.MEANWHILE) from error
    return Offered(made, codes, until)
