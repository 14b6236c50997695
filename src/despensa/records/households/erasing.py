"""
What is destroyed when a person is erased, and the rows of the journal that say so.

Nothing is deleted but key and search tokens: the row stays, empty, so that whatever refers to it
stays valid. Only use cases import this. Source: docs/explanation/design.md, section 5, Columns.
"""

from collections.abc import Sequence
from uuid import UUID

from despensa.domain.transparency import journal
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import Columns, Plan
from despensa.records.registry import token_store

_SEALED_TABLES = ("registrant_document", "registrant_phone")
NOTHING = b""


def lock_key(person: UUID) -> bool:
    """Return whether a person still has a key. Locks: the key's row."""
    return bool(fetch(REGISTRY, "SELECT 1 FROM person_key WHERE person = %s FOR UPDATE", (person,)))


def ended_homes(people: Sequence[UUID]) -> list[UUID]:
    """Return the households that ended and in which nobody but these people ever lived."""
    rows = fetch(
        REGISTRY,
        """SELECT standing.household_id FROM household_standing standing
           WHERE standing.ended_on IS NOT NULL AND standing.household_id IN (
                 SELECT household_id FROM membership WHERE registrant_id = ANY(%(people)s))
             AND NOT EXISTS (
                 SELECT 1 FROM membership other
                 WHERE other.household_id = standing.household_id AND other.role IN (1, 2)
                   AND other.registrant_id <> ALL(%(people)s))
           ORDER BY standing.household_id""",
        {"people": list(people)},
    )
    return [home for (home,) in rows]


def last_home(person: UUID) -> UUID:
    """Return the household somebody lived in last."""
    [(home,)] = fetch(
        REGISTRY,
        """SELECT household_id FROM membership WHERE registrant_id = %s
           ORDER BY until_date DESC NULLS FIRST, from_date DESC, id LIMIT 1""",
        (person,),
    )
    found: UUID = home
    return found


def destroy(person: UUID) -> list[Plan]:
    """
    Destroy what is known of a person; return the journal's rows of what is left.

    Rows are whole, so that a register rebuilt without the person's key gets them too.
    """
    token_store.take_away([person])
    execute(REGISTRY, "DELETE FROM person_key WHERE person = %s", (person,))
    # what a file's update had replaced
    for before in ("registrant_before", "sealed_before"):
        execute(REGISTRY, f"DELETE FROM {before} WHERE registrant = %s", (person,))
    return [
        ("person_key", journal.Op.DELETE, person, None, {}),
        _empty_registrant(person),
        *_empty_sealed(person),
        *_memberships(person),
    ]


def add(erasure: UUID, *, proposal: UUID, household: UUID, at: int, receipt: bytes) -> None:
    """Write that a person was erased, with the receipt."""
    execute(
        REGISTRY,
        "INSERT INTO erasure (person, proposal, household_id, at, receipt) VALUES (%s, %s, %s, %s, %s)",
        (erasure, proposal, household, at, receipt),
    )


def journal_of(person: UUID, *, proposal: UUID, household: UUID) -> Plan:
    """Return the journal's row of an erasure."""
    columns: Columns = {"proposal": proposal.bytes, "household_id": household.bytes}
    return "erasure", journal.Op.INSERT, person, None, columns


def _empty_registrant(person: UUID) -> Plan:
    execute(
        REGISTRY,
        """UPDATE registrant SET birth_month = NULL, birth_precision = 0, sex = NULL, facts = '{}',
               full_name = NULL, name_parts = NULL, address = NULL, birth_day = NULL
           WHERE id = %s""",
        (person,),
    )
    columns: Columns = {
        **dict.fromkeys(("full_name", "name_parts", "address", "birth_day", "birth_month", "sex")),
        "birth_precision": 0,
        "facts": {},
    }
    return "registrant", journal.Op.UPDATE, person, None, columns


def _empty_sealed(person: UUID) -> list[Plan]:
    return [
        (table, journal.Op.UPDATE, row, None, {"registrant_id": person.bytes, "sealed": NOTHING})
        for table in _SEALED_TABLES
        for (row,) in fetch(
            REGISTRY,
            f"UPDATE {table} SET sealed = %s WHERE registrant_id = %s RETURNING id",
            (NOTHING, person),
        )
    ]


def _memberships(person: UUID) -> list[Plan]:
    rows: Sequence[tuple] = fetch(
        REGISTRY,
        """SELECT id, household_id, role, from_date, until_date, begun_by FROM membership
           WHERE registrant_id = %s ORDER BY id""",
        (person,),
    )
    return [
        (
            "membership",
            journal.Op.UPDATE,
            row,
            None,
            {
                "household_id": household.bytes,
                "registrant_id": person.bytes,
                "role": role,
                "from_date": from_day.isoformat(),
                "until_date": None if until is None else until.isoformat(),
                "begun_by": None if begun_by is None else begun_by.bytes,
            },
        )
        for row, household, role, from_day, until, begun_by in rows
    ]


def empty_households(households: Sequence[UUID]) -> list[Plan]:
    """Destroy the facts of households the erased were alone in; return the journal's rows."""
    execute(REGISTRY, "UPDATE household SET facts = '{}' WHERE id = ANY(%s)", (list(households),))
    execute(REGISTRY, "DELETE FROM household_before WHERE household = ANY(%s)", (list(households),))
    return [("household", journal.Op.UPDATE, home, None, {"facts": {}}) for home in households]
