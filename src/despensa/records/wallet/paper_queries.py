"""Reads of identity cards on paper: who waits for one, and what a batch holds; no name is read here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.ports.access import KeyedPerson
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.wallet.queries import Holder

READY = 2
_DAY = 3


@dataclass(frozen=True, slots=True)
class PaperBatch:
    """One batch of identity cards on paper. Holds: `handed_over` and `ended` count its cards."""

    id: UUID
    state: int
    count: int
    handed_over: int
    ended: int
    issued_on: date
    destroy_by: date


@dataclass(frozen=True, slots=True)
class PaperCard:
    """One card of a batch with what its code says of the holder."""

    id: UUID
    number: str
    status_list: int
    place: int
    issued_on: date
    expires_on: date
    holder: Holder


def wanted(limit: int, *, areas: Sequence[UUID] | None) -> list[tuple[UUID, UUID]]:
    """Return (card, person) asked for and not printed, oldest first; areas of where they live."""
    return fetch(
        REGISTRY,
        """SELECT card.id, card.person_id FROM identity_card card
           WHERE card.asked_at IS NOT NULL AND card.batch_id IS NULL AND card.ended_at IS NULL
             AND EXISTS (SELECT 1 FROM membership
                         JOIN household ON household.id = membership.household_id
                         WHERE membership.registrant_id = card.person_id
                           AND membership.until_date IS NULL
                           AND (%s::uuid[] IS NULL OR household.area_id = ANY(%s::uuid[])))
           ORDER BY card.asked_at, card.id LIMIT %s""",
        (areas, areas, limit),
    )


def waiting_for(people: Sequence[UUID]) -> set[UUID]:
    """Return which of these people wait for a card on paper."""
    rows = fetch(
        REGISTRY,
        """SELECT person_id FROM identity_card WHERE person_id = ANY(%s) AND asked_at IS NOT NULL
             AND handed_over_at IS NULL AND ended_at IS NULL""",
        (list(people),),
    )
    return {person for (person,) in rows}


_WITHIN = """(%s::uuid[] IS NULL OR NOT EXISTS (
    SELECT 1 FROM identity_card held
    JOIN membership ON membership.registrant_id = held.person_id AND membership.until_date IS NULL
    JOIN household ON household.id = membership.household_id
    WHERE held.batch_id = batch.id AND household.area_id <> ALL(%s::uuid[])))"""


def batches(limit: int = 50, *, areas: Sequence[UUID] | None) -> list[PaperBatch]:
    """Return batches, newest first; of areas only those all of whose people live there."""
    rows = fetch(
        REGISTRY,
        f"""SELECT batch.id, batch.state, batch.count,
                  count(*) FILTER (WHERE card.handed_over_at IS NOT NULL),
                  count(*) FILTER (WHERE card.ended_at IS NOT NULL),
                  batch.issued_on, batch.destroy_by
           FROM identity_batch batch JOIN identity_card card ON card.batch_id = batch.id
           WHERE {_WITHIN}
           GROUP BY batch.id ORDER BY batch.issued_on DESC, batch.id LIMIT %s""",
        (areas, areas, limit),
    )
    return [PaperBatch(*row) for row in rows]


def unprinted() -> list[UUID]:
    """Return the recorded batches that were not printed and read back whole."""
    rows = fetch(
        REGISTRY,
        """SELECT id FROM identity_batch WHERE state = 1 AND print_destroyed_at IS NULL
           ORDER BY issued_on, id""",
    )
    return [batch for (batch,) in rows]


def print_files_over(today: date) -> list[UUID]:
    """Return the batches whose print files may lie about no longer."""
    rows = fetch(
        REGISTRY,
        """SELECT id FROM identity_batch
           WHERE print_destroyed_at IS NULL AND (state = 3 OR destroy_by < %s)""",
        (today,),
    )
    return [batch for (batch,) in rows]


def cards_of_batch(batch: UUID) -> list[PaperCard]:
    """Return the cards of a batch that did not end, with their holders, in the order of the sheets."""
    rows = fetch(
        REGISTRY,
        """SELECT card.id, card.number, card.status_list_id, card.place, card.issued_on,
                  card.expires_on, person.id, person_key.kek, person_key.wrapped,
                  person.full_name, person.birth_day, person.birth_month, person.birth_precision,
                  person.sex
           FROM identity_card card
           JOIN registrant person ON person.id = card.person_id
           JOIN person_key ON person_key.person = person.id
           WHERE card.batch_id = %s AND card.ended_at IS NULL AND person.full_name IS NOT NULL
           ORDER BY card.position""",
        (batch,),
    )
    return [_card(row) for row in rows]


def is_within(batch: UUID, areas: Sequence[UUID] | None) -> bool:
    """Return whether there is such a batch, and all of its people live in these areas."""
    return bool(
        fetch(
            REGISTRY,
            f"SELECT 1 FROM identity_batch batch WHERE batch.id = %s AND {_WITHIN}",
            (batch, areas, areas),
        )
    )


def is_ready(batch: UUID) -> bool:
    """Return whether a batch was printed and read back, and not counted yet."""
    rows = fetch(REGISTRY, "SELECT 1 FROM identity_batch WHERE id = %s AND state = 2", (batch,))
    return bool(rows)


def _card(row: Sequence) -> PaperCard:
    card, number, status_list, place, issued_on, expires_on, *holder = row
    return PaperCard(card, number, status_list, place, issued_on, expires_on, _holder(holder))


def _holder(row: Sequence) -> Holder:
    person, kek, wrapped, name, day, month, precision, sex = row
    is_whole = precision == _DAY and day is not None
    return Holder(
        KeyedPerson(person.bytes, kek, bytes(wrapped)),
        bytes(name),
        bytes(day) if is_whole else None,
        month if is_whole else None,
        sex,
    )
