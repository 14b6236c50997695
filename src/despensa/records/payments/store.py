"""Writes of payments and statements. Only use cases import this."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from despensa.domain.payment.books import Owed
from despensa.domain.payment.plan import Draft
from despensa.domain.payment.statement import Judged, Known, State
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import LEDGER


def add_draft(draft: Draft, payments: Sequence[tuple[str, bytes, int]], *, at: int) -> None:
    """Write a list with its (reference, account, amount), none of them carried out."""
    execute(
        LEDGER,
        """INSERT INTO disbursement (id, programme, cycle, unit, currency, provider, file_hash,
                                     count, total, drafted_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            draft.id, draft.programme, draft.cycle, draft.unit, draft.currency, draft.provider,
            draft.file_hash, draft.count, draft.total, at,
        ),
    )  # fmt: skip
    copy_rows(
        LEDGER,
        "payment",
        ("disbursement_id", "reference", "account", "unit", "amount", "state", "changed_at"),
        (
            (draft.id, reference, account, draft.unit, amount, int(State.WAITING), at)
            for reference, account, amount in payments
        ),
    )


def owed(disbursement: UUID) -> list[Owed]:
    """Return the payments of a list that wait, in a fixed order. Locks: their rows."""
    rows = fetch(
        LEDGER,
        f"{_OWED} WHERE payment.disbursement_id = %s AND payment.state = 1 "
        "ORDER BY payment.reference FOR UPDATE OF payment",
        (disbursement,),
    )
    return [_owed(row) for row in rows]


def known(references: Sequence[str]) -> dict[str, tuple[Known, Owed]]:
    """Return what the books say of payments that were carried out. Locks: their rows."""
    rows = fetch(
        LEDGER,
        f"""{_OWED.replace("FROM", ", payment.state, disbursement.currency FROM", 1)}
            WHERE payment.reference = ANY(%s) AND payment.state > 1
            ORDER BY payment.reference FOR UPDATE OF payment""",
        (list(references),),
    )
    return {
        row[0]: (
            Known(row[3], row[8], State(row[7])),
            _owed(row),
        )
        for row in rows
    }


_OWED = """
    SELECT payment.reference, payment.account, payment.unit, payment.amount, disbursement.cycle,
           disbursement.provider, coalesce(books.state, 0) >= 3
    FROM payment JOIN disbursement ON disbursement.id = payment.disbursement_id
    LEFT JOIN cycle_books books ON books.cycle = disbursement.cycle
"""


def _owed(row: Sequence[Any]) -> Owed:
    reference, account, unit, amount, cycle, provider, is_swept = row[:7]
    return Owed(reference, bytes(account), unit, amount, cycle.bytes, provider.bytes, is_swept)


def move(states: Mapping[str, State], *, at: int) -> None:
    """Move payments that were carried out to their next states."""
    execute(
        LEDGER,
        """UPDATE payment SET state = given.state, changed_at = %s
           FROM unnest(%s::text[], %s::smallint[]) AS given (reference, state)
           WHERE payment.reference = given.reference AND payment.state > 1""",
        (at, list(states), [int(state) for state in states.values()]),
    )


def hold(disbursement: UUID, *, at: int) -> int:
    """Note that the amounts of a whole list are held; return of how many payments."""
    return execute(
        LEDGER,
        "UPDATE payment SET state = 2, changed_at = %s WHERE disbursement_id = %s AND state = 1",
        (at, disbursement),
    )


def take_file(disbursement: UUID, *, at: int) -> bool:
    """Note that a list's file leaves; return whether this was the first time."""
    execute(
        LEDGER,
        "UPDATE payment SET state = 3, changed_at = %s WHERE disbursement_id = %s AND state = 2",
        (at, disbursement),
    )
    taken = execute(
        LEDGER,
        "UPDATE disbursement SET taken_at = %s WHERE id = %s AND taken_at IS NULL",
        (at, disbursement),
    )
    return taken == 1


def note_destroyed(disbursement: UUID, *, at: int) -> bool:
    """Note that a list's sealed file is gone; return whether this was the first time."""
    return (
        execute(
            LEDGER,
            "UPDATE disbursement SET destroyed_at = %s WHERE id = %s AND destroyed_at IS NULL",
            (at, disbursement),
        )
        == 1
    )


def begin_statement(digest: bytes, *, kind: int, name: str, staff: UUID | None, at: int) -> bool:
    """Return whether a file is taken for the first time."""
    return (
        execute(
            LEDGER,
            """INSERT INTO statement (hash, kind, name, staff, at) VALUES (%s, %s, %s, %s, %s)
               ON CONFLICT DO NOTHING""",
            (digest, kind, name, staff, at),
        )
        == 1
    )


def add_lines(digest: bytes, judged: Sequence[tuple[Judged, str]]) -> None:
    """Write lines of a statement, each with a note."""
    copy_rows(
        LEDGER,
        "statement_line",
        (
            "statement_id", "number", "reference", "amount", "currency", "outcome", "status",
            "effect", "note",
        ),
        (
            (
                digest, one.line.number, one.line.reference[:35].replace("\0", ""), one.line.amount,
                one.line.currency or "",
                None if one.line.outcome is None else int(one.line.outcome), int(one.status),
                int(one.effect), note[:200].replace("\0", ""),
            )
            for one, note in judged
        ),
    )  # fmt: skip
