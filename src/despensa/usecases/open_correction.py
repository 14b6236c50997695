"""
Open a correction: each field before and after, for those who may see it; the look comes first.

Who reads households in that area sees it. Who is to approve it sees it while it waits, because
nobody agrees to what they cannot see; others learn only which fields.
Source: docs/explanation/design.md, section 5.
"""

from dataclasses import dataclass

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.correction.decide import CorrectionRefused, Why
from despensa.domain.correction.slot import Change, State
from despensa.domain.ports.keeper import Access, PersonVault, Purpose
from despensa.domain.role import Permission
from despensa.domain.sealing import Column
from despensa.records.corrections import queries, store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import keys_of
from despensa.records.registry import store as registry
from despensa.records.staff import queries as staff

_WAITING = 1


@dataclass(frozen=True, slots=True)
class OpenedCorrection:
    """A request with its changes; None to whoever may only know which fields they are."""

    view: queries.CorrectionView
    changes: tuple[Change, ...] | None


def open_correction(
    view: queries.CorrectionView, *, acting: Acting, vault: PersonVault
) -> OpenedCorrection:
    """
    Return a request with what it changes.

    Raises: CorrectionRefused for one out of reach; AccessRefused when the quota is used up.
    """
    if acting.staff is None:
        raise ValueError("a correction is opened by a person")
    reads, sees = _may(view, acting)
    if not sees:
        raise CorrectionRefused(Why.NO_SUCH_CORRECTION)
    keys = keys_of([view.person])
    if not reads or view.person not in keys:
        return OpenedCorrection(view, None)
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.CORRECT_RECORD,
        persons=(view.person.bytes,),
        fields=(Column.CORRECTION,),
        case=view.id.bytes,
    )
    stored = queries.changes(view.id)
    with transaction.atomic(using=REGISTRY):
        registry.record_look(access, acting=acting)
    [values] = vault.unseal(access, [(keys[view.person], store.to_open(stored))])
    return OpenedCorrection(view, tuple(store.opened_changes(stored, values, vault)))


def _may(view: queries.CorrectionView, acting: Acting) -> tuple[bool, bool]:
    """Return whether the values, and whether at least the request, may be seen."""
    assert acting.staff is not None, "asked before"
    person, day = acting.staff, acting.day
    if staff.reach_of(person, Permission.READ_HOUSEHOLDS, day).holds(view.area):
        return True, True
    decides = staff.reach_of(person, Permission.DECIDE_PROPOSALS, day).covers(None, view.area)
    is_to_decide = view.state is State.WAITING and view.proposal_state == _WAITING
    if decides and is_to_decide and view.staff != person:
        return True, True
    return False, staff.reach_of(person, Permission.SEE_PROPOSALS, day).covers(None, view.area)
