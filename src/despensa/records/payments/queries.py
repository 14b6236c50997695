"""Reads of payments and statements: counts and states, never whom they are for."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER


@dataclass(frozen=True, slots=True)
class DisbursementView:
    """A list of payments and how far they are: `states` is state to (count, sum)."""

    id: UUID
    programme: UUID
    cycle: UUID
    currency: str
    provider: UUID
    file_hash: bytes
    count: int
    total: int
    taken_at: int | None
    states: dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class StatementView:
    """A file that came back, and how many lines turned out how."""

    hash: bytes
    kind: int
    name: str
    at: int
    statuses: dict[int, int]


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a statement. Units: minor units."""

    number: int
    reference: str
    amount: int | None
    currency: str
    outcome: int | None
    status: int
    effect: int
    note: str


def disbursements() -> list[DisbursementView]:
    """Return all lists of payments, newest first."""
    rows = fetch(
        LEDGER,
        """SELECT id, programme, cycle, currency, provider, file_hash, count, total, taken_at,
                  (SELECT jsonb_object_agg(state, jsonb_build_array(number, amount)) FROM (
                      SELECT state, count(*) AS number, sum(payment.amount)::bigint AS amount
                      FROM payment WHERE disbursement_id = disbursement.id GROUP BY state) one)
           FROM disbursement ORDER BY drafted_at DESC, id""",
    )
    return [
        DisbursementView(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            bytes(row[5]),
            row[6],
            row[7],
            row[8],
            {int(state): (count, total) for state, (count, total) in (row[9] or {}).items()},
        )
        for row in rows
    ]


def disbursement(number: UUID) -> DisbursementView | None:
    """Return one list of payments."""
    return next((one for one in disbursements() if one.id == number), None)


def with_file() -> list[tuple[UUID, int]]:
    """Return the lists whose sealed file was not destroyed yet, and when they were drafted."""
    return fetch(
        LEDGER,
        "SELECT id, drafted_at FROM disbursement WHERE destroyed_at IS NULL ORDER BY drafted_at, id",
    )


def states_of(references: Sequence[str]) -> dict[str, int]:
    """Return the state of those payments that were carried out."""
    return dict(
        fetch(
            LEDGER,
            "SELECT reference, state FROM payment WHERE reference = ANY(%s) AND state > 1",
            (list(references),),
        )
    )


def free_of(accounts: Sequence[bytes], unit: int) -> dict[bytes, int]:
    """Return what accounts still hold of a unit."""
    rows = fetch(
        LEDGER,
        "SELECT id, balance FROM account WHERE unit = %s AND kind = 3 AND id = ANY(%s)",
        (unit, list(accounts)),
    )
    return {bytes(account): balance for account, balance in rows}


def statements() -> list[StatementView]:
    """Return the files that came back, newest first."""
    rows = fetch(
        LEDGER,
        """SELECT hash, kind, name, at,
                  (SELECT jsonb_object_agg(status, number) FROM (
                      SELECT status, count(*) AS number FROM statement_line
                      WHERE statement_id = hash GROUP BY status) one)
           FROM statement ORDER BY at DESC, hash""",
    )
    return [
        StatementView(
            bytes(digest), kind, name, at, {int(one): n for one, n in (statuses or {}).items()}
        )
        for digest, kind, name, at, statuses in rows
    ]


def lines(digest: bytes, *, status: int | None = None, limit: int = 500) -> list[LineView]:
    """Return lines of a statement by number, those of one status where it is given."""
    rows = fetch(
        LEDGER,
        """SELECT number, reference, amount, currency, outcome, status, effect, note
           FROM statement_line
           WHERE statement_id = %s AND (%s::int IS NULL OR status = %s) ORDER BY number LIMIT %s""",
        (digest, status, status, limit),
    )
    return [LineView(*row) for row in rows]
