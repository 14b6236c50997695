"""
Carry out an approved correction: each field changes only if it still holds what was shown.

1 write who looks, open request and record · 2 decide that nothing moved meanwhile · 3 use the approval
up, write the record, its tokens, the receipt, what the search learns, and the leaf.
Source: docs/explanation/design.md, section 5.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from despensa.domain import receipt as receipts
from despensa.domain.act import Acting
from despensa.domain.correction.decide import CorrectionRefused, Why, applied
from despensa.domain.correction.slot import Change, Field, Reason, Slot, State
from despensa.domain.matching.variants import Pair, taught
from despensa.domain.ports.keeper import PersonVault, Signatory
from despensa.domain.proposal import Mandate, parse
from despensa.records import journal_store, mandates
from despensa.records.corrections import queries, sealed_record, store, variant_store
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries as duplicates
from despensa.records.households.change_journal import entry_of
from despensa.records.registry import store as registry

ACTION = "correct_record"
_TEACHES = frozenset({Reason.MISSPELT, Reason.WRITTEN_OTHERWISE, Reason.ENTRY_MISTAKE})


@dataclass(frozen=True, slots=True)
class Amended:
    """The correction and how many fields it changed."""

    correction: UUID
    fields: int


def amend_registration(
    mandate: Mandate,
    *,
    acting: Acting,
    vault: PersonVault,
    signatory: Signatory,
    catalogue_version: int,
) -> Amended:
    """
    Return that an approved correction is made.

    Raises: CorrectionRefused; AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    if acting.staff is None:
        raise ValueError("a record is corrected on behalf of whoever proposed it")
    view = _request(mandate)
    record = sealed_record.sealed_record(view.person, view.household)
    if record is None:
        raise CorrectionRefused(Why.NO_SUCH_PERSON)
    said, changes = _opened(view, record, acting, vault)
    after = applied(changes, said)
    with transaction.atomic(using=REGISTRY):
        proposal = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        proposal_id = UUID(bytes=proposal.proposal_id)
        sealed_record.lock(view.person, view.household)
        now = sealed_record.sealed_record(view.person, view.household)
        if now is None or now.version != record.version:
            raise CorrectionRefused(Why.CHANGED_MEANWHILE)
        if not store.lock_waiting(view.id):
            raise CorrectionRefused(Why.DECIDED_BEFORE)
        plans = sealed_record.write(
            changes, record, after, acting=acting, vault=vault, catalogue_version=catalogue_version
        )
        plans.append(store.journal_of_answer(view.id, view.person, State.DONE))
        act = journal_store.act(REGISTRY, ACTION, acting, proposal=proposal_id)
        keys = {view.person: record.key}
        entry = entry_of(plans, act=act, acting=acting, vault=vault, keys=keys)
        journal_store.append(REGISTRY, [entry])
        receipt = signatory.sign(
            receipts.correction_made(
                view.id.hex, acting.workspace.bytes, entry.leaf_hash, acting.day
            ),
            label=receipts.LABEL,
        )
        store.answer(view.id, store.Answer(State.DONE, receipt), acting=acting)
        _learn(view, changes, acting, vault)
    return Amended(view.id, len(changes))


def _request(mandate: Mandate) -> queries.CorrectionView:
    """Return the request a mandate is about. Raises: CorrectionRefused."""
    correction, digest, _ = parse(mandate.canonical).parameters
    view = queries.correction(UUID(bytes=correction))
    if view is None or view.digest != digest:
        raise CorrectionRefused(Why.NO_SUCH_CORRECTION)
    return view


def _opened(
    view: queries.CorrectionView,
    record: sealed_record.SealedRecord,
    acting: Acting,
    vault: PersonVault,
) -> tuple[dict[Slot, Any], list[Change]]:
    stored = queries.changes(view.id)
    access = store.look_at(record, case=view.id, acting=acting)
    with transaction.atomic(using=REGISTRY):
        registry.record_look(access, acting=acting)
    return store.opened(record, stored, access, vault)


def _learn(
    view: queries.CorrectionView,
    changes: list[Change],
    acting: Acting,
    vault: PersonVault,
) -> None:
    """Let the search learn how a name is written, once a person: one file of many proves little."""
    pairs = _pairs(changes)
    if view.undoes is not None:
        undone = queries.correction(view.undoes)
        if undone is not None and undone.reason in _TEACHES:
            variant_store.unlearn(pairs, vault=vault)
    elif (
        view.reason in _TEACHES
        and not queries.was_named_anew(view.person, besides=view.id)
        and not duplicates.was_made_one([view.person])
    ):
        variant_store.learn(pairs, day=acting.day, vault=vault)


def _pairs(changes: list[Change]) -> tuple[Pair, ...]:
    return tuple(
        pair
        for change in changes
        if change.slot.field is Field.FULL_NAME
        for pair in taught(change.before or "", change.after or "")
    )
