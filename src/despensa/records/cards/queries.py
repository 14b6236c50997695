"""Reads of cards for doors: numbers and states, never link keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.card_order import order_of
from despensa.domain.proposal import parse
from despensa.domain.reach import Reach
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.keyset import Turn, newest_first, page_sql
from despensa.records.within import within


@dataclass(frozen=True, slots=True)
class CardState:
    """One card: where it is in its life."""

    number: str
    household: UUID | None
    state: int
    issued_on: date


@dataclass(frozen=True, slots=True)
class BatchState:
    """One batch with its counts."""

    id: UUID
    state: int
    count: int
    assigned: int
    handed_over: int
    issued_on: date
    destroy_by: date
    sheet_sha256: bytes | None
    programme: UUID | None
    area: UUID | None


@dataclass(frozen=True, slots=True)
class Unprinted:
    """A recorded batch whose pages were not made whole."""

    id: UUID
    proposal: UUID
    issued_on: date


def cards_of(household: UUID) -> list[CardState]:
    """Return a household's cards, newest first."""
    rows = fetch(
        REGISTRY,
        """SELECT number, household_id, state, issued_on FROM card
           WHERE household_id = %s ORDER BY issued_on DESC, number""",
        (household,),
    )
    return [CardState(*row) for row in rows]


def household_of(number: str, *, reach: Reach) -> CardState | None:
    """
    Return a card by its number; None when no such card was printed, or not for one in reach.

    A card without household is nobody's, and everybody may ask after it.
    """
    rows = fetch(
        REGISTRY,
        """SELECT card.number, card.household_id, card.state, card.issued_on
           FROM card LEFT JOIN household ON household.id = card.household_id
           WHERE card.number = %s AND (%s::uuid[] IS NULL OR card.household_id IS NULL
                                       OR household.area_id = ANY(%s::uuid[]))""",
        (number, reach.areas, reach.areas),
    )
    return CardState(*rows[0]) if rows else None


_BATCH = """
    SELECT batch.id, batch.state, batch.count, assigned, handed_over, batch.issued_on,
           batch.destroy_by, batch.sheet_sha256, programme.id, programme.area_id
    FROM card_batch batch
    LEFT JOIN cycle ON cycle.id = batch.cycle
    LEFT JOIN programme ON programme.id = cycle.programme_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE card.household_id IS NOT NULL) AS assigned,
               count(*) FILTER (WHERE card.state IN (2, 3, 4)) AS handed_over
        FROM card WHERE card.batch_id = batch.id) counted
"""
_PLACE = ("programme.id", "programme.area_id")


def batches(
    limit: int = 50, *, reach: Reach | None = None, turn: Turn | None = None
) -> list[BatchState]:
    """
    Return batches, newest first, of the page that begins at `turn`, with what became of their cards.

    Programme and area are those of the batch's cycle; with a reach only those it covers.
    """
    covered, values = within(reach, *_PLACE)
    page, keys, order = page_sql("batch.issued_on", "batch.id", turn)
    rows = fetch(
        REGISTRY,
        f"{_BATCH} WHERE {covered} AND {page} ORDER BY {order} LIMIT %s",
        (*values, *keys, limit),
    )
    return newest_first([_batch(row) for row in rows], turn)


def batch(batch_id: UUID, *, reach: Reach) -> BatchState | None:
    """Return one batch, None when there is none in reach."""
    covered, values = within(reach, *_PLACE)
    rows = fetch(REGISTRY, f"{_BATCH} WHERE {covered} AND batch.id = %s", (*values, batch_id))
    return _batch(rows[0]) if rows else None


def print_files_over(today: date) -> list[UUID]:
    """Return the batches whose print files may lie about no longer."""
    rows = fetch(
        REGISTRY,
        """SELECT id FROM card_batch
           WHERE print_destroyed_at IS NULL AND (state = 3 OR destroy_by < %s)
           ORDER BY issued_on DESC""",
        (today,),
    )
    return [batch for (batch,) in rows]


