"""
Writes of a cycle's close and sweep: unclaimed entitlements go to the fund, and come back if claimed.

Only use cases and the merge import this. Source: docs/explanation/design.md, section 7.9.
"""

from collections.abc import Sequence
from uuid import UUID

from despensa.domain.ledger.transfer import Cause
from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER
from despensa.records.ledger.life_queries import CARRIED_IN

OPEN, CLOSED, SWEPT, FADING, FADED = 1, 2, 3, 4, 5
_ENTITLEMENT = 3
# as domain.ledger.account.named_account, of a cycle's fund
_FUND = (
    r"substring(sha256('despensa/named-account/1'::bytea || '\x02'::bytea"
    r" || uuid_send({cycle}) || decode(repeat('00', 16), 'hex')) for 16)"
)


class BooksNotThere(RuntimeError):
    """The books of the cycle are not in the state this step starts from."""


def open_books(cycle: UUID) -> None:
    """Write that a cycle has books in the ledger."""
    execute(
        LEDGER, "INSERT INTO cycle_books (cycle, state, chunks) VALUES (%s, %s, 1)", (cycle, OPEN)
    )


def move_books(cycle: UUID, *, from_state: int, to_state: int) -> None:
    """
    Move the books of a cycle one step forward.

    Locks: their row, which whoever prepares a list shares.
    Raises: BooksNotThere.
    """
    moved = execute(
        LEDGER,
        "UPDATE cycle_books SET state = %s WHERE cycle = %s AND state = %s",
        (to_state, cycle, from_state),
    )
    if moved != 1:
        raise BooksNotThere(
            "The ledger's books of this cycle are not where this step starts from: nothing was "
            "changed. See: despensa cycle list."
        )


def accounts_of(cycle: UUID) -> int:
    """Return how many entitlement accounts a cycle has."""
    [(count,)] = fetch(
        LEDGER, "SELECT count(*) FROM account WHERE cycle = %s AND kind = %s", (cycle, _ENTITLEMENT)
    )
    return int(count)


def set_chunks(cycle: UUID, chunks: int) -> None:
    """Decide into how many parts a cycle's accounts are swept."""
    execute(LEDGER, "UPDATE cycle_books SET chunks = %s WHERE cycle = %s", (chunks, cycle))


def sweep(
    cycle: UUID, *, first: bytes, end: bytes | None, batch_id: UUID
) -> list[tuple[bytes, int, int]]:
    """
    Move what accounts still hold to the fund and return (account, unit, quantity), by account.

    Accounts from `first` up to and without `end` (None: the last).
    Locks: the accounts, in one order, so that what is claimed meanwhile is not swept.
    """
    rows = fetch(
        LEDGER,
        f"""WITH held AS MATERIALIZED (
                SELECT id, unit, balance FROM lock_accounts(ARRAY(
                    SELECT DISTINCT id FROM account
                    WHERE id >= %(first)s AND (%(end)s::bytea IS NULL OR id < %(end)s)
                      AND cycle = %(cycle)s AND kind = {_ENTITLEMENT} AND balance > 0))
                WHERE balance > 0
            ), moved AS (
                INSERT INTO transfer (id, debit, credit, unit, amount, cause, cause_id)
                SELECT (%(batch)s::text || lpad(to_hex(row_number() OVER (ORDER BY id, unit)), 8,
                                                '0'))::uuid,
                       id, {_FUND.format(cycle="%(cycle)s::uuid")}, unit, balance,
                       {int(Cause.SWEEP)}, %(cycle)s FROM held
            ), noted AS (
                INSERT INTO swept (account, unit, cycle, quantity)
                SELECT id, unit, %(cycle)s, balance FROM held
                ON CONFLICT (account, unit) DO UPDATE
                SET quantity = swept.quantity + excluded.quantity
            )
            SELECT id, unit, balance FROM held ORDER BY id, unit""",
        {"first": first, "end": end, "cycle": cycle, "batch": batch_id.hex[:24]},
    )
    return [(bytes(account), unit, quantity) for account, unit, quantity in rows]


def give_back(lines: Sequence[tuple[UUID, bytes, int, int, bytes]]) -> None:
    """
    Move (transfer id, account, unit, quantity, event) back from the fund that swept it.

    Raises: django.db.IntegrityError when less of it was swept or it came back already.
    """
    if not lines:
        return
    execute(
        LEDGER,
        f"""WITH line AS MATERIALIZED (
                SELECT * FROM unnest(%s::uuid[], %s::bytea[], %s::int[], %s::bigint[], %s::uuid[])
                              AS l (id, account, unit, quantity, event)
            ), taken AS (
                UPDATE swept SET quantity = swept.quantity - asked.quantity FROM (
                    SELECT account, unit, sum(quantity)::bigint AS quantity FROM line
                    GROUP BY account, unit) asked
                WHERE swept.account = asked.account AND swept.unit = asked.unit
                RETURNING swept.account, swept.unit, swept.cycle
            )
            INSERT INTO transfer (id, debit, credit, unit, amount, cause, cause_id)
            SELECT line.id, {_FUND.format(cycle="taken.cycle")}, line.account, line.unit,
                   line.quantity, {int(Cause.SWEEP_BACK)}, line.event
            FROM line JOIN taken USING (account, unit)""",
        (
            [line[0] for line in lines],
            [line[1] for line in lines],
            [line[2] for line in lines],
            [line[3] for line in lines],
            [UUID(bytes=line[4]) for line in lines],
        ),
    )


