"""Writes of identity cards on paper: asked for, printed, handed over. Only use cases import this."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.wallet.store import Card

SIGNED, READY, COUNTED = 1, 2, 3
SPOILT = 4
_CARD = "id, number, person_id, status_list_id, place, issued_on, expires_on"


def waiting_of(person: UUID) -> UUID | None:
    """Return the card on paper somebody waits for, asked for or printed. Locks: it."""
    rows = fetch(
        REGISTRY,
        """SELECT id FROM identity_card WHERE person_id = %s AND asked_at IS NOT NULL
             AND handed_over_at IS NULL AND ended_at IS NULL FOR UPDATE""",
        (person,),
    )
    return rows[0][0] if rows else None


def locked_wanted(cards: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return {card: person} of those that still wait for being printed. Locks: them, in order."""
    rows = fetch(
        REGISTRY,
        """SELECT id, person_id FROM identity_card WHERE id = ANY(%s) AND asked_at IS NOT NULL
             AND batch_id IS NULL AND ended_at IS NULL ORDER BY id FOR UPDATE""",
        (list(cards),),
    )
    return dict(rows)


def add_batch(
    batch: UUID,
    cards: Sequence[UUID],
    *,
    issued_on: date,
    expires_on: date,
    destroy_by: date,
) -> None:
    """Write a batch, and the place of each of its locked cards in the order of the sheets."""
    execute(
        REGISTRY,
        """INSERT INTO identity_batch (id, count, state, issued_on, destroy_by)
           VALUES (%s, %s, %s, %s, %s)""",
        (batch, len(cards), SIGNED, issued_on, destroy_by),
    )
    execute(
        REGISTRY,
        """UPDATE identity_card SET batch_id = %s, position = place.number - 1, issued_on = %s,
               expires_on = %s
           FROM unnest(%s::uuid[]) WITH ORDINALITY AS place (card, number)
           WHERE identity_card.id = place.card""",
        (batch, issued_on, expires_on, list(cards)),
    )


def pages_are_ready(batch: UUID, sheet_sha256: bytes) -> bool:
    """Mark a signed batch as printed and read back; return whether it was in that state."""
    changed = execute(
        REGISTRY,
        "UPDATE identity_batch SET state = %s, sheet_sha256 = %s WHERE id = %s AND state = %s",
        (READY, sheet_sha256, batch, SIGNED),
    )
    return changed == 1


def locked_batch(batch: UUID) -> tuple[int, int] | None:
    """Return state and number of cards of a batch, None without one. Locks: the batch."""
    rows = fetch(
        REGISTRY, "SELECT state, count FROM identity_batch WHERE id = %s FOR UPDATE", (batch,)
    )
    return rows[0] if rows else None


def printed_among(batch: UUID, numbers: Sequence[str]) -> dict[str, UUID]:
    """Return {number: card} of those numbers that lie printed in the batch. Locks: those cards."""
    rows = fetch(
        REGISTRY,
        """SELECT number, id FROM identity_card WHERE batch_id = %s AND number = ANY(%s)
             AND handed_over_at IS NULL AND ended_at IS NULL ORDER BY id FOR UPDATE""",
        (batch, list(numbers)),
    )
    return dict(rows)


def close_count(batch: UUID) -> None:
    """Mark a batch as counted."""
    execute(REGISTRY, "UPDATE identity_batch SET state = %s WHERE id = %s", (COUNTED, batch))


def ready_card(number: str, *, areas: Sequence[UUID] | None) -> Card | None:
    """
    Return the printed card of a number whose holder lives in these areas, waiting for its hand-over.

    Locks: the card.
    """
    rows = fetch(
        REGISTRY,
        f"""SELECT {_CARD} FROM identity_card card
            WHERE number = %s AND handed_over_at IS NULL AND ended_at IS NULL
              AND EXISTS (SELECT 1 FROM identity_batch batch
                          WHERE batch.id = card.batch_id AND batch.state IN (2, 3))
              AND EXISTS (SELECT 1 FROM membership
                          JOIN household ON household.id = membership.household_id
                          WHERE membership.registrant_id = card.person_id
                            AND membership.until_date IS NULL
                            AND (%s::uuid[] IS NULL OR household.area_id = ANY(%s::uuid[])))
            FOR UPDATE OF card""",
        (number, areas, areas),
    )
    return Card(*rows[0]) if rows else None


def hand_over(card: UUID, *, at: int) -> None:
    """Mark a locked card as handed over: from now on it is the one of its holder."""
    execute(REGISTRY, "UPDATE identity_card SET handed_over_at = %s WHERE id = %s", (at, card))


def note_print_destroyed(batches: Sequence[UUID], *, at: int) -> list[tuple[UUID, int]]:
    """Mark the print files of batches as destroyed; return those that were not, with their cards."""
    return fetch(
        REGISTRY,
        """UPDATE identity_batch SET print_destroyed_at = %s
           WHERE id = ANY(%s) AND print_destroyed_at IS NULL RETURNING id, count""",
        (at, list(batches)),
    )
