"""Writes of identity cards, offers and status lists. Only use cases import this."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from despensa.domain import identifier
from despensa.domain.transparency.journal import Op
from despensa.domain.wallet import publication
from despensa.domain.wallet.offer import State
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import Columns, Plan

ASKED, REPLACED, ERASED = 1, 2, 3
_CLOSED = "code_hash = NULL, typed_hash = NULL, token_hash = NULL, phone = NULL"


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer as it lies, locked."""

    id: UUID
    person: UUID
    staff: UUID
    state: int
    until: int
    tries: int
    typed_hash: bytes | None = field(repr=False)
    phone: bytes | None = field(repr=False)
    card: UUID | None


@dataclass(frozen=True, slots=True)
class Card:
    """One identity card."""

    id: UUID
    number: str
    person: UUID
    status_list: int
    place: int
    issued_on: date
    expires_on: date

    def columns(self) -> Columns:
        """Return what the journal says of it."""
        return {
            "number": self.number,
            "person_id": self.person.bytes,
            "status_list_id": self.status_list,
            "place": self.place,
            "issued_on": self.issued_on.isoformat(),
            "expires_on": self.expires_on.isoformat(),
        }


def add_offer(
    offer: UUID,
    *,
    person: UUID,
    household: UUID,
    staff: UUID,
    at: int,
    until: int,
    code_hash: bytes,
    typed_hash: bytes,
) -> None:
    """Write an offer that is shown; one the person still had is worth nothing from now on."""
    end_offers(person)
    execute(
        REGISTRY,
        """INSERT INTO wallet_offer (id, person_id, household_id, staff, state, made_at, until,
               tries, code_hash, typed_hash)
           VALUES (%s, %s, %s, %s, %s, %s, %s, 0, %s, %s)""",
        (offer, person, household, staff, State.SHOWN, at, until, code_hash, typed_hash),
    )


def end_offers(person: UUID) -> None:
    """End what is offered to a person and not taken yet."""
    execute(
        REGISTRY,
        f"UPDATE wallet_offer SET state = %s, {_CLOSED} WHERE person_id = %s AND state IN (1, 2)",
        (State.ENDED, person),
    )


def end_offer(offer: UUID) -> None:
    """End one offer that was not taken."""
    execute(
        REGISTRY,
        f"UPDATE wallet_offer SET state = %s, {_CLOSED} WHERE id = %s AND state IN (1, 2)",
        (State.ENDED, offer),
    )


def end_late(now: int) -> int:
    """End offers nobody took in time, forget the keys of phones whose token is over; return both."""
    late = execute(
        REGISTRY,
        f"UPDATE wallet_offer SET state = %s, {_CLOSED} WHERE state IN (1, 2) AND until <= %s",
        (State.ENDED, now),
    )
    return late + execute(
        REGISTRY,
        f"""UPDATE wallet_offer SET {_CLOSED}
            WHERE state = 3 AND token_hash IS NOT NULL AND until <= %s""",
        (now,),
    )


def locked_by_code(code_hash: bytes) -> Offer | None:
    """Return the offer of a code. Locks: its row, so that two of the same code take turns."""
    return _locked("code_hash", code_hash)


def locked_by_token(token_hash: bytes) -> Offer | None:
    """Return the offer of an access token. Locks: its row."""
    return _locked("token_hash", token_hash)


def count_try(offer: UUID) -> None:
    """Count a wrong try."""
    execute(REGISTRY, "UPDATE wallet_offer SET tries = tries + 1 WHERE id = %s", (offer,))


def use_code(offer: UUID, *, token_hash: bytes, until: int) -> None:
    """Put the access token in the place of the codes, which are destroyed."""
    execute(
        REGISTRY,
        """UPDATE wallet_offer SET state = %s, code_hash = NULL, typed_hash = NULL,
               token_hash = %s, until = %s WHERE id = %s""",
        (State.CODE_USED, token_hash, until, offer),
    )


