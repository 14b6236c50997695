"""
Record that somebody who is present lets a partner be told something.

1 the household, who lives there, the partner · 2 may this be told, may this person agree? · 3 the
consent, its leaf and a signed receipt, in one transaction. A newer consent for the same purpose
takes the place of the earlier one. Source: docs/explanation/design.md, section 9.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from despensa.domain import receipt as receipts
from despensa.domain.act import Acting
from despensa.domain.catalogue import Catalogue
from despensa.domain.partner.consent import (
    About,
    ConsentRefused,
    Fault,
    SharedFor,
    Somebody,
    check_consent,
    check_giver,
)
from despensa.domain.ports.keeper import PersonVault, Signatory
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Entry
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.partners import queries, store
from despensa.records.registry import queries as registry
from despensa.records.registry.store import lies_in
from despensa.records.staff import queries as staff

ACTION = "give_consent"
_DAY_ZERO = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What somebody agrees to, being present at the desk.

    `person` None is about the household as a whole; `given_by` is who is present and agrees.
    """

    partner: UUID
    household: UUID
    person: UUID | None
    given_by: UUID
    purpose: SharedFor
    fields: tuple[str, ...]
    until: date


def give_consent(
    wish: Wish,
    *,
    acting: Acting,
    vault: PersonVault,
    signatory: Signatory,
    catalogue: Catalogue,
) -> UUID:
    """
    Return the id of the recorded consent.

    Raises: ConsentRefused, also for a household or partner out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("a consent is recorded by a person")
    try:
        with transaction.atomic(using=REGISTRY):
            partner = _checked(wish, acting, catalogue)
            owner = store.lock_person(wish.given_by)
            if owner is None:
                raise ConsentRefused(Fault.NOBODY)
            view = queries.ConsentView(
                id=acting.new_id(),
                partner=wish.partner,
                partner_name=partner.name,
                person=wish.person,
                household=wish.household if wish.person is None else None,
                given_by=wish.given_by,
                purpose=int(wish.purpose),
                fields=wish.fields,
                from_date=acting.day,
                until_date=wish.until,
                at=acting.at,
                ended_at=None,
            )
            ended: dict[int | str, object] = {"ended_at": acting.at}
            rows = [(journal.Op.UPDATE, one, ended) for one in store.end_earlier(view)]
            rows.append((journal.Op.INSERT, view.id, store.consent_columns(view)))
            act = journal_store.act(REGISTRY, ACTION, acting)
            entry = store.consent_entry(owner, rows, act=act, acting=acting, vault=vault)
            receipt = signatory.sign(
                receipts.receipt_payload(_receipt(view, entry, acting)), label=receipts.LABEL
            )
            store.add_consent(view, staff=acting.staff, receipt=receipt)
            journal_store.append(REGISTRY, [entry])
    except IntegrityError as error:
        raise ConsentRefused(Fault.MEANWHILE) from error
    return view.id


def _checked(wish: Wish, acting: Acting, catalogue: Catalogue) -> queries.PartnerView:
    assert acting.staff is not None, "asked before"
    reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
    home = registry.household(wish.household, reach=reach)
    if home is None:
        raise ConsentRefused(Fault.NO_HOUSEHOLD)
    partner = queries.partner_by_id(wish.partner)
    is_held = store.lock_partner(wish.partner)
    if partner is None or not is_held or not partner.is_active(acting.day):
        raise ConsentRefused(Fault.PARTNER_GONE)
    if not lies_in(home.area, partner.area):
        raise ConsentRefused(Fault.PARTNER_AREA)
    about = About.HOUSEHOLD if wish.person is None else About.PERSON
    check_consent(
        about=about,
        fields=wish.fields,
        purpose=wish.purpose,
        until=wish.until,
        today=acting.day,
        partner_fields=partner.fields,
        partner_purposes=partner.purposes,
        partner_until=partner.until_date,
        catalogue=catalogue,
    )
    people = {
        one.id: Somebody(wish.household, lives_there=True, birth_month=one.birth_month)
        for one in queries.living_there(wish.household)
    }
    giver = people.get(wish.given_by)
    subject = giver if wish.person is None else people.get(wish.person)
    if giver is None or subject is None:
        raise ConsentRefused(Fault.NOBODY)
    check_giver(about, subject, giver, today=acting.day)
    return partner


def _receipt(view: queries.ConsentView, entry: Entry, acting: Acting) -> receipts.Receipt:
    return receipts.Receipt(
        kind=receipts.ReceiptKind.CONSENT_GIVEN,
        workspace_id=acting.workspace.bytes,
        content_hash=entry.leaf_hash,
        day=acting.day.toordinal() - _DAY_ZERO,
        serial=f"C-{view.id.hex[:12]}",
        partner=view.partner_name,
        shared_for=view.purpose,
        shared_fields=view.fields,
        shared_until=view.until_date.toordinal() - _DAY_ZERO,
    )
