"""
Erase a person: key, facts and search tokens destroyed by two people; an empty row stays.

0 approved, unused, erased before? · 1 the person's households take turns; load what is so · 2 decide
who follows · 3 end roles, destroy, journal, sign the receipt. All of it or nothing; the ledger is not
touched. Source: docs/explanation/design.md, section 5; docs/reference/formats.md, section 5.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from despensa.domain import receipt as receipts
from despensa.domain.act import Acting
from despensa.domain.erasure import ACTION, Wish, wish_of
from despensa.domain.household.change import decide
from despensa.domain.household.membership import LIVES_THERE
from despensa.domain.household.operation import Order
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.household.situation import Change, Situation
from despensa.domain.ports.keeper import PersonVault, Signatory
from despensa.domain.proposal import Mandate
from despensa.domain.reach import Reach
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, Entry
from despensa.records import journal_store, mandates
from despensa.records.cards import store as cards
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries as made_one
from despensa.records.duplicates import store as pairs
from despensa.records.enrolment import store as introductions
from despensa.records.grievances import store as grievances
from despensa.records.households import erasing, queries, store
from despensa.records.households.change_journal import Columns, Plan, change_entry, keys_of
from despensa.records.partners import store as partners
from despensa.records.sealed_journal import workspace_entries
from despensa.records.staff import queries as staff
from despensa.records.wallet import store as wallets

_DAY_ZERO = date(1970, 1, 1).toordinal()
LINKS_FORGOTTEN = "links_forgotten"


@dataclass(frozen=True, slots=True)
class Erased:
    """Who was erased, whether it was done now, and which cards died with them."""

    person: UUID
    is_new: bool
    dead_cards: tuple[str, ...] = ()


def preview_erasure(wish: Wish, order: Order, *, acting: Acting) -> tuple[Situation, Change]:
    """
    Return what is so and what erasing somebody would change; nothing is written.

    Raises: ChangeRefused, also for a household out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("an erasure is proposed by a person")
    reach: Reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
    situation = queries.situation_of_person(wish.person, order)
    home = situation.households.get(wish.household)
    if home is None or not reach.holds(home.area):
        raise ChangeRefused(Why.NO_SUCH_HOUSEHOLD)
    return situation, _decided(wish, order, situation, acting)


def erase_person(
    mandate: Mandate,
    *,
    acting: Acting,
    vault: PersonVault,
    signatory: Signatory,
    backup_days: int,
) -> Erased:
    """
    Return that the person of an approved proposal is erased; whoever was erased before stays so.

    Raises: ChangeRefused; AlreadyUsed; ApprovalInvalid and the errors of `check_mandate`.
    """
    if acting.staff is None:
        raise ValueError("a person is erased on behalf of whoever proposed it")
    try:
        with transaction.atomic(using=REGISTRY):
            proposal = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
            wish, proposal_id = wish_of(proposal), UUID(bytes=proposal.proposal_id)
            order = wish.order(proposal.reason, new_id=acting.new_id, day=acting.day)
            store.lock(list(queries.situation_of_person(wish.person, order).households))
            if not erasing.lock_key(wish.person):
                return Erased(wish.person, is_new=False)
            situation = queries.situation_of_person(wish.person, order)
            change = _decided(wish, order, situation, acting)
            # the same person's other records, put together with this one, go with it
            others = [
                one for one in made_one.records_given_way(wish.person) if erasing.lock_key(one)
            ]
            homes = {wish.person: wish.household} | {one: erasing.last_home(one) for one in others}
            ended = erasing.ended_homes(list(homes))
            alone = list(dict.fromkeys([*_alone(wish.person, change, situation), *ended]))
            digest = hashlib.sha256(mandate.canonical).digest()
            store.write(change, digest=digest, staff=acting.staff, at=acting.at)
            act = journal_store.act(REGISTRY, ACTION, acting, proposal=proposal_id)
            besides = [
                plan
                for person, home in homes.items()
                for plan in _destroyed(person, home, proposal_id, acting)
            ]
            besides += erasing.empty_households(alone)
            keys = keys_of(_others(wish.person, change))
            entry = change_entry(
                change, act=act, acting=acting, vault=vault, keys=keys, besides=besides
            )
            dead = [number for home in alone for number in cards.end_cards(home)]
            receipt = signatory.sign(
                receipts.receipt_payload(_receipt(entry, proposal_id, acting, backup_days)),
                label=receipts.LABEL,
            )
            for person, home in homes.items():
                erasing.add(
                    person, proposal=proposal_id, household=home, at=acting.at, receipt=receipt
                )
            journal_store.append(REGISTRY, [entry, *_card_entries(dead, act, acting, vault)])
    except (IntegrityError, store.RolesTaken) as error:
        raise ChangeRefused(Why.CHANGED_MEANWHILE) from error
    return Erased(wish.person, is_new=True, dead_cards=tuple(dead))


