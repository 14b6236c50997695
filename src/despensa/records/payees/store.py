"""Writes of providers, payees and tasks. Only use cases import this."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from despensa.domain.ports.keeper import KeyedPerson
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.payees.queries import ProviderView


@dataclass(frozen=True, slots=True)
class NewPayee:
    """A sealed account of a person with a provider."""

    id: UUID
    person: UUID
    provider: UUID
    sealed: bytes
    is_change: bool


def add_provider(provider: ProviderView) -> None:
    """Write a provider."""
    execute(
        REGISTRY,
        """INSERT INTO provider (id, code, names, rail, account_kind, needs_document, settings)
           VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        (
            provider.id, provider.code, Jsonb(dict(provider.names)), provider.rail,
            provider.account_kind, provider.needs_document, Jsonb(dict(provider.settings)),
        ),
    )  # fmt: skip


def lock_person(person: UUID) -> tuple[KeyedPerson, int | None] | None:
    """
    Return a person's key, and when their account was set last, if ever; None once erased.

    Locks: the key's row, so that of two who set an account at once one is a change.
    """
    rows = fetch(
        REGISTRY,
        """SELECT kek, wrapped, (SELECT max(set_at) FROM payee WHERE registrant_id = person)
           FROM person_key WHERE person = %s FOR NO KEY UPDATE""",
        (person,),
    )
    if not rows:
        return None
    return KeyedPerson(person.bytes, rows[0][0], bytes(rows[0][1])), rows[0][2]


def add_payee(payee: NewPayee, *, by: UUID, at: int) -> None:
    """Write where a person is paid from now on."""
    execute(
        REGISTRY,
        """INSERT INTO payee (id, registrant_id, provider_id, sealed, set_at, set_by, is_change)
           VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        (payee.id, payee.person, payee.provider, payee.sealed, at, by, payee.is_change),
    )


def confirm(payee: UUID, *, by: UUID, at: int) -> bool:
    """Return whether another person confirmed a change now."""
    return (
        execute(
            REGISTRY,
            """UPDATE payee SET confirmed_by = %s, confirmed_at = %s
               WHERE id = %s AND confirmed_by IS NULL""",
            (by, at, payee),
        )
        == 1
    )


def open_tasks(cycle: UUID, tasks: Sequence[tuple[UUID, int]], *, at: int) -> None:
    """Write why households' money is in no list yet: (household, kind)."""
    execute(
        REGISTRY,
        """INSERT INTO payment_task (cycle, household_id, kind, since, is_open)
           SELECT %s, household, kind, %s, true
           FROM unnest(%s::uuid[], %s::smallint[]) AS given (household, kind)
           ON CONFLICT (cycle, household_id) DO UPDATE
           SET kind = excluded.kind, is_open = true""",
        (cycle, at, [household for household, _ in tasks], [kind for _, kind in tasks]),
    )


def close_tasks(cycle: UUID, households: Sequence[UUID]) -> None:
    """Close the tasks of households whose money is in a list."""
    execute(
        REGISTRY,
        """UPDATE payment_task SET is_open = false
           WHERE cycle = %s AND household_id = ANY(%s) AND is_open""",
        (cycle, list(households)),
    )
