"""Reads of providers, payees and tasks; accounts stay sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A provider; `settings` holds what its files say once."""

    id: UUID
    code: str
    names: Mapping[str, str]
    rail: int
    account_kind: int
    needs_document: bool
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PayeeView:
    """A person's account with a provider, sealed; `waits_since` a change nobody else confirmed."""

    id: UUID
    person: UUID
    provider: UUID
    sealed: bytes = field(repr=False)
    set_at: int
    set_by: UUID
    is_change: bool
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class TaskView:
    """Why a household's money is in no list yet."""

    cycle: UUID
    household: UUID
    kind: int
    since: int


def providers() -> list[ProviderView]:
    """Return all providers by code."""
    rows = fetch(
        REGISTRY,
        """SELECT id, code, names, rail, account_kind, needs_document, settings
           FROM provider ORDER BY code""",
    )
    return [ProviderView(*row) for row in rows]


def provider(code: str) -> ProviderView | None:
    """Return a provider by its code."""
    return next((one for one in providers() if one.code == code), None)


def payees(people: Sequence[UUID]) -> dict[UUID, PayeeView]:
    """Return where each of these people is paid now."""
    rows = fetch(
        REGISTRY,
        """SELECT DISTINCT ON (registrant_id) id, registrant_id, provider_id, sealed, set_at, set_by,
                  is_change, confirmed_by IS NOT NULL
           FROM payee WHERE registrant_id = ANY(%s) ORDER BY registrant_id, set_at DESC, id""",
        (list(people),),
    )
    return {row[1]: PayeeView(*(*row[:3], bytes(row[3]), *row[4:])) for row in rows}


def with_document(people: Sequence[UUID]) -> set[UUID]:
    """Return which of these people have a document on record."""
    rows = fetch(
        REGISTRY,
        """SELECT DISTINCT registrant_id FROM registrant_document
           WHERE registrant_id = ANY(%s) AND length(sealed) > 0""",
        (list(people),),
    )
    return {person for (person,) in rows}


def entitled(cycle: UUID, currency: str) -> tuple[int | None, list[UUID]]:
    """Return the unit of a currency, and the households that were decided some of it in a cycle."""
    rows = fetch(
        REGISTRY,
        """SELECT number, household_id FROM unit
           LEFT JOIN benefit_line line ON line.unit = unit.number AND line.cycle_id = %s
           WHERE unit.code = %s ORDER BY household_id""",
        (cycle, currency),
    )
    return (rows[0][0] if rows else None), sorted({home for _, home in rows if home is not None})


def tasks(areas: Sequence[UUID] | None) -> list[TaskView]:
    """Return open tasks of households in these areas (None: everywhere), oldest first."""
    rows = fetch(
        REGISTRY,
        """SELECT task.cycle, task.household_id, task.kind, task.since
           FROM payment_task task JOIN household ON household.id = task.household_id
           WHERE task.is_open AND (%s::uuid[] IS NULL OR household.area_id = ANY(%s))
           ORDER BY task.since, task.household_id LIMIT 500""",
        (areas, areas),
    )
    return [TaskView(*row) for row in rows]


def area_of(person: UUID) -> UUID | None:
    """Return in which area a person lives, None when they live nowhere."""
    rows = fetch(
        REGISTRY,
        """SELECT household.area_id FROM membership home
           JOIN household ON household.id = home.household_id
           WHERE home.registrant_id = %s AND home.until_date IS NULL AND home.role IN (1, 2)""",
        (person,),
    )
    return rows[0][0] if rows else None
