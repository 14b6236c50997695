"""Writes of operations on households. Only use cases import this."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import IntegrityError
from psycopg.types.json import Jsonb

from despensa.domain.household.membership import Membership
from despensa.domain.household.situation import Change
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import REGISTRY

BEGUN, ENDED, VOIDED, REOPENED = 1, 2, 3, 4
# decided, being opened and open: the ledger hears of it; closed and settled: whoever carries on does
_HEARD = (2, 3, 4)
_MAY_BE_CARRIED = (*_HEARD, 5, 6)


class RolesTaken(RuntimeError):
    """Another operation gave the household a head, or a person a home, at the same time."""


def lock(households: Sequence[UUID]) -> None:
    """Let operations on the same households take turns. Locks: their rows, in one order."""
    fetch(
        REGISTRY,
        "SELECT 1 FROM household WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
        (list(households),),
    )


def write(change: Change, *, digest: bytes, staff: UUID, at: int) -> None:
    """
    Write an operation and everything it changes.

    Raises: RolesTaken.
    """
    write_all([(change, digest)], staff=staff, at=at)


def write_all(changes: Sequence[tuple[Change, bytes]], *, staff: UUID, at: int) -> None:
    """
    Write operations with their digests, each on households no other one touches.

    Raises: RolesTaken.
    """
    if not changes:
        return
    plain = [change for change, _ in changes]
    _found(plain)
    copy_rows(
        REGISTRY,
        "household_change",
        (
            "id", "kind", "reason", "day", "household_id", "staff", "at", "digest", "undoes_id",
        ),
        (
            (
                order.id, int(order.kind), int(order.reason), order.day, order.household, staff, at,
                digest, order.undoes,
            )
            for order, digest in ((change.order, digest) for change, digest in changes)
        ),
    )  # fmt: skip
    try:
        _set_ends([row for change in plain for row in (*change.ended, *change.voided)])
        _set_ends([row for change in plain for row in change.reopened])
        _begin(plain)
    except IntegrityError as error:
        raise RolesTaken(
            "The household was changed meanwhile: look at it again, then decide."
        ) from error
    _write_lines(plain)
    _write_parts(plain)


def add_institution(
    institution: UUID, *, kind: int, names: Mapping[str, str], office: Mapping[str, str], area: UUID
) -> None:
    """Write an institution whose office may collect."""
    execute(
        REGISTRY,
        "INSERT INTO institution (id, kind, names, office, area_id) VALUES (%s, %s, %s, %s, %s)",
        (institution, kind, Jsonb(dict(names)), Jsonb(dict(office)), area),
    )


def set_limit(programme: UUID, *, person: int, institution: int, confirmed_by: int) -> None:
    """Write for how many households a person, and an institution, may collect, and their check."""
    execute(
        REGISTRY,
        """INSERT INTO collector_limit (programme_id, person, institution, confirmed_by)
           VALUES (%s, %s, %s, %s)
           ON CONFLICT (programme_id) DO UPDATE
           SET person = excluded.person, institution = excluded.institution,
               confirmed_by = excluded.confirmed_by""",
        (programme, person, institution, confirmed_by),
    )


def add_carries(change: Change) -> list[UUID]:
    """
    Write what goes over in every cycle the source has a part in; return those the ledger hears of.

    Locks: those cycles against moving forward, so that an opening sees the order or the order it.
    """
    share = change.share
    if share is None:
        return []
    rows = fetch(
        REGISTRY,
        """SELECT cycle.id, cycle.state FROM cycle WHERE cycle.state = ANY(%s) AND (
               EXISTS (SELECT 1 FROM decision WHERE decision.cycle_id = cycle.id
                       AND decision.household_id = %s)
               OR EXISTS (SELECT 1 FROM carry_order earlier WHERE earlier.cycle_id = cycle.id
                          AND earlier.target_id = %s))
           ORDER BY cycle.id FOR SHARE OF cycle""",
        (list(_MAY_BE_CARRIED), share.source, share.source),
    )
    copy_rows(
        REGISTRY,
        "carry_order",
        ("change_id", "cycle_id", "source_id", "target_id", "numerator", "denominator"),
        (
            (
                change.order.id, cycle, share.source, share.target, share.numerator,
                share.denominator,
            )
            for cycle, _ in rows
        ),
    )  # fmt: skip
    return [cycle for cycle, state in rows if state in _HEARD]


def add_carried(message: UUID, rows: Sequence[tuple[UUID, UUID, int, int]]) -> None:
    """Write (change, cycle, unit, quantity) that the ledger reported as carried over."""
    copy_rows(
        REGISTRY,
        "carried",
        ("message", "change_id", "cycle_id", "unit", "quantity"),
        ((message, *row) for row in rows),
    )


def _found(changes: Sequence[Change]) -> None:
    copy_rows(
        REGISTRY,
        "household",
        ("id", "area_id", "facts", "registered_on"),
        (
            (household.id, household.area, "{}", household.founded_on)
            for change in changes
            for household in change.households
            if household.id == change.founded
        ),
    )


def _set_ends(rows: Sequence[Membership]) -> None:
    for table, is_institution in (("membership", False), ("institution_duty", True)):
        chosen = [row for row in rows if row.is_institution is is_institution]
        if chosen:
            execute(
                REGISTRY,
                f"""UPDATE {table} SET until_date = given.until_date
                    FROM unnest(%s::uuid[], %s::date[]) AS given (id, until_date)
                    WHERE {table}.id = given.id""",
                ([row.id for row in chosen], [row.until_day for row in chosen]),
            )


def _begin(changes: Sequence[Change]) -> None:
    for table, holder, is_institution in (
        ("membership", "registrant_id", False),
        ("institution_duty", "institution_id", True),
    ):
        copy_rows(
            REGISTRY,
            table,
            ("id", "household_id", holder, "role", "from_date", "begun_by"),
            (
                (row.id, row.household, row.holder, int(row.role), row.from_day, change.order.id)
                for change in changes
                for row in change.begun
                if row.is_institution is is_institution
            ),
        )


def _write_lines(changes: Sequence[Change]) -> None:
    copy_rows(
        REGISTRY,
        "household_change_line",
        ("change_id", "role_row", "is_institution", "effect"),
        (
            (change.order.id, row.id, row.is_institution, effect)
            for change in changes
            for effect, rows in (
                (BEGUN, change.begun),
                (ENDED, change.ended),
                (VOIDED, change.voided),
                (REOPENED, change.reopened),
            )
            for row in rows
        ),
    )


def _write_parts(changes: Sequence[Change]) -> None:
    parts = [
        (
            change.order.id,
            household,
            change.moved
            if change.moved is not None and change.moved.household == household.id
            else None,
        )
        for change in changes
        for household in change.households
    ]
    copy_rows(
        REGISTRY,
        "household_change_part",
        ("change_id", "household_id", "version", "area_before_id", "area_after_id", "before_since"),
        (
            (
                operation,
                household.id,
                household.version,
                None if place is None else place.before,
                None if place is None else place.after,
                None if place is None else place.before_since,
            )
            for operation, household, place in parts
        ),
    )
    execute(
        REGISTRY,
        """INSERT INTO household_standing (household_id, version, area_since, ended_on)
           SELECT * FROM unnest(%s::uuid[], %s::int[], %s::date[], %s::date[])
           ON CONFLICT (household_id) DO UPDATE
           SET version = excluded.version, area_since = excluded.area_since,
               ended_on = excluded.ended_on""",
        (
            [household.id for _, household, _ in parts],
            [household.version for _, household, _ in parts],
            [household.area_since for _, household, _ in parts],
            [household.ended_on for _, household, _ in parts],
        ),
    )
    moved = [household for _, household, place in parts if place is not None]
    if moved:
        execute(
            REGISTRY,
            """UPDATE household SET area_id = given.area
               FROM unnest(%s::uuid[], %s::uuid[]) AS given (id, area)
               WHERE household.id = given.id""",
            ([household.id for household in moved], [household.area for household in moved]),
        )