def settle_carries(cycle: UUID) -> None:
    """End the carry-overs of a cycle that still waited for a phone's list: it is swept now."""
    execute(
        LEDGER,
        "UPDATE carry_over SET is_settled = true WHERE cycle = %s AND NOT is_settled",
        (cycle,),
    )


def carry_on(
    pairs: Sequence[tuple[bytes, bytes]],
    *,
    before: UUID,
    after: UUID,
    unit: int,
    at_most: int,
    batch_id: UUID,
) -> list[tuple[bytes, int, int]]:
    """
    Move what was swept of accounts to the same households' accounts in a later cycle.

    `pairs` are (swept account, later account); of several for one later account, `at_most` goes on
    in all. Returns (later account, unit, quantity), by account. Left alone is what a list that
    expired or was broken may have handed over on a trusted phone, and who has no account there.
    """
    rows = fetch(
        LEDGER,
        f"""WITH pair AS MATERIALIZED (
                SELECT * FROM unnest(%(old)s::bytea[], %(new)s::bytea[]) AS p (old, new)
            ), held AS MATERIALIZED (
                SELECT row.account, sum(row.quantity - row.claimed)::bigint AS quantity
                FROM lease_row row JOIN lease ON lease.id = row.lease_id
                JOIN device ON device.id = lease.device_id
                JOIN session ON session.id = lease.session_id
                WHERE session.cycle = %(before)s AND row.unit = %(unit)s
                  AND lease.state IN (1, 3, 4) AND device.state = 1
                GROUP BY row.account
            ), free AS MATERIALIZED (
                SELECT pair.old, pair.new, swept.quantity - coalesce(held.quantity, 0) AS quantity,
                       sum(swept.quantity - coalesce(held.quantity, 0))
                           OVER (PARTITION BY pair.new ORDER BY pair.old)::bigint AS so_far
                FROM pair
                JOIN swept ON swept.account = pair.old AND swept.unit = %(unit)s
                          AND swept.cycle = %(before)s
                JOIN account ON account.id = pair.new AND account.unit = %(unit)s
                            AND account.cycle = %(after)s AND account.kind = {_ENTITLEMENT}
                LEFT JOIN held ON held.account = pair.old
                WHERE swept.quantity > coalesce(held.quantity, 0)
            ), due AS MATERIALIZED (
                SELECT old, new, least(quantity, %(at_most)s::bigint - so_far + quantity) AS quantity
                FROM free WHERE so_far - quantity < %(at_most)s::bigint
            ), taken AS (
                UPDATE swept SET quantity = swept.quantity - due.quantity FROM due
                WHERE swept.account = due.old AND swept.unit = %(unit)s
            ), line AS (
                SELECT {_FUND.format(cycle="%(before)s::uuid")} AS debit,
                       {_FUND.format(cycle="%(after)s::uuid")} AS credit,
                       sum(quantity)::bigint AS amount, {int(Cause.CARRIED_ON)} AS cause
                FROM due HAVING count(*) > 0
                UNION ALL
                SELECT {_FUND.format(cycle="%(after)s::uuid")}, new, quantity,
                       {int(Cause.OPENING)} FROM due
            ), moved AS (
                INSERT INTO transfer (id, debit, credit, unit, amount, cause, cause_id)
                SELECT (%(batch)s::text || lpad(to_hex(row_number() OVER ()), 8, '0'))::uuid,
                       debit, credit, %(unit)s, amount, cause, %(after)s FROM line
            )
            SELECT new, quantity FROM due ORDER BY new""",
        {
            "old": [old for old, _ in pairs],
            "new": [new for _, new in pairs],
            "before": before,
            "after": after,
            "unit": unit,
            "at_most": at_most,
            "batch": batch_id.hex[:24],
        },
    )
    return [(bytes(account), unit, quantity) for account, quantity in rows]


def has_carried_in(cycle: UUID) -> bool:
    """Return whether something of an earlier cycle was carried on into this one."""
    return bool(
        fetch(
            LEDGER,
            "SELECT 1 FROM stage WHERE subject = %s AND stage LIKE %s LIMIT 1",
            (cycle, f"{CARRIED_IN}%"),
        )
    )