def note_links_forgotten(person: UUID, *, acting: Acting) -> None:
    """Remember that the keeper holds no link of the cards that died with a person."""
    with transaction.atomic(using=REGISTRY):
        if journal_store.begin_stage(REGISTRY, person, LINKS_FORGOTTEN, 0, now=acting.at):
            journal_store.record(REGISTRY, LINKS_FORGOTTEN, acting)


def _destroyed(person: UUID, home: UUID, proposal: UUID, acting: Acting) -> list[Plan]:
    """Destroy one record and what hangs on it; return the journal's rows of what is left."""
    plans = erasing.destroy(person)
    introductions.forget_person(person)
    plans += partners.end_consents_of(person, at=acting.at)
    plans += grievances.forget_text_of(person)
    plans += wallets.forget_person(person, at=acting.at)
    plans.append(erasing.journal_of(person, proposal=proposal, household=home))
    nothing: Columns = {"reasons": erasing.NOTHING}
    plans += [
        ("duplicate_pair", journal.Op.UPDATE, pair, None, nothing)
        for pair in pairs.forget_reasons(person)
    ]
    return plans


def _decided(wish: Wish, order: Order, situation: Situation, acting: Acting) -> Change:
    named = [wish.person, *(one for one in (wish.head, wish.collector) if one is not None)]
    if queries.erased(named):
        raise ChangeRefused(Why.ERASED)
    return decide(order, situation, today=acting.day, new_id=acting.new_id)


def _others(person: UUID, change: Change) -> list[UUID]:
    """Return who else is concerned: their rows are sealed to them, never to the erased."""
    rows = (*change.begun, *change.ended)
    others = {row.holder for row in rows if not row.is_institution} - {person}
    return sorted(others, key=lambda other: other.bytes)


def _card_entries(
    numbers: Sequence[str], act: Act, acting: Acting, vault: PersonVault
) -> list[Entry]:
    bodies = (
        journal.encode_columns({"key": number.encode("ascii"), "state": cards.DEAD})
        for number in numbers
    )
    return list(
        workspace_entries(act, "card", journal.Op.UPDATE, bodies, acting=acting, sealer=vault)
    )


def _alone(person: UUID, change: Change, situation: Situation) -> list[UUID]:
    """Return the households that end with this person, or in which nobody else ever lived."""
    ended = []
    for home in change.households:
        lived = {
            row.holder
            for row in situation.memberships.values()
            if row.household == home.id and row.role in LIVES_THERE
        }
        goes_now = situation.households[home.id].ended_on is None
        if home.ended_on is not None and (goes_now or lived == {person}):
            ended.append(home.id)
    return ended


def _receipt(entry: Entry, proposal: UUID, acting: Acting, backup_days: int) -> receipts.Receipt:
    day = acting.day.toordinal() - _DAY_ZERO
    return receipts.Receipt(
        kind=receipts.ReceiptKind.ERASED,
        workspace_id=acting.workspace.bytes,
        content_hash=entry.leaf_hash,
        day=day,
        serial=f"E-{proposal.hex[:12]}",
        last_copy_until=day + backup_days,
    )
