"""Reads of corrections for doors and use cases; values stay sealed."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from despensa.domain.correction.slot import Channel, Field, Reason, Slot, State
from despensa.domain.reach import Reach
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.keyset import Turn, newest_first, page_sql


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """One request without its values; `proposal_state` is None where one person was enough."""

    id: UUID
    person: UUID
    household: UUID
    area: UUID
    channel: Channel
    reason: Reason
    staff: UUID
    at: int
    answer_until: date
    digest: bytes
    needs_two: bool
    proposal: UUID | None
    proposal_state: int | None
    undoes: UUID | None
    is_undone: bool
    state: State
    decided_at: int | None
    decided_by: UUID | None
    refused_for: int | None
    asked_receipt: bytes = field(repr=False)
    answer_receipt: bytes | None = field(repr=False)
    fields: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StoredChange:
    """One field of a request, still sealed."""

    id: UUID
    slot: Slot
    sealed: bytes = field(repr=False)


_CORRECTION = """
    SELECT correction.id, correction.person_id, correction.household_id, household.area_id,
           correction.channel, correction.reason, correction.staff, correction.at,
           correction.answer_until, correction.digest, correction.needs_two, correction.proposal,
           proposal.state,
           correction.undoes_id,
           EXISTS (SELECT 1 FROM correction undo WHERE undo.undoes_id = correction.id
                   AND undo.state IN (1, 2)),
           correction.state, correction.decided_at, correction.decided_by, correction.refused_for,
           correction.asked_receipt, correction.answer_receipt,
           ARRAY(SELECT field FROM correction_change WHERE correction_id = correction.id
                 ORDER BY field, key)
    FROM correction JOIN household ON household.id = correction.household_id
    LEFT JOIN proposal ON proposal.id = correction.proposal
"""
_IN_REACH = "(%s::uuid[] IS NULL OR household.area_id = ANY(%s::uuid[]))"


def correction(correction_id: UUID) -> CorrectionView | None:
    """Return one request, or None."""
    rows = fetch(REGISTRY, f"{_CORRECTION} WHERE correction.id = %s", (correction_id,))
    return _view(rows[0]) if rows else None


def of_proposal(proposal: UUID) -> UUID | None:
    """Return the request a proposal is about, or None."""
    rows = fetch(REGISTRY, "SELECT id FROM correction WHERE proposal = %s", (proposal,))
    return rows[0][0] if rows else None


def changes(correction_id: UUID) -> list[StoredChange]:
    """Return the fields of a request, in their order."""
    rows = fetch(
        REGISTRY,
        """SELECT id, field, key, sealed FROM correction_change WHERE correction_id = %s
           ORDER BY field, key""",
        (correction_id,),
    )
    return [StoredChange(row, Slot(Field(kind), key), bytes(data)) for row, kind, key, data in rows]


def waiting(limit: int, *, reach: Reach) -> list[CorrectionView]:
    """Return the requests in reach that wait for an answer, those due first."""
    rows = fetch(
        REGISTRY,
        f"""{_CORRECTION} WHERE correction.state = 1 AND {_IN_REACH}
            ORDER BY correction.answer_until, correction.id LIMIT %s""",
        (reach.areas, reach.areas, limit),
    )
    return [_view(row) for row in rows]


def answered(limit: int, *, reach: Reach, turn: Turn | None = None) -> list[CorrectionView]:
    """Return the requests in reach that were answered, newest first, from `turn` on."""
    page, keys, order = page_sql("correction.at", "correction.id", turn)
    rows = fetch(
        REGISTRY,
        f"""{_CORRECTION} WHERE correction.state <> 1 AND {_IN_REACH} AND {page}
            ORDER BY {order} LIMIT %s""",
        (reach.areas, reach.areas, *keys, limit),
    )
    return newest_first([_view(row) for row in rows], turn)


def later_changes(person: UUID, household: UUID, after: int) -> list[tuple[UUID, StoredChange]]:
    """
    Return what was changed in a person's record, or their household's, after an instant.

    Shape: newest first, each with whose key it is sealed under: a household's fact may have been
    corrected for somebody else who lives there.
    """
    rows = fetch(
        REGISTRY,
        """SELECT correction.person_id, change.id, change.field, change.key, change.sealed
           FROM correction_change change JOIN correction ON correction.id = change.correction_id
           WHERE (correction.person_id = %s OR change.field = %s)
             AND (correction.household_id = %s OR change.field <> %s)
             AND correction.state = 2 AND correction.decided_at > %s
           ORDER BY correction.decided_at DESC, correction.id, change.field, change.key""",
        (person, int(Field.HOUSEHOLD_FACT), household, int(Field.HOUSEHOLD_FACT), after),
    )
    return [
        (owner, StoredChange(row, Slot(Field(kind), key), bytes(data)))
        for owner, row, kind, key, data in rows
    ]


def was_named_anew(person: UUID, *, besides: UUID | None, until: int | None = None) -> bool:
    """Return whether another correction of a person's name was made, `until` a time or ever."""
    return bool(
        fetch(
            REGISTRY,
            """SELECT 1 FROM correction
               JOIN correction_change change ON change.correction_id = correction.id
               WHERE correction.person_id = %s AND correction.id IS DISTINCT FROM %s
                 AND correction.state = 2 AND change.field = %s
                 AND correction.decided_at <= coalesce(%s::bigint, correction.decided_at)
               LIMIT 1""",
            (person, besides, int(Field.FULL_NAME), until),
        )
    )


def _view(row: tuple) -> CorrectionView:
    values = list(row)
    values[4], values[5] = Channel(values[4]), Reason(values[5])
    values[15] = State(values[15])
    values[9], values[19] = bytes(values[9]), bytes(values[19])
    values[20] = None if values[20] is None else bytes(values[20])
    values[21] = tuple(values[21])
    return CorrectionView(*values)
