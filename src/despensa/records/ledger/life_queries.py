"""Reads about the life of a cycle: how far its books are, and what they come to."""

from dataclasses import dataclass
from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER

OPEN, CLOSED, SWEPT, FADING, FADED = 1, 2, 3, 4, 5
_PREPARED = 1
# the stage of a cycle under which something was carried into it; the earlier cycle follows
CARRIED_IN = "carried_in:"


@dataclass(frozen=True, slots=True)
class Books:
    """How far the books of a cycle are, and what phones still hold or have sent of it."""

    state: int
    chunks: int
    lists_out: int
    events_waiting: int


def books(cycle: UUID) -> Books | None:
    """Return how far the books of a cycle are, or None when it was never opened."""
    rows = fetch(
        LEDGER,
        """SELECT state, chunks,
                  (SELECT count(*) FROM lease JOIN session ON session.id = lease.session_id
                   WHERE session.cycle = books.cycle AND lease.state = %s),
                  (SELECT count(*) FROM inbox_event JOIN session ON session.id = inbox_event.session
                   WHERE session.cycle = books.cycle)
           FROM cycle_books books WHERE cycle = %s""",
        (_PREPARED, cycle),
    )
    return Books(*rows[0]) if rows else None


def faded_with_rest() -> list[UUID]:
    """Return the faded cycles of which a phone reported something since."""
    rows = fetch(
        LEDGER,
        """SELECT DISTINCT cycle FROM evidence_batch JOIN cycle_books USING (cycle)
           WHERE state = %s ORDER BY cycle""",
        (FADED,),
    )
    return [cycle for (cycle,) in rows]


def quantities(cycle: UUID) -> list[tuple[int, int, int, int, int, int]]:
    """
    Return (unit, delivered, unclaimed, carried on, emergency, loss) of a cycle by unit.

    Delivered is what rights covered, unclaimed what is left of them in the fund, carried on what
    went from there to a later cycle; the same before fading and after.
    """
    return fetch(
        LEDGER,
        """WITH own AS (SELECT id, unit, kind FROM account WHERE cycle = %s),
           moved AS (
               SELECT own.unit, own.kind AS given, giver.kind AS taken, sum(amount) AS amount
               FROM transfer JOIN own ON own.id = transfer.credit AND own.unit = transfer.unit
               JOIN own giver ON giver.id = transfer.debit AND giver.unit = transfer.unit
               GROUP BY 1, 2, 3)
           SELECT unit,
                  coalesce(sum(amount) FILTER (WHERE given IN (6, 8) AND taken IN (2, 3, 13)), 0)::bigint
                  - coalesce(sum(amount) FILTER (WHERE taken = 8 AND given IN (2, 3)), 0)::bigint,
                  coalesce((SELECT sum(balance) FROM account
                            WHERE cycle = %s AND kind IN (2, 3)
                              AND account.unit = moved.unit), 0)::bigint,
                  coalesce((SELECT sum(amount) FROM transfer JOIN own USING (unit)
                            WHERE own.id = transfer.debit AND own.kind = 2 AND cause = 9
                              AND own.unit = moved.unit), 0)::bigint,
                  coalesce(sum(amount) FILTER (WHERE given = 6 AND taken = 10), 0)::bigint,
                  coalesce(sum(amount) FILTER (WHERE given = 6 AND taken = 9), 0)::bigint
           FROM moved GROUP BY unit ORDER BY unit""",
        (cycle, cycle),
    )