def unprinted() -> list[Unprinted]:
    """Return the recorded batches that were not printed and read back whole."""
    rows = fetch(
        REGISTRY,
        """SELECT id, proposal, issued_on FROM card_batch
           WHERE state = 1 AND print_destroyed_at IS NULL ORDER BY issued_on, id""",
    )
    return [Unprinted(*row) for row in rows]


def is_unprinted(batch: UUID) -> bool:
    """Return whether a recorded batch waits for being printed."""
    return bool(fetch(REGISTRY, "SELECT 1 FROM card_batch WHERE id = %s AND state = 1", (batch,)))


def last_help_line() -> str:
    """Return the number for help of the newest approved order of cards, empty when there is none."""
    rows = fetch(
        REGISTRY,
        """SELECT canonical FROM proposal JOIN card_batch ON card_batch.proposal = proposal.id
           ORDER BY card_batch.issued_on DESC, card_batch.id LIMIT 1""",
    )
    return order_of(parse(bytes(rows[0][0]))).help_line if rows else ""


def batch_totals(reach: Reach) -> tuple[int, int, int]:
    """Return how many cards were made, handed over and are without household, in reach."""
    covered, values = within(reach, *_PLACE)
    [(made, handed, free)] = fetch(
        REGISTRY,
        f"""SELECT coalesce(sum(count), 0), coalesce(sum(handed_over), 0),
                   coalesce(sum(count - assigned), 0)
            FROM ({_BATCH} WHERE {covered}) AS batch
                 (id, state, count, assigned, handed_over, issued_on, destroy_by, sheet_sha256,
                  programme, area)""",
        values,
    )
    return int(made), int(handed), int(free)


def _batch(row: tuple) -> BatchState:
    found, state, count, assigned, handed, issued, destroy, digest, *place = row
    return BatchState(
        found, state, count, assigned, handed, issued, destroy, _bytes(digest), *place
    )


def numbers_of_batch(batch: UUID) -> list[str]:
    """Return a batch's card numbers in sheet order."""
    rows = fetch(
        REGISTRY, "SELECT number FROM card WHERE batch_id = %s ORDER BY position", (batch,)
    )
    return [number for (number,) in rows]


def assigned_in(batch: UUID) -> list[tuple[int, str, UUID]]:
    """Return place from 0, number and household of a batch's cards that somebody gets, in order."""
    return fetch(
        REGISTRY,
        """SELECT position, number, household_id FROM card
           WHERE batch_id = %s AND household_id IS NOT NULL AND state NOT IN (4, 5)
           ORDER BY position""",
        (batch,),
    )


def proposal_of(batch: UUID) -> UUID | None:
    """Return the order under which a batch was made, None when there is no such batch."""
    rows = fetch(REGISTRY, "SELECT proposal FROM card_batch WHERE id = %s", (batch,))
    return rows[0][0] if rows else None


def cycle_of(batch: UUID) -> UUID | None:
    """Return the cycle a batch was ordered for, None for stock."""
    [(cycle,)] = fetch(REGISTRY, "SELECT cycle FROM card_batch WHERE id = %s", (batch,))
    return cycle


def destroyed_by(batch: UUID) -> date:
    """Return the day by which a batch's print files are destroyed."""
    [(day,)] = fetch(REGISTRY, "SELECT destroy_by FROM card_batch WHERE id = %s", (batch,))
    return day


def usable_by_household(households: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return the usable card numbers of each household that has any."""
    rows = fetch(
        REGISTRY,
        """SELECT household_id, array_agg(number::text ORDER BY number) FROM card
           WHERE household_id = ANY(%s) AND state IN (2, 3) GROUP BY household_id""",
        (list(households),),
    )
    return dict(rows)


def households_with_card(households: Sequence[UUID]) -> set[UUID]:
    """
    Return which of the households hold a card that is printed or in use.

    A batch whose sheet was never read back gives nobody a card.
    """
    rows = fetch(
        REGISTRY,
        """SELECT DISTINCT card.household_id FROM card
           JOIN card_batch batch ON batch.id = card.batch_id
           WHERE card.household_id = ANY(%s) AND card.state IN (1, 2, 3) AND batch.state <> 1""",
        (list(households),),
    )
    return {household for (household,) in rows}


def _bytes(value: bytes | None) -> bytes | None:
    return None if value is None else bytes(value)
