"""
Take down a request to correct a person's record, whoever asks and by whatever way.

0 asked before under this id? · 1 write who looks, open the record · 2 decide what changes, from what
to what · 3 record the request with its receipt; what one person may change is changed at once, the
rest becomes a proposal. Source: docs/explanation/design.md, sections 2 and 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from despensa.domain import receipt as receipts
from despensa.domain.act import Acting
from despensa.domain.catalogue import Catalogue
from despensa.domain.correction.decide import (
    CorrectionRefused,
    Setting,
    Why,
    applied,
    decide,
)
from despensa.domain.correction.slot import (
    Change,
    Channel,
    Reason,
    Slot,
    State,
    answer_until,
    needs_two,
)
from despensa.domain.ports.keeper import PersonVault, Signatory
from despensa.domain.proposal import APPROVAL_KEPT_SECONDS, Proposal
from despensa.domain.proposal import Reason as ProposalReason
from despensa.domain.registration.country import Country
from despensa.domain.role import Permission
from despensa.domain.transparency.entry import Entry
from despensa.records import journal_store, mandates
from despensa.records.corrections import queries, sealed_record, store
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import entry_of
from despensa.records.order_digest import order_digest
from despensa.records.proposals import store as proposals
from despensa.records.registry import store as registry
from despensa.records.staff import queries as staff

ACTION = "correct_record"
ASK = "ask_correction"
# changes of one person a day that nobody else looks at; the database says the same
ALONE_A_DAY = 50
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What is asked: `values` by place, `version` that of the record the request was made on.

    `undoes` is the correction that is taken back; then `values` are left empty.
    """

    id: UUID
    person: UUID
    household: UUID
    version: str
    channel: Channel
    reason: Reason
    values: Mapping[Slot, Any]
    undoes: UUID | None = None


@dataclass(frozen=True, slots=True)
class Requested:
    """The request's state, its proposal if it needs a second person, and whether it is new."""

    id: UUID
    state: State
    proposal: UUID | None
    is_new: bool


def request_correction(
    wanted: Wanted,
    *,
    acting: Acting,
    vault: PersonVault,
    signatory: Signatory,
    home: Country,
    catalogue: Catalogue,
) -> Requested:
    """
    Return that the request is taken down, and done where one person is enough.

    Raises: CorrectionRefused, also for somebody out of this person's reach; AccessRefused when the
        quota of the person or the office is used up.
    """
    if acting.staff is None:
        raise ValueError("a request is taken down by a person")
    if (wanted.reason is Reason.UNDO) != (wanted.undoes is not None):
        raise CorrectionRefused(Why.REASON_DOES_NOT_FIT)
    digest = _digest(wanted, vault)
    known = _known(wanted.id, digest)
    if known is not None:
        return known
    record = _record(wanted, acting)
    if wanted.undoes is None and record.version != wanted.version:
        raise CorrectionRefused(Why.CHANGED_MEANWHILE)
    said, before = _opened(wanted, record, acting, vault)
    if wanted.undoes is None:
        setting = Setting(acting.day, home, catalogue, lambda: acting.new_id().hex)
        changes = decide(wanted.values, said, setting)
    else:
        changes = tuple(change.reversed() for change in before)
    after = applied(changes, said)
    try:
        with transaction.atomic(using=REGISTRY):
            sealed_record.lock(wanted.person, wanted.household)
            now = sealed_record.sealed_record(wanted.person, wanted.household)
            if now is None or now.version != record.version:
                raise CorrectionRefused(Why.CHANGED_MEANWHILE)
            return _written(
                wanted, changes, record, after,
                digest=digest, acting=acting, vault=vault, signatory=signatory, catalogue=catalogue,
            )  # fmt: skip
    except IntegrityError as error:
        # the same request at the same time, or two that take the same correction back
        known = _known(wanted.id, digest)
        if known is not None:
            return known
        raise CorrectionRefused(
            Why.CHANGED_MEANWHILE if wanted.undoes is None else Why.UNDONE_BEFORE
        ) from error


def _known(correction: UUID, digest: bytes) -> Requested | None:
    view = queries.correction(correction)
    if view is None:
        return None
    if view.digest != digest:
        raise CorrectionRefused(Why.ID_USED_OTHERWISE)
    return Requested(view.id, view.state, view.proposal, is_new=False)


def _record(wanted: Wanted, acting: Acting) -> sealed_record.SealedRecord:
    assert acting.staff is not None, "asked before"
    reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
    record = sealed_record.sealed_record(wanted.person, wanted.household)
    if record is None or not reach.holds(record.area):
        # out of reach answers as what does not exist
        raise CorrectionRefused(
            Why.NO_SUCH_PERSON if wanted.undoes is None else Why.NO_SUCH_CORRECTION
        )
    if wanted.undoes is not None:
        view = queries.correction(wanted.undoes)
        if view is None or (view.person, view.household) != (wanted.person, wanted.household):
            raise CorrectionRefused(Why.NO_SUCH_CORRECTION)
        if view.is_undone or view.state is not State.DONE:
            raise CorrectionRefused(Why.UNDONE_BEFORE)
    return record


