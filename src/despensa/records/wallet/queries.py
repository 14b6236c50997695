"""Reads of identity cards, offers and status lists; no name is read here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from despensa.domain.ports.access import KeyedPerson
from despensa.domain.sealing import Column, Sealed
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY

_DAY = 3


@dataclass(frozen=True, slots=True)
class Holder:
    """What an identity card needs of a person: sealed name and day, month of birth, sex."""

    key: KeyedPerson = field(repr=False)
    name: bytes = field(repr=False)
    birth_day: bytes | None = field(repr=False)
    birth_month: date | None
    sex: int | None

    def values(self) -> list[Sealed]:
        """Return the sealed name, then the birth day where it is known."""
        person = self.key.person
        named = [Sealed(Column.FULL_NAME, person, self.name)]
        if self.birth_day is not None:
            named.append(Sealed(Column.BIRTH_DAY, person, self.birth_day))
        return named


@dataclass(frozen=True, slots=True)
class CardView:
    """An identity card of a household's person."""

    id: UUID
    person: UUID
    number: str
    issued_on: date
    expires_on: date
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer as the office may see it."""

    id: UUID
    person: UUID
    household: UUID
    state: int
    until: int
    tries: int
    card: UUID | None


@dataclass(frozen=True, slots=True)
class ListState:
    """A published list: when it was signed, and with how many ended places."""

    number: int
    issued_at: int | None
    told: int


def holder(person: UUID) -> Holder | None:
    """Return what a card needs of somebody; None of whoever was erased or has no name."""
    rows = fetch(
        REGISTRY,
        """SELECT person_key.kek, person_key.wrapped, registrant.full_name, registrant.birth_day,
                  registrant.birth_month, registrant.birth_precision, registrant.sex
           FROM registrant JOIN person_key ON person_key.person = registrant.id
           WHERE registrant.id = %s AND registrant.full_name IS NOT NULL
           FOR SHARE OF person_key""",
        (person,),
    )
    if not rows:
        return None
    [(kek, wrapped, name, day, month, precision, sex)] = rows
    key = KeyedPerson(person.bytes, kek, bytes(wrapped))
    is_whole = precision == _DAY and day is not None
    return Holder(
        key, bytes(name), bytes(day) if is_whole else None, month if is_whole else None, sex
    )


def lives_in(person: UUID, household: UUID) -> UUID | None:
    """Return the area of the household somebody lives in now; None where they do not."""
    rows = fetch(
        REGISTRY,
        """SELECT household.area_id FROM household
           WHERE household.id = %s AND EXISTS (
               SELECT 1 FROM membership WHERE household_id = household.id
                 AND registrant_id = %s AND role IN (1, 2) AND until_date IS NULL)""",
        (household, person),
    )
    return rows[0][0] if rows else None


def cards_of(people: Sequence[UUID]) -> list[CardView]:
    """Return the identity cards of people: those on paper that wait first, then newest first."""
    rows = fetch(
        REGISTRY,
        """SELECT id, person_id, number, issued_on, expires_on, ended_at FROM identity_card
           WHERE person_id = ANY(%s)
           ORDER BY (asked_at IS NULL OR handed_over_at IS NOT NULL), issued_on DESC, ended_at DESC NULLS FIRST, id""",
        (list(people),),
    )
    return [CardView(*row) for row in rows]


def card(card_id: UUID) -> CardView | None:
    """Return an identity card, or None."""
    rows = fetch(
        REGISTRY,
        """SELECT id, person_id, number, issued_on, expires_on, ended_at FROM identity_card
           WHERE id = %s""",
        (card_id,),
    )
    return CardView(*rows[0]) if rows else None


def offer(offer_id: UUID) -> OfferView | None:
    """Return an offer, or None."""
    rows = fetch(
        REGISTRY,
        """SELECT id, person_id, household_id, state, until, tries, card_id FROM wallet_offer
           WHERE id = %s""",
        (offer_id,),
    )
    return OfferView(*rows[0]) if rows else None


def lists() -> list[ListState]:
    """Return the published lists."""
    rows = fetch(REGISTRY, "SELECT number, issued_at, told FROM status_list ORDER BY number")
    return [ListState(*row) for row in rows]


def ended_places(status_list: int, *, now: int) -> list[int]:
    """Return the places of a list that are worth nothing now; a decoy never ends a card."""
    rows = fetch(
        REGISTRY,
        """SELECT place FROM identity_card WHERE status_list_id = %s AND ended_at IS NOT NULL
           UNION ALL
           SELECT decoy.place FROM status_decoy decoy
           WHERE decoy.status_list_id = %s AND decoy.ends_at <= %s AND NOT EXISTS (
               SELECT 1 FROM identity_card card
               WHERE card.status_list_id = decoy.status_list_id AND card.place = decoy.place)""",
        (status_list, status_list, now),
    )
    return [place for (place,) in rows]


def signed_list(number: int) -> tuple[bytes, str] | None:
    """Return the newest signed tokens of a list (CWT, JWT); None before it is signed."""
    rows = fetch(
        REGISTRY,
        "SELECT cwt, jwt FROM status_list WHERE number = %s AND cwt IS NOT NULL",
        (number,),
    )
    return (bytes(rows[0][0]), rows[0][1]) if rows else None


def card_by_number(number: str) -> UUID | None:
    """Return the identity card of a number, or None."""
    rows = fetch(REGISTRY, "SELECT id FROM identity_card WHERE number = %s", (number,))
    return rows[0][0] if rows else None
