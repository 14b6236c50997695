"""
Everything that was done to a household, newest first, page by page: what the registry knows of it.

Collections are not in it. The registry does not know them: they are the ledger's, under pseudonyms,
so that no page can show where somebody was. Source: docs/explanation/design.md, promise 4.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.keyset import Turn, newest_first, page_sql


class Deed(StrEnum):
    """What kind of act a line is."""

    REGISTERED = "registered"
    CHANGED = "changed"
    CORRECTION_ASKED = "correction_asked"
    CORRECTION_ANSWERED = "correction_answered"
    CARD_MADE = "card_made"
    DECIDED = "decided"
    ERASED = "erased"
    APPEAL_BROUGHT = "appeal_brought"
    APPEAL_ANSWERED = "appeal_answered"


@dataclass(frozen=True, slots=True)
class DeedRow:
    """
    One act: when (seconds UTC), which, by whom, about which person.

    `ref` is the operation, correction, appeal or cycle; `detail` the state of a card or correction,
    the outcome of a decision, or the answer to an appeal. Acts of which only the day is known stand at its beginning.
    """

    at: int
    id: UUID
    deed: Deed
    ref: UUID
    detail: int
    staff: UUID | None
    person: UUID | None
    is_day: bool


_DEEDS = """
    SELECT extract(epoch FROM registered_on)::bigint AS at, id, 'registered' AS deed, id AS ref,
           0 AS detail, NULL::uuid AS staff, NULL::uuid AS person, true AS is_day
    FROM household WHERE id = %(home)s
    UNION ALL
    SELECT change.at, change.id, 'changed', change.id, change.kind, change.staff, NULL, false
    FROM household_change_part part JOIN household_change change ON change.id = part.change_id
    WHERE part.household_id = %(home)s AND change.kind <> 12
    UNION ALL
    SELECT at, id, 'correction_asked', id, channel, staff, person_id, false
    FROM correction WHERE household_id = %(home)s
    UNION ALL
    SELECT decided_at, md5(id::text)::uuid, 'correction_answered', id, state, decided_by, person_id,
           false
    FROM correction WHERE household_id = %(home)s AND decided_at IS NOT NULL
    UNION ALL
    SELECT extract(epoch FROM issued_on)::bigint, md5(number)::uuid, 'card_made',
           md5(number)::uuid, state, NULL, NULL, true
    FROM card WHERE household_id = %(home)s
    UNION ALL
    SELECT extract(epoch FROM cycle.reference_date)::bigint, cycle.id, 'decided', cycle.id,
           decision.outcome, NULL, NULL, true
    FROM decision JOIN cycle ON cycle.id = decision.cycle_id
    WHERE decision.household_id = %(home)s
      AND (%(programmes)s::uuid[] IS NULL OR cycle.programme_id = ANY(%(programmes)s::uuid[]))
    UNION ALL
    SELECT at, person, 'erased', person, 0, NULL, NULL, false
    FROM erasure WHERE household_id = %(home)s
    UNION ALL
    SELECT taken_down_at, grievance.id, 'appeal_brought', grievance.id, 0, taken_down_by, NULL, false
    FROM grievance JOIN cycle ON cycle.id = grievance.cycle_id
    WHERE household_id = %(home)s
      AND (%(programmes)s::uuid[] IS NULL OR cycle.programme_id = ANY(%(programmes)s::uuid[]))
    UNION ALL
    SELECT answered_at, md5(grievance.id::text)::uuid, 'appeal_answered', grievance.id, answer,
           answered_by, NULL, false
    FROM grievance JOIN cycle ON cycle.id = grievance.cycle_id
    WHERE household_id = %(home)s AND answer IS NOT NULL
      AND (%(programmes)s::uuid[] IS NULL OR cycle.programme_id = ANY(%(programmes)s::uuid[]))
"""


def deeds(
    household: UUID, limit: int, *, programmes: Collection[UUID] | None, turn: Turn | None = None
) -> list[DeedRow]:
    """Return what was done to a household, newest first, of the page that begins at `turn`."""
    page, _, order = page_sql("at", "id", turn)
    values: dict[str, Any] = {
        "home": household,
        "programmes": None if programmes is None else list(programmes),
        "limit": limit,
        "key": None if turn is None else turn.key,
        "row": None if turn is None else turn.id,
    }
    page = page.replace("(%s, %s)", "(%(key)s, %(row)s)")
    rows = fetch(
        REGISTRY,
        f"""SELECT at, id, deed, ref, detail, staff, person, is_day FROM ({_DEEDS}) AS deeds
            WHERE {page} ORDER BY {order} LIMIT %(limit)s""",
        values,
    )
    return newest_first(
        [DeedRow(at, row, Deed(deed), *rest) for at, row, deed, *rest in rows], turn
    )
