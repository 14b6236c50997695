"""
Fading: closing sums take the place of a cycle's transfers, and what tells of people goes.

Only `usecases.fade_books` imports this. Everything is a statement over the whole cycle. The
database itself refuses to delete rows of a cycle that does not fade (ledger/migrations/0004).
Source: docs/explanation/design.md, section 7.9.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.ledger.account import AccountKind
from despensa.domain.ledger.transfer import Cause
from despensa.records.bulk import execute, fetch, widen_memory
from despensa.records.databases import LEDGER
from despensa.records.redemption.merge_sql import LANES

_ENTITLEMENT, _DELIVERED = int(AccountKind.ENTITLEMENT), int(AccountKind.DELIVERED)
# none of these names an entitlement
_KEPT_CAUSES = (int(Cause.BUDGET), int(Cause.CLOSING), int(Cause.CARRIED_ON))
_SCANNED = (int(Cause.REDEMPTION), int(Cause.EXCESS))
# money that arrived where it was sent: counted like deliveries, less what came back
_ARRIVED = (*_SCANNED, int(Cause.HOLD_POSTED), int(Cause.PAYMENT))
_RETURNED = int(Cause.PAYMENT_RETURNED)
_RIGHTS = f"({_ENTITLEMENT}, {int(AccountKind.HELD)})"
_GIVEN = f"({_DELIVERED}, {int(AccountKind.SETTLEMENT)})"


class NotEmpty(RuntimeError):
    """An account of the cycle still holds something: it is not swept."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One closing sum."""

    id: UUID
    point: UUID | None
    day: date | None
    unit: int
    book: int
    quantity: int


def hold_still() -> None:
    """
    Let nothing be merged or carried over until the transaction ends.

    Locks: every lane of the merge, and the turn of carry-overs.
    """
    widen_memory(LEDGER)
    for lane in range(LANES):
        fetch(LEDGER, "SELECT pg_advisory_xact_lock(hashtext('despensa/merge/1'), %s)", (lane,))
    fetch(LEDGER, "SELECT 1 FROM pg_advisory_xact_lock(hashtext('despensa/carry/1'))")


def close(cycle: UUID, *, fund: bytes, batch_id: UUID) -> list[Sum]:
    """
    Replace the cycle's transfers by one for each point, day, unit and book; return these.

    Raises: NotEmpty; django.db.IntegrityError when the sums are not what they replace.
    """
    _gather(cycle)
    execute(
        LEDGER,
        f"""CREATE TEMPORARY TABLE closing ON COMMIT DROP AS
            SELECT (%s::text || lpad(to_hex(row_number() OVER ()), 8, '0'))::uuid AS id, given.*
            FROM (
                SELECT CASE WHEN taken.kind IN {_RIGHTS} THEN %s ELSE transfer.debit END AS debit,
                       transfer.credit, redemption.point, redemption.day, transfer.unit,
                       CASE WHEN taken.kind IN {_RIGHTS} THEN {int(AccountKind.FUND)}
                            ELSE taken.kind END::int AS book,
                       sum(transfer.amount)::bigint AS quantity
                FROM (SELECT debit, credit, unit, amount, cause_id FROM transfer
                      WHERE cause = ANY(%s)
                      UNION ALL
                      SELECT credit, debit, unit, -amount, cause_id FROM transfer
                      WHERE cause = {_RETURNED}) transfer
                JOIN own_account given ON given.id = transfer.credit AND given.unit = transfer.unit
                                      AND given.kind IN {_GIVEN}
                JOIN account taken ON taken.id = transfer.debit AND taken.unit = transfer.unit
                LEFT JOIN redemption ON redemption.id = transfer.cause_id
                                    AND redemption.unit = transfer.unit
                GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(transfer.amount) > 0
                ORDER BY 3, 4, 5, 6) given""",
        (batch_id.hex[:24], fund, list(_ARRIVED)),
    )
    execute(
        LEDGER,
        """DELETE FROM transfer USING own_account taken
           WHERE taken.id = transfer.debit AND taken.unit = transfer.unit
             AND transfer.cause <> ALL(%s)""",
        (list(_KEPT_CAUSES),),
    )
    execute(
        LEDGER,
        f"""INSERT INTO transfer (id, debit, credit, unit, amount, cause, cause_id)
            SELECT id, debit, credit, unit, quantity, {int(Cause.CLOSING)}, %s FROM closing""",
        (cycle,),
    )
    rows = fetch(
        LEDGER,
        """INSERT INTO closing_sum (id, cycle, point, day, unit, book, quantity)
           SELECT id, %s, point, day, unit, book, quantity FROM closing
           RETURNING id, point, day, unit, book, quantity""",
        (cycle,),
    )
    return [Sum(*row) for row in rows]


