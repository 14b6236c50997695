"""What the pages about partners and consents show; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """One partner; `revoke_url` is empty for who may not, or where there is nothing to revoke."""

    name: str
    sender_id: str
    purposes: Word
    fields: Word
    consents: int
    asked_today: int
    a_day: int
    until: date
    state: State
    revoke_url: str = ""


@dataclass(frozen=True, slots=True)
class PartnersPage:
    """`office/partners.html`: who may ask, and the id they write to."""

    rows: tuple[PartnerRow, ...]
    our_id: str
    may_propose: bool


@dataclass(frozen=True, slots=True)
class PartnerNewPage:
    """`office/partner_new.html`: the form of an agreement; posts to office:partner_new."""

    fields: tuple[ChangeField, ...]
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One consent; `end_url` is empty where it has ended, `about` is a name or the household."""

    partner_name: str
    about: Word
    purpose: Word
    fields: Word
    given_on: date
    until: date
    state: State
    receipt_url: str
    end_url: str = ""


@dataclass(frozen=True, slots=True)
class ConsentsPage:
    """
    `office/consents.html`: what a household's people agreed to, and the form of a new consent.

    Holds: without `has_partners` nobody could be named in the form, and it is not shown.
    """

    household_id: UUID
    action: str
    rows: tuple[ConsentRow, ...]
    fields: tuple[ChangeField, ...]
    errors: tuple[FieldError, ...] = ()

    @property
    def has_partners(self) -> bool:
        """Return whether there is a partner to consent to."""
        return any(field.name == "partner" and field.choices for field in self.fields)
