"""
Take down the appeal of a household against its decision in one cycle.

0 asked before under this id? · 1 load the decision · 2 decide whether it is in time and the only one ·
3 seal what the household says, record, sign the receipt. Source: docs/explanation/design.md,
sections 1, 2 and 7.9; docs/reference/formats.md, sections 5 and 6.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from despensa.domain import appeal as appeals
from despensa.domain import receipt as receipts
from despensa.domain.act import Acting
from despensa.domain.appeal import AppealRefused, Ground, Why
from despensa.domain.ports.keeper import KeyedPerson, PersonVault, Signatory
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, ToSeal
from despensa.records import journal_store
from despensa.records.bulk import broken_rule
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries, store
from despensa.records.households.change_journal import entry_of
from despensa.records.order_digest import order_digest
from despensa.records.staff import queries as staff

ACTION = "bring_appeal"
_DAY_ZERO = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked; `text` is what the household says in its own words, empty for none."""

    id: UUID
    cycle: UUID
    household: UUID
    ground: Ground
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Brought:
    """The appeal that was taken down, with its receipt, and whether that was now."""

    id: UUID
    receipt: bytes
    is_new: bool


def bring_appeal(
    wanted: Wanted, *, acting: Acting, vault: PersonVault, signatory: Signatory
) -> Brought:
    """
    Return that an appeal is taken down; asked twice under one id, it is one.

    Raises: AppealRefused, also for a household or programme out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("an appeal is taken down by a person")
    text = appeals.own_words(wanted.text)
    said = (wanted.id, wanted.cycle, wanted.household, wanted.ground, text)
    digest = order_digest(ACTION, said, vault)
    try:
        with transaction.atomic(using=REGISTRY):
            store.hold_cycle(wanted.cycle)
            decision = _decision(wanted, acting)
            known = _known(wanted.id, digest)
            if known is not None:
                return known
            last_day = appeals.bring(
                appeals.Decided(decision.last_day, decision.is_decided, decision.has_open_appeal),
                on=acting.day,
            )
            return _written(wanted, text, digest, last_day, acting, vault, signatory)
    except IntegrityError as error:
        if broken_rule(error) == "grievance_open_once":
            raise AppealRefused(Why.BROUGHT_BEFORE) from error
        # the same request at the same time
        known = _known(wanted.id, digest)
        if known is None:
            raise
        return known


def _decision(wanted: Wanted, acting: Acting) -> queries.Decision:
    """Return the decision; out of reach answers as what does not exist."""
    assert acting.staff is not None, "asked before"
    reach = staff.reach_of(acting.staff, Permission.BRING_APPEALS, acting.day)
    decision = queries.decision(wanted.cycle, wanted.household)
    if decision is None or not reach.covers(decision.programme, decision.area):
        raise AppealRefused(Why.NO_SUCH_APPEAL)
    return decision


def _known(appeal: UUID, digest: bytes) -> Brought | None:
    view = queries.appeal(appeal)
    if view is None:
        return None
    if view.digest != digest:
        raise AppealRefused(Why.ID_USED_OTHERWISE)
    return Brought(view.id, view.brought_receipt, is_new=False)


def _written(
    wanted: Wanted,
    text: str,
    digest: bytes,
    last_day: date,
    acting: Acting,
    vault: PersonVault,
    signatory: Signatory,
) -> Brought:
    """Write the appeal with its leaf; the receipt names the leaf."""
    person, key = queries.speaker(wanted.household) or (None, None)
    new = store.NewAppeal(
        id=wanted.id,
        cycle=wanted.cycle,
        household=wanted.household,
        person=person,
        ground=wanted.ground,
        text=_sealed(wanted.id, text, key, vault),
        digest=digest,
        last_day=last_day,
        answer_until=appeals.answer_by(acting.day),
    )
    entry = entry_of(
        [store.journal_of(new)],
        act=journal_store.act(REGISTRY, ACTION, acting),
        acting=acting,
        vault=vault,
        keys={} if person is None or key is None else {person: key},
    )
    receipt = receipts.Receipt(
        kind=receipts.ReceiptKind.APPEAL_BROUGHT,
        workspace_id=acting.workspace.bytes,
        content_hash=entry.leaf_hash,
        day=acting.day.toordinal() - _DAY_ZERO,
        serial=appeals.serial(wanted.id.hex),
        appeal_until=last_day.toordinal() - _DAY_ZERO,
        answer_until=new.answer_until.toordinal() - _DAY_ZERO,
        ground=int(wanted.ground),
        cycle_id=wanted.cycle.bytes,
    )
    signed = signatory.sign(receipts.receipt_payload(receipt), label=receipts.LABEL)
    store.add(new, acting=acting, receipt=signed)
    journal_store.append(REGISTRY, [entry])
    return Brought(wanted.id, signed, is_new=True)


def _sealed(appeal: UUID, text: str, key: KeyedPerson | None, vault: PersonVault) -> bytes | None:
    """Return what the household says, sealed; without anybody's key no words are kept."""
    if not text:
        return None
    if key is None:
        raise AppealRefused(Why.NOBODY_TO_SEAL_FOR)
    [[sealed]] = vault.seal([(key, [ToSeal(Column.GRIEVANCE, appeal.bytes, 1, text)])])
    return sealed