def _gather(cycle: UUID) -> None:
    """Note which accounts and events are the cycle's, for the statements that follow."""
    [(held,)] = fetch(
        LEDGER,
        "SELECT count(*) FROM account WHERE cycle = %s AND kind = %s AND balance <> 0",
        (cycle, _ENTITLEMENT),
    )
    if held:
        raise NotEmpty(f"{held} accounts of the cycle still hold something: nothing was changed.")
    [(waiting,)] = fetch(
        LEDGER,
        """SELECT count(*) FROM hold WHERE cycle = %s AND NOT EXISTS (
               SELECT FROM hold_end WHERE hold_end.hold_id = hold.id)""",
        (cycle,),
    )
    if waiting:
        raise NotEmpty(f"{waiting} payments of the cycle have no outcome: nothing was changed.")
    execute(
        LEDGER,
        """CREATE TEMPORARY TABLE own_account ON COMMIT DROP AS
           SELECT id, unit, kind FROM account WHERE cycle = %s""",
        (cycle,),
    )
    execute(LEDGER, "ANALYZE own_account")
    execute(
        LEDGER,
        """CREATE TEMPORARY TABLE own_event ON COMMIT DROP AS
           SELECT DISTINCT unnest(events) AS id FROM evidence_batch WHERE cycle = %s
           UNION SELECT cause_id FROM transfer
           JOIN own_account given ON given.id = credit AND given.unit = transfer.unit
           WHERE cause = ANY(%s)""",
        (cycle, list(_SCANNED)),
    )
    execute(LEDGER, "ANALYZE own_event")


# In this order: rows before what they refer to, and what says which rows are the cycle's last.
_OWN_SESSION = "IN (SELECT id FROM session WHERE session.cycle = %(cycle)s)"
_OWN_LEASE = f"IN (SELECT id FROM lease WHERE session_id {_OWN_SESSION})"
_OWN_CARRY = "IN (SELECT id FROM carry_over WHERE cycle = %(cycle)s)"
_OWN_EVENT = "IN (SELECT id FROM own_event)"
_DROPPED = (
    ("redemption", f"id {_OWN_EVENT}"),
    ("refusal", f"id {_OWN_EVENT}"),
    ("aborted_scan", f"id {_OWN_EVENT}"),
    ("delivery_case", f"redemption {_OWN_EVENT}"),
    ("tag", "cycle = %(cycle)s"),
    ("carry_over_line", f"carry_id {_OWN_CARRY}"),
    ("carry_over", "cycle = %(cycle)s"),
    ("swept", "cycle = %(cycle)s"),
    ("hold_end", "hold_id IN (SELECT id FROM hold WHERE cycle = %(cycle)s)"),
    ("hold", "cycle = %(cycle)s"),
    ("slip", "cycle = %(cycle)s"),
    ("take_over", f"origin_id {_OWN_LEASE} OR taker_id {_OWN_LEASE}"),
    ("lease_row", f"lease_id {_OWN_LEASE}"),
    ("lease", f"session_id {_OWN_SESSION}"),
    ("device_event", f"session {_OWN_SESSION}"),
    # a phone's events without a session go with the last ones of theirs that had one
    (
        "device_event",
        """session IS NULL AND NOT EXISTS (
               SELECT FROM device_event earlier WHERE earlier.device = device_event.device
               AND earlier.session IS NOT NULL AND earlier.seq < device_event.seq)""",
    ),
    ("fork", f"session {_OWN_SESSION} OR session IS NULL"),
    (
        "inbox_batch",
        """NOT EXISTS (SELECT FROM device_event
                       WHERE device_event.device = inbox_batch.device
                         AND device_event.seq = inbox_batch.seq)""",
    ),
    (
        "journal_content",
        """entry IN (SELECT entry FROM evidence_batch WHERE cycle = %(cycle)s)
           AND entry NOT IN (SELECT entry FROM evidence_batch
                             WHERE cycle IS DISTINCT FROM %(cycle)s AND entry IS NOT NULL)""",
    ),
    ("evidence_batch", "cycle = %(cycle)s"),
    # of no session: once nothing it tells of is left
    (
        "evidence_batch",
        """cycle IS NULL AND NOT EXISTS (SELECT FROM redemption WHERE id = ANY(events))
           AND NOT EXISTS (SELECT FROM refusal WHERE id = ANY(events))
           AND NOT EXISTS (SELECT FROM aborted_scan WHERE id = ANY(events))""",
    ),
    ("account", f"cycle = %(cycle)s AND kind = {_ENTITLEMENT}"),
    # what was delivered to the registry is applied there; some of it names cards
    ("outbox", "delivered_at IS NOT NULL"),
)


def drop(cycle: UUID) -> list[tuple[str, int]]:
    """Delete what fades of a cycle whose transfers were replaced; return (table, rows) of it."""
    gone: dict[str, int] = {}
    for table, which in _DROPPED:
        count = execute(LEDGER, f"DELETE FROM {table} WHERE {which}", {"cycle": cycle})
        gone[table] = gone.get(table, 0) + count
        if table == "redemption":
            # handed over in another cycle's session: what is left does not name the account
            execute(
                LEDGER,
                f"""UPDATE redemption SET account = NULL WHERE account IN (
                        SELECT id FROM own_account WHERE kind = {_ENTITLEMENT})""",
            )
    return [(table, count) for table, count in gone.items() if count and table in JOURNALLED]


JOURNALLED = frozenset(
    {"redemption", "refusal", "aborted_scan", "delivery_case", "tag", "swept", "slip", "lease", "lease_row", "take_over",
     "account", "carry_over", "carry_over_line"}
)  # fmt: skip
