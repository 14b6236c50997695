"""
Enrol one household that is present: with or without papers, vouched for or not, card in hand or not.

0 enrolled before under this id? · 1 may this person, here, that many today? · 2 decide who vouches
and which card · 3 record people, link, card and leaf. All of it or nothing. What is written of a
person is what an import writes. Source: docs/explanation/design.md, sections 5 and 6.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.enrolment import introducer as introducers
from despensa.domain.enrolment.introducer import Introducer, IntroducerRefused, NoVouching
from despensa.domain.ports.keeper import KeyedPerson, PersonVault
from despensa.domain.reach import OutOfReach
from despensa.domain.registration.draft import HouseholdDraft
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, ToSeal
from despensa.records import journal_rows, journal_store
from despensa.records.cards import binding
from despensa.records.databases import REGISTRY
from despensa.records.enrolment import queries, store
from despensa.records.registry import batch_store as batches
from despensa.records.registry import store as registry
from despensa.records.registry import taken_alone
from despensa.records.registry.batch_journal import batch_entries
from despensa.records.registry.household_rows import NewHousehold, household_batch
from despensa.records.staff import queries as staff

ACTION = "enrol_household"
SOURCE = "desk"
_HEAD = 1
_TOMORROW = "Give this household an appointment for tomorrow, or let another registrar enrol it."
_ELSEWHERE = (
    "This area lies outside the one your role is for today: nothing was written. Give the household "
    "a refusal with the reason, or ask the security officer for a role that reaches there."
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """
    A household on its way into the register.

    `id` is made with the empty form: sent twice it is done once. `card` is the number of a printed
    card of nobody.
    """

    id: UUID
    household: HouseholdDraft = field(repr=False)
    area: UUID
    introducer: Introducer | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The household's id, whether it was enrolled now, and for how many its introducer vouches."""

    household: UUID
    is_new: bool
    vouched: int | None = None


def enrol_household(
    enrolment: Enrolment,
    *,
    acting: Acting,
    vault: PersonVault,
    today: date,
    catalogue_version: int,
) -> Enrolled:
    """
    Return the household's id.

    Raises: OutOfReach; ApprovalNeeded above the rows of one person and day; IntroducerRefused;
        CardRefused. Nothing was written then.
    """
    if acting.staff is None:
        raise OutOfReach("A household is enrolled by a person.")
    [origin] = vault.origin_refs([(SOURCE, enrolment.id.hex)])
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.ENROL_HOUSEHOLDS, acting.day)
        if not reach.holds(enrolment.area):
            raise OutOfReach(_ELSEWHERE)
        # the same form sent twice at once waits here for itself, and finds what it did
        taken_alone.take_turns()
        known = registry.known_origins([origin]).get(origin)
        if known is not None:
            return Enrolled(known.household, is_new=False)
        rows = len(enrolment.household.persons)
        taken_alone.take(rows, acting.staff, acting.day, instead=_TOMORROW)
        new = NewHousehold(enrolment.household, origin, enrolment.area)
        batch = household_batch([new], acting=acting, vault=vault, today=today)
        household = batch.households[0].id
        batches.write_batch(batch, register_import=enrolment.id)
        act = journal_store.act(REGISTRY, ACTION, acting)
        journal_store.append(
            REGISTRY,
            batch_entries(
                batch, act=act, acting=acting, vault=vault, catalogue_version=catalogue_version
            ),
        )
        vouched = _vouch(enrolment, batch, acting, vault)
        if enrolment.card is not None:
            binding.bind(
                enrolment.card, household, today=today, act=act, acting=acting, sealer=vault
            )
    return Enrolled(household, is_new=True, vouched=vouched)


def _vouch(
    enrolment: Enrolment, batch: batches.RegistryBatch, acting: Acting, vault: PersonVault
) -> int | None:
    """Write who vouches for the head, sealed to the head; return for how many that is now."""
    introducer, vouched, sealed = enrolment.introducer, None, acting.new_salt()
    if introducer is not None:
        if not queries.may_vouch(introducer):
            raise IntroducerRefused(NoVouching.UNKNOWN)
        head = _head(batch)
        allowed = queries.limits_in(enrolment.area).of(introducer.kind)
        ends = introducers.erase_on(acting.day)
        vouched = store.vouch(introducer, acting.new_id(), allowed=allowed, erase_on=ends)
        link = ToSeal(Column.LINK, head.person, 1, introducer.link())
        [[sealed]] = vault.seal([(head, [link])])
        store.add_introduction(UUID(bytes=head.person), sealed=sealed, erase_on=ends)
    # The journal outlives the link: it keeps a hash only, of random bytes where nobody vouched, so
    # that it does not tell for ever who came without papers.
    digest = hashlib.sha256(sealed).digest()
    rows = journal_rows.inserted("introduction", [(b"", {"sha256": digest})])
    journal_store.record(REGISTRY, ACTION, acting, rows)
    return vouched


def _head(batch: batches.RegistryBatch) -> KeyedPerson:
    [head] = [member.registrant for member in batch.memberships if member.role == _HEAD]
    [row] = [row for row in batch.registrants if row.id == head]
    return KeyedPerson(row.id.bytes, row.kek, row.wrapped_key)
