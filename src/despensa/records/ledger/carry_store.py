"""Writes of carry-overs between entitlement accounts of one cycle. Only use cases import this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from despensa.domain.household.carry import Line
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import LEDGER

# lease expired or broken; device active
_UNSYNCED, _TRUSTED = (3, 4), 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A carry-over that is not settled, with its lines."""

    id: UUID
    cycle: UUID
    debit: bytes
    credit: bytes
    is_everything: bool
    lines: tuple[Line, ...]


def begin(carry: UUID, *, cycle: UUID, debit: bytes, credit: bytes, is_everything: bool) -> bool:
    """Return whether a carry-over is written for the first time."""
    return (
        execute(
            LEDGER,
            """INSERT INTO carry_over (id, cycle, debit, credit, is_everything, is_settled)
               VALUES (%s, %s, %s, %s, %s, false) ON CONFLICT DO NOTHING""",
            (carry, cycle, debit, credit, is_everything),
        )
        == 1
    )


def take_turns() -> None:
    """Let carry-overs be worked on by one process at a time, until the transaction ends."""
    fetch(LEDGER, "SELECT 1 FROM pg_advisory_xact_lock(hashtext('despensa/carry/1'))")


def add_lines(carry: UUID, lines: Sequence[Line]) -> None:
    """Write lines of a carry-over."""
    copy_rows(
        LEDGER,
        "carry_over_line",
        ("carry_id", "unit", "wanted", "moved"),
        ((carry, line.unit, line.wanted, line.moved) for line in lines),
    )


def waiting(cycles: Sequence[UUID] | None = None) -> list[Waiting]:
    """Return carry-overs that are not settled, in a fixed order."""
    rows = fetch(
        LEDGER,
        """SELECT id, cycle, debit, credit, is_everything FROM carry_over
           WHERE NOT is_settled AND (%s::uuid[] IS NULL OR cycle = ANY(%s::uuid[])) ORDER BY id""",
        [None if cycles is None else list(cycles)] * 2,
    )
    lines = _lines([row[0] for row in rows])
    return [
        Waiting(carry, cycle, bytes(debit), bytes(credit), everything, tuple(lines.get(carry, ())))
        for carry, cycle, debit, credit, everything in rows
    ]


def moved_by(carry: UUID) -> list[Line]:
    """Return the lines of a carry-over, settled or not."""
    return _lines([carry]).get(carry, [])


def count_moved(moves: Sequence[tuple[UUID, int, int]]) -> None:
    """Add (carry-over, unit, quantity) to what was moved."""
    execute(
        LEDGER,
        """UPDATE carry_over_line SET moved = moved + given.quantity
           FROM unnest(%s::uuid[], %s::int[], %s::bigint[]) AS given (carry, unit, quantity)
           WHERE carry_over_line.carry_id = given.carry AND carry_over_line.unit = given.unit""",
        tuple([move[at] for move in moves] for at in range(3)),
    )


def settle(carries: Sequence[UUID]) -> None:
    """Mark carry-overs that wait for nothing more."""
    execute(LEDGER, "UPDATE carry_over SET is_settled = true WHERE id = ANY(%s)", (list(carries),))


def holdings(accounts: Sequence[bytes]) -> dict[tuple[bytes, int], tuple[int, int]]:
    """
    Return balance and held quantity of each (account, unit).

    Held is what an open list may still hand over, and what one that expired or was broken may
    have handed over: until its phone comes back or is trusted no more, an honest delivery from it
    can still arrive. Locks: the accounts, in one order, as preparing a lease does.
    """
    wanted = list(accounts)
    balances = fetch(LEDGER, "SELECT id, unit, balance FROM lock_accounts(%s)", (wanted,))
    leased: Mapping[tuple[bytes, int], int] = {
        (bytes(account), unit): quantity
        for account, unit, quantity in fetch(
            LEDGER,
            """SELECT row.account, row.unit, sum(row.quantity - row.claimed)::bigint
               FROM lease_row row JOIN lease ON lease.id = row.lease_id
               JOIN device ON device.id = lease.device_id
               WHERE row.account = ANY(%s)
                 AND (row.active OR lease.state = ANY(%s) AND device.state = %s)
               GROUP BY row.account, row.unit""",
            (wanted, list(_UNSYNCED), _TRUSTED),
        )
    }
    return {
        (bytes(account), unit): (balance, leased.get((bytes(account), unit), 0))
        for account, unit, balance in balances
    }


def _lines(carries: Sequence[UUID]) -> dict[UUID, list[Line]]:
    rows = fetch(
        LEDGER,
        """SELECT carry_id, unit, wanted, moved FROM carry_over_line
           WHERE carry_id = ANY(%s) ORDER BY carry_id, unit""",
        (list(carries),),
    )
    found: dict[UUID, list[Line]] = {}
    for carry, unit, wanted, moved in rows:
        found.setdefault(carry, []).append(Line(unit, wanted, moved))
    return found
