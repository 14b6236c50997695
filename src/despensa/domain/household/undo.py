"""
Undoing an operation: its rows were never valid, and what it ended goes on.

Only the latest operation of every household it touched is undone, so that nothing built on it is
left in the air. The undo is an operation itself; both stay in the books.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from despensa.domain.household.membership import overlaps
from despensa.domain.household.operation import REASONS, Kind, Order
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.household.situation import (
    Change,
    HouseholdNow,
    Move,
    Share,
    Situation,
    standing,
)


@dataclass(frozen=True, slots=True)
class Done:
    """
    An operation that was done: the rows it began and ended, the households it touched.

    `versions` holds each touched household's version right after it.
    """

    id: UUID
    kind: Kind
    household: UUID
    day: date
    begun: frozenset[UUID]
    ended: frozenset[UUID]
    versions: Mapping[UUID, int] = field(default_factory=dict)
    moved: Move | None = None
    share: Share | None = None
    is_undone: bool = False


def done(change: Change) -> Done:
    """Return how the books remember a change."""
    return Done(
        id=change.order.id,
        kind=change.order.kind,
        household=change.order.household,
        day=change.order.day,
        begun=frozenset(row.id for row in change.begun),
        ended=frozenset(row.id for row in change.ended),
        versions={household.id: household.version for household in change.households},
        moved=change.moved,
        share=change.share,
    )


def decide_undo(
    order: Order, latest: Done | None, situation: Situation, *, is_file_undone: bool = False
) -> Change:
    """
    Return what undoing an operation changes.

    What it carried over goes back as far as it is still there. What a file brought is undone only
    with the file.
    Raises: ChangeRefused.
    """
    if order.reason not in REASONS[Kind.UNDO]:
        raise ChangeRefused(Why.REASON_DOES_NOT_FIT)
    if latest is None or latest.kind is Kind.UNDO:
        raise ChangeRefused(Why.NO_SUCH_CHANGE)
    if latest.kind is Kind.ERASURE:
        raise ChangeRefused(Why.ERASED)
    if latest.kind is Kind.FILE_UPDATE and not is_file_undone:
        raise ChangeRefused(Why.CAME_WITH_A_FILE)
    if latest.is_undone:
        raise ChangeRefused(Why.UNDONE_BEFORE)
    households = situation.households
    if any(households[one].version != version for one, version in latest.versions.items()):
        raise ChangeRefused(Why.NOT_THE_LATEST)
    rows = dict(situation.memberships)
    voided = [replace(rows[key], until_day=rows[key].from_day) for key in latest.begun]
    reopened = [replace(rows[key], until_day=None) for key in latest.ended]
    rows.update((row.id, row) for row in (*voided, *reopened))
    if overlaps(rows.values()):
        raise ChangeRefused(Why.LIVES_ELSEWHERE)
    moved, back = latest.moved, None
    if moved is not None:
        back = Move(moved.household, moved.after, moved.before, moved.before_since)
    share = latest.share
    return Change(
        order=replace(order, household=latest.household, day=latest.day, undoes=latest.id),
        voided=tuple(voided),
        reopened=tuple(reopened),
        households=tuple(
            standing(
                _moved_back(households[one], moved),
                [row for row in rows.values() if row.household == one],
            )
            for one in sorted(latest.versions, key=lambda one: one.bytes)
        ),
        moved=back,
        share=None if share is None else Share(share.target, share.source, 1, 1),
    )


def _moved_back(household: HouseholdNow, moved: Move | None) -> HouseholdNow:
    raised = replace(household, version=household.version + 1)
    if moved is None or moved.household != household.id:
        return raised
    return replace(raised, area=moved.before, area_since=moved.before_since)