def _opened(
    wanted: Wanted, record: sealed_record.SealedRecord, acting: Acting, vault: PersonVault
) -> tuple[dict[Slot, Any], list[Change]]:
    """Return what the record says, and what the correction to take back changed; the look first."""
    stored = [] if wanted.undoes is None else queries.changes(wanted.undoes)
    access = store.look_at(record, case=wanted.id, acting=acting)
    with transaction.atomic(using=REGISTRY):
        registry.record_look(access, acting=acting)
    return store.opened(record, stored, access, vault)


def _written(
    wanted: Wanted,
    changes: tuple[Change, ...],
    record: sealed_record.SealedRecord,
    after: Mapping[Slot, Any],
    *,
    digest: bytes,
    acting: Acting,
    vault: PersonVault,
    signatory: Signatory,
    catalogue: Catalogue,
) -> Requested:
    """Write the request and, where one person is enough, what it changes."""
    is_alone = not needs_two(changes) and _has_room(acting)
    proposal = None if is_alone else _proposal(wanted, changes, record, digest, acting)
    new = store.NewCorrection(
        id=wanted.id,
        person=wanted.person,
        household=wanted.household,
        channel=wanted.channel,
        reason=wanted.reason,
        answer_until=answer_until(acting.day),
        digest=digest,
        needs_two=not is_alone,
        proposal=None if proposal is None else UUID(bytes=proposal.proposal_id),
        undoes=wanted.undoes,
    )
    sealed = store.sealed_changes(
        changes, record.key, acting=acting, vault=vault, catalogue_version=catalogue.version
    )
    plans = store.journal_of(new, sealed)
    if is_alone:
        registry.take_rows_alone(acting.day, _staff(acting), 1)
        plans += sealed_record.write(
            changes, record, after,
            acting=acting, vault=vault, catalogue_version=catalogue.version,
        )  # fmt: skip
        plans.append(store.journal_of_answer(wanted.id, wanted.person, State.DONE))
    act = journal_store.act(REGISTRY, ASK, acting, proposal=new.proposal)
    keys = {wanted.person: record.key}
    entry = entry_of(plans, act=act, acting=acting, vault=vault, keys=keys)
    store.add(new, sealed, acting=acting, receipt=_asked(new, entry, acting, signatory))
    journal_store.append(REGISTRY, [entry])
    if proposal is not None:
        _propose(proposal, acting)
    else:
        receipt = signatory.sign(
            receipts.correction_made(
                wanted.id.hex, acting.workspace.bytes, entry.leaf_hash, acting.day
            ),
            label=receipts.LABEL,
        )
        store.answer(wanted.id, store.Answer(State.DONE, receipt), acting=acting)
    return Requested(
        wanted.id, State.DONE if is_alone else State.WAITING, new.proposal, is_new=True
    )


def _has_room(acting: Acting) -> bool:
    own, _ = registry.rows_taken_alone(acting.day, _staff(acting))
    return own < ALONE_A_DAY


def _asked(new: store.NewCorrection, entry: Entry, acting: Acting, signatory: Signatory) -> bytes:
    """Return the receipt that somebody asked, with the last day for an answer."""
    asked = receipts.Receipt(
        kind=receipts.ReceiptKind.CORRECTION_ASKED,
        workspace_id=acting.workspace.bytes,
        content_hash=entry.leaf_hash,
        day=acting.day.toordinal() - _EPOCH,
        serial=receipts.correction_serial(new.id.hex),
        answer_until=new.answer_until.toordinal() - _EPOCH,
    )
    return signatory.sign(receipts.receipt_payload(asked), label=receipts.LABEL)


def _proposal(
    wanted: Wanted,
    changes: tuple[Change, ...],
    record: sealed_record.SealedRecord,
    digest: bytes,
    acting: Acting,
) -> Proposal:
    is_found = wanted.channel is Channel.OFFICE
    return Proposal(
        proposal_id=acting.new_id().bytes,
        workspace_id=acting.workspace.bytes,
        action=ACTION,
        creator=_staff(acting).bytes,
        created_at=acting.at,
        expires_at=acting.at + APPROVAL_KEPT_SECONDS,
        reason=ProposalReason.CORRECTION_FOUND if is_found else ProposalReason.CORRECTION_ASKED,
        scope=(None, record.area.bytes, None),
        parameters=(wanted.id.bytes, digest, [int(change.slot.field) for change in changes]),
        totals=(("fields", len(changes)), ("people", 1)),
    )


def _propose(proposal: Proposal, acting: Acting) -> None:
    mandates.require_proposer(proposal, acting=acting)
    proposals.add(proposal, acting=acting)


def _staff(acting: Acting) -> UUID:
    assert acting.staff is not None, "asked before"
    return acting.staff


def _digest(wanted: Wanted, vault: PersonVault) -> bytes:
    said = (
        wanted.id, wanted.person, wanted.household, wanted.version, wanted.channel, wanted.reason,
        sorted(wanted.values.items(), key=lambda item: item[0]), wanted.undoes,
    )  # fmt: skip
    return order_digest(ACTION, said, vault)