def take(offer: UUID, *, card: UUID, phone: bytes) -> None:
    """Remember which card an offer became, and for which phone."""
    execute(
        REGISTRY,
        "UPDATE wallet_offer SET state = %s, card_id = %s, phone = %s WHERE id = %s",
        (State.TAKEN, card, phone, offer),
    )


def ready_list(random: publication.Random, *, now: int) -> int:
    """
    Return the list new cards get their places in; a new one with its decoys where none has room.

    Locks: the newest list.
    """
    rows = fetch(
        REGISTRY,
        "SELECT number, used FROM status_list ORDER BY number DESC LIMIT 1 FOR UPDATE",
    )
    number, used = rows[0] if rows else (0, publication.GIVEN_MAX)
    if used < publication.GIVEN_MAX:
        return int(number)
    number = int(number) + 1
    made = execute(
        REGISTRY,
        """INSERT INTO status_list (number, places, used, told) VALUES (%s, %s, 0, 0)
           ON CONFLICT (number) DO NOTHING""",
        (number, publication.PLACES),
    )
    if made:
        decoys = publication.drawn_decoys(random, now=now)
        copy_rows(
            REGISTRY,
            "status_decoy",
            ("status_list_id", "place", "ends_at"),
            ((number, place, ends_at) for place, ends_at in decoys.items()),
        )
    return number


