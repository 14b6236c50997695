"""Writes of what people say of cases. Only use cases import this."""

from uuid import UUID

from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER


def take_turns(subject: UUID) -> None:
    """Let one case be judged by one person at a time, until the transaction ends."""
    fetch(LEDGER, "SELECT 1 FROM pg_advisory_xact_lock(hashtext(%s))", (f"case/{subject}",))


def ended(subject: UUID) -> bool:
    """Return whether a case is closed."""
    return bool(fetch(LEDGER, "SELECT 1 FROM case_end WHERE subject = %s", (subject,)))


def add_word(subject: UUID, *, staff: UUID, verdict: int, now: int) -> bool:
    """Return whether somebody's word on a case is written now; nobody has two."""
    return (
        execute(
            LEDGER,
            """INSERT INTO case_word (subject, staff, verdict, said_at) VALUES (%s, %s, %s, %s)
               ON CONFLICT DO NOTHING""",
            (subject, staff, verdict, now),
        )
        == 1
    )


def others_who_said(subject: UUID, verdict: int, *, staff: UUID) -> list[UUID]:
    """Return who else said the same of a case, in a fixed order."""
    rows = fetch(
        LEDGER,
        """SELECT staff FROM case_word WHERE subject = %s AND verdict = %s AND staff <> %s
           ORDER BY said_at, staff""",
        (subject, verdict, staff),
    )
    return [other for (other,) in rows]


def end(subject: UUID, verdict: int, *, first: UUID, second: UUID, now: int) -> None:
    """Close a case by the word of two people."""
    execute(
        LEDGER,
        """INSERT INTO case_end (subject, verdict, first, second, ended_at)
           VALUES (%s, %s, %s, %s, %s)""",
        (subject, verdict, first, second, now),
    )
