"""Writes of cards, inside the use case's transaction. Only use cases import this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.enrolment.card_binding import StockCard
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import REGISTRY

PRINTED, HANDED_OVER, ACTIVE, REPLACED, DEAD = 1, 2, 3, 4, 5
SIGNED, READY, COUNTED = 1, 2, 3
# what a household holds or was to get
REPLACEABLE = (PRINTED, HANDED_OVER, ACTIVE)


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of cards with the dates all of them share."""

    id: UUID
    proposal: UUID
    cycle: UUID | None
    epoch: int
    issued_on: date
    expires_on: date
    destroy_by: date
    kid: bytes


def add_batch(batch: Batch, cards: Sequence[tuple[str, UUID | None]]) -> None:
    """Write a batch and its printed cards (number, household or None) in sheet order."""
    execute(
        REGISTRY,
        """INSERT INTO card_batch
           (id, proposal, cycle, count, state, issued_on, destroy_by)
           VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        (
            batch.id,
            batch.proposal,
            batch.cycle,
            len(cards),
            SIGNED,
            batch.issued_on,
            batch.destroy_by,
        ),
    )
    copy_rows(
        REGISTRY,
        "card",
        (
            "number", "household_id", "batch_id", "position", "state", "epoch", "issued_on",
            "expires_on", "kid",
        ),
        (
            (
                number, household, batch.id, position, PRINTED, batch.epoch, batch.issued_on,
                batch.expires_on, batch.kid,
            )
            for position, (number, household) in enumerate(cards)
        ),
    )  # fmt: skip


def sheet_is_ready(batch: UUID, sheet_sha256: bytes) -> bool:
    """Mark a signed batch as printed and read back; return whether it was in that state."""
    return (
        execute(
            REGISTRY,
            "UPDATE card_batch SET state = %s, sheet_sha256 = %s WHERE id = %s AND state = %s",
            (READY, sheet_sha256, batch, SIGNED),
        )
        == 1
    )


def locked_batch(batch: UUID) -> tuple[int, int]:
    """Return state and number of cards of a batch. Locks: the batch."""
    [(state, count)] = fetch(
        REGISTRY, "SELECT state, count FROM card_batch WHERE id = %s FOR UPDATE", (batch,)
    )
    return state, count


def printed_among(batch: UUID, numbers: Sequence[str]) -> set[str]:
    """Return which of the numbers are cards of the batch that lie as printed. Locks: those cards."""
    rows = fetch(
        REGISTRY,
        """SELECT number FROM card WHERE batch_id = %s AND number = ANY(%s) AND state = %s
           ORDER BY number FOR UPDATE""",
        (batch, list(numbers), PRINTED),
    )
    return {number for (number,) in rows}


def spoil_printed(batch: UUID, numbers: Sequence[str]) -> None:
    """Mark printed cards of a batch as dead; a household that was to get one has none."""
    execute(
        REGISTRY,
        "UPDATE card SET state = %s WHERE batch_id = %s AND number = ANY(%s) AND state = %s",
        (DEAD, batch, list(numbers), PRINTED),
    )


def note_print_destroyed(batches: Sequence[UUID], *, at: int) -> list[tuple[UUID, int]]:
    """Mark the print files of batches as destroyed; return those that were not, with their cards."""
    return fetch(
        REGISTRY,
        """UPDATE card_batch SET print_destroyed_at = %s
           WHERE id = ANY(%s) AND print_destroyed_at IS NULL RETURNING id, count""",
        (at, list(batches)),
    )


def close_count(batch: UUID) -> None:
    """Mark a batch as counted."""
    execute(REGISTRY, "UPDATE card_batch SET state = %s WHERE id = %s", (COUNTED, batch))


def hand_over(numbers: Sequence[str], *, areas: Sequence[UUID] | None) -> list[tuple[str, UUID]]:
    """
    Mark printed cards of a ready batch that belong to a household of these areas as handed over.

    Shape: (number, household) of those that changed; others were unassigned, not printed, or lie at
        a print shop.
    Locks: the cards.
    """
    return fetch(
        REGISTRY,
        """UPDATE card SET state = %s FROM card_batch batch
           WHERE card.number = ANY(%s) AND card.state = %s AND card.household_id IS NOT NULL
             AND (%s::uuid[] IS NULL OR EXISTS (
                 SELECT 1 FROM household
                 WHERE household.id = card.household_id AND household.area_id = ANY(%s::uuid[])))
             AND batch.id = card.batch_id AND batch.state IN (%s, %s)
             AND NOT EXISTS (SELECT 1 FROM shop_package
                             WHERE shop_package.batch_id = batch.id AND returned_at IS NULL)
           RETURNING card.number, card.household_id""",
        (HANDED_OVER, list(numbers), PRINTED, areas, areas, READY, COUNTED),
    )


def stock_card(number: str) -> StockCard | None:
    """
    Return what is known of a card that is held out to be bound, None for a number never printed.

    Locks: the card.
    """
    rows = fetch(
        REGISTRY,
        """SELECT card.state, card.household_id IS NOT NULL,
                  batch.state IN (2, 3) AND NOT EXISTS (
                      SELECT 1 FROM shop_package
                      WHERE shop_package.batch_id = batch.id AND returned_at IS NULL),
                  card.expires_on
           FROM card JOIN card_batch batch ON batch.id = card.batch_id
           WHERE card.number = %s FOR UPDATE OF card""",
        (number,),
    )
    if not rows:
        return None
    [(state, is_bound, is_checked, expires_on)] = rows
    return StockCard(
        is_dead=state in (REPLACED, DEAD),
        is_bound=is_bound,
        is_checked=is_checked,
        expires_on=expires_on,
    )


def locked_cards(numbers: Sequence[str]) -> dict[str, tuple[int, UUID | None]]:
    """Return state and household of cards by their numbers. Locks: the cards, in their order."""
    rows = fetch(
        REGISTRY,
        """SELECT number, state, household_id FROM card WHERE number = ANY(%s)
           ORDER BY number FOR UPDATE""",
        (list(numbers),),
    )
    return {number: (state, household) for number, state, household in rows}


def replace(number: str) -> None:
    """Mark a card as replaced: it never counts again."""
    execute(REGISTRY, "UPDATE card SET state = %s WHERE number = %s", (REPLACED, number))


def bind(number: str, household: UUID) -> None:
    """Give a card of nobody to a household: from now on it counts."""
    execute(
        REGISTRY,
        "UPDATE card SET household_id = %s, state = %s WHERE number = %s AND household_id IS NULL",
        (household, HANDED_OVER, number),
    )


def spoil(number: str) -> bool:
    """Mark a printed card of nobody as dead; return whether it was one."""
    return (
        execute(
            REGISTRY,
            "UPDATE card SET state = %s WHERE number = %s AND state = %s AND household_id IS NULL",
            (DEAD, number, PRINTED),
        )
        == 1
    )


def activate(cycle: UUID) -> int:
    """Mark the handed-over cards of a cycle's decided households as active."""
    return execute(
        REGISTRY,
        """UPDATE card SET state = %s FROM decision
           WHERE decision.cycle_id = %s AND card.household_id = decision.household_id
             AND card.state = %s""",
        (ACTIVE, cycle, HANDED_OVER),
    )


def end_cards(household: UUID) -> list[str]:
    """Mark every card of a household nobody lives in any more as dead; return those that changed."""
    rows = fetch(
        REGISTRY,
        """UPDATE card SET state = %s WHERE household_id = %s AND state <> ALL(%s)
           RETURNING number""",
        (DEAD, household, [REPLACED, DEAD]),
    )
    return sorted(number for (number,) in rows)