def add_card(
    card: UUID,
    person: UUID,
    *,
    issued_on: date,
    expires_on: date,
    random: publication.Random,
    now: int,
    asked_at: int | None = None,
) -> Card:
    """
    Write a card with a number and a place of its own, both drawn. Locks: the newest list.

    `asked_at` is of a card on paper, which counts from its hand-over on.
    """
    status_list = ready_list(random, now=now)
    place = publication.drawn_place(random)
    while _is_taken(status_list, place):
        place = publication.drawn_place(random)
    [number] = identifier.card_numbers(random, 1)
    while _is_a_number(number):
        [number] = identifier.card_numbers(random, 1)
    execute(
        REGISTRY,
        """INSERT INTO identity_card
               (id, number, person_id, status_list_id, place, issued_on, expires_on, asked_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (card, number, person, status_list, place, issued_on, expires_on, asked_at),
    )
    execute(REGISTRY, "UPDATE status_list SET used = used + 1 WHERE number = %s", (status_list,))
    return Card(card, number, person, status_list, place, issued_on, expires_on)


def end_cards(people: Sequence[UUID], *, reason: int, at: int) -> list[Card]:
    """End every card of these people, and return them."""
    return _ended("person_id = ANY(%s)", list(people), reason=reason, at=at)


def end_card_in_use(person: UUID, *, reason: int, at: int) -> list[Card]:
    """End the card somebody uses, if there is one; one on paper that is not handed over stays."""
    return _ended(
        "person_id = %s AND (asked_at IS NULL OR handed_over_at IS NOT NULL)",
        person,
        reason=reason,
        at=at,
    )


def end_cards_of_nowhere(people: Sequence[UUID], *, at: int) -> list[Card]:
    """End the cards of those of these people who belong to no household any more."""
    return _ended(
        """person_id = ANY(%s) AND NOT EXISTS (
               SELECT 1 FROM membership WHERE membership.registrant_id = identity_card.person_id
                 AND membership.until_date IS NULL)""",
        list(people),
        reason=ASKED,
        at=at,
    )


def end_card(card: UUID, *, reason: int, at: int) -> list[Card]:
    """End one card and return it; one that ended before is no change."""
    return _ended("id = %s", card, reason=reason, at=at)


def end_cards_of_batch(batch: UUID, *, reason: int, at: int) -> list[Card]:
    """End every card of a batch on paper, and return them."""
    return _ended("batch_id = %s", batch, reason=reason, at=at)


def cards_of(person: UUID) -> list[tuple[Card, int | None, int | None]]:
    """Return every card a person ever had, with when and why it ended."""
    rows = fetch(
        REGISTRY,
        f"SELECT {_CARD}, ended_at, ended_for FROM identity_card WHERE person_id = %s ORDER BY id",
        (person,),
    )
    return [(Card(*row[:7]), row[7], row[8]) for row in rows]


def end_plans(
    cards: Sequence[Card], *, reason: int, at: int, owner: UUID | None = None
) -> list[Plan]:
    """Return the journal's rows of cards that ended, sealed to whose they were."""
    ended: Columns = {"ended_at": at, "ended_for": reason}
    return [("identity_card", Op.UPDATE, card.id, owner or card.person, ended) for card in cards]


def forget_person(person: UUID, *, at: int) -> list[Plan]:
    """
    End what somebody who is erased has in a wallet, or was offered.

    Shape: the journal's rows, whole: the key those of before were sealed under is destroyed.
    """
    end_offers(person)
    execute(
        REGISTRY,
        f"UPDATE wallet_offer SET {_CLOSED} WHERE person_id = %s AND state = 3",
        (person,),
    )
    end_cards([person], reason=ERASED, at=at)
    return [
        (
            "identity_card",
            Op.UPDATE,
            card.id,
            None,
            {
                **card.columns(),
                "ended_at": ended_at,
                "ended_for": ended_for,
                **_paper_columns(card.id),
            },
        )
        for card, ended_at, ended_for in cards_of(person)
    ]


def keep_signed(number: int, *, cwt: bytes, jwt: str, told: int, at: int) -> bool:
    """Return whether these are the newest tokens of a list; older ones never take their place."""
    return (
        execute(
            REGISTRY,
            """UPDATE status_list SET cwt = %s, jwt = %s, told = %s, issued_at = %s
               WHERE number = %s AND told <= %s AND coalesce(issued_at, 0) <= %s""",
            (cwt, jwt, told, at, number, told, at),
        )
        == 1
    )


def _paper_columns(card: UUID) -> Columns:
    """Return what the journal says of a card on paper; nothing of one in a wallet."""
    [(asked_at, batch, position, handed_over_at)] = fetch(
        REGISTRY,
        "SELECT asked_at, batch_id, position, handed_over_at FROM identity_card WHERE id = %s",
        (card,),
    )
    told: Columns = {
        "asked_at": asked_at,
        "batch_id": None if batch is None else batch.bytes,
        "position": position,
        "handed_over_at": handed_over_at,
    }
    return {column: value for column, value in told.items() if value is not None}


_CARD = "id, number, person_id, status_list_id, place, issued_on, expires_on"


def _ended(which: str, value: object, *, reason: int, at: int) -> list[Card]:
    rows = fetch(
        REGISTRY,
        f"""UPDATE identity_card SET ended_at = %s, ended_for = %s
            WHERE ended_at IS NULL AND {which} RETURNING {_CARD}""",
        (at, reason, value),
    )
    return [Card(*row) for row in rows]


def _is_taken(status_list: int, place: int) -> bool:
    return bool(
        fetch(
            REGISTRY,
            """SELECT 1 FROM identity_card WHERE status_list_id = %s AND place = %s
               UNION ALL SELECT 1 FROM status_decoy WHERE status_list_id = %s AND place = %s""",
            (status_list, place, status_list, place),
        )
    )


def _is_a_number(number: str) -> bool:
    return bool(
        fetch(
            REGISTRY,
            """SELECT 1 FROM identity_card WHERE number = %s
               UNION ALL SELECT 1 FROM card WHERE number = %s""",
            (number, number),
        )
    )


def _locked(column: str, value: bytes) -> Offer | None:
    rows = fetch(
        REGISTRY,
        f"""SELECT id, person_id, staff, state, until, tries, typed_hash, phone, card_id
            FROM wallet_offer WHERE {column} = %s FOR UPDATE""",
        (value,),
    )
    if not rows:
        return None
    [(offer, person, staff, state, until, tries, typed, phone, card)] = rows
    return Offer(offer, person, staff, state, until, tries, _bytes(typed), _bytes(phone), card)


def _bytes(value: bytes | None) -> bytes | None:
    return None if value is None else bytes(value)
